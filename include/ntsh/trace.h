/* The way to a host, router by router: probes whose TTL ends at each hop, all in flight at once.
 *
 * The flow is held (Paris traceroute, Augustin et al. 2006): what balancers hash - addresses, protocol, ports, the ICMP identifier and
 * checksum - is the same in all probes of a flow. Several flows find the members of equal-cost groups (MDA, Augustin et al.
 * 2007). Round trips are the kernel's stamps where it gives them. */
#ifndef NTSH_TRACE_H
#define NTSH_TRACE_H

#include "ntsh/icmp.h"
#include "ntsh/loop.h"

enum trace_method { TRACE_UDP, TRACE_ICMP, TRACE_TCP, TRACE_UDPLITE };

enum {
	TRACE_HOPS_MAX = 255,
	TRACE_CELLS_MAX = 64,   /* queries of a hop, or flows */
	TRACE_ROUTERS_MAX = 16, /* kept of one hop */
	TRACE_PORT_DEFAULT = 33434,
};

struct trace_request {
	struct addr target;
	enum trace_method method;
	uint16_t port;         /* destination port (UDP, UDP-Lite, TCP); 0: 33434, TCP 443 */
	unsigned first, max;   /* TTLs, 1..255 */
	unsigned queries;      /* of each hop, 1..TRACE_CELLS_MAX */
	unsigned flows;        /* 0: one flow; else find all members, with at most so many flows */
	ns_t wait;             /* a probe is given up after this; 0: from the round trips seen */
	bool once;             /* silent hops are not asked again */
	const char *interface; /* or NULL */
};

/* How an answer ended the way of a probe. */
enum trace_kind {
	TRACE_EXPIRED,     /* time exceeded at a router */
	TRACE_REACHED,     /* the target itself answered */
	TRACE_UNREACHABLE, /* an ICMP error of somebody else: icmp_type, icmp_code */
	TRACE_TOO_BIG,     /* mtu */
	TRACE_REFUSED,     /* this machine did not send it: errnum */
};

/* What the quoted packet shows about the way there. Known only with CAP_NET_RAW. */
struct trace_quote {
	bool known;
	bool source_changed, destination_changed, port_changed,
	    class_changed;               /* address translation, rewriting */
	struct addr source, destination; /* as quoted, with ports where the protocol has them */
	uint8_t hops;                    /* TTL left when the error was made: 0 or 1 */
	uint8_t traffic_class;
};

/* One machine that answers at a hop. */
struct trace_router {
	struct addr addr;
	uint64_t flows; /* set of flows (bit 0: the first) that it answered */
	unsigned answers;
	enum trace_kind kind;         /* of the latest answer */
	int reply_hops;               /* TTL on which the latest answer arrived, -1 unknown */
	uint8_t icmp_type, icmp_code; /* 0, 0 for answers that are no ICMP error */
	uint32_t mtu;
	int errnum;
	bool tcp_reset; /* TCP: the port is closed */
	struct trace_quote quote;
	struct icmp_extensions extensions;
};

struct trace_hop {
	unsigned hops;     /* its TTL */
	unsigned sent;     /* probes, repeated ones included */
	unsigned asked;    /* cells: queries, or flows */
	unsigned answered; /* of asked */
	unsigned
	    heard; /* cells up to the last that was answered: what is silent behind it may be a limit, and tells nothing of loss */
	size_t router_count;
	struct trace_router routers[TRACE_ROUTERS_MAX]; /* in order of appearance */
	ns_t rtts[TRACE_CELLS_MAX];                     /* of each cell; NS_NONE: silent */
	int8_t members[TRACE_CELLS_MAX];                /* index of the router that answered each cell, -1 */
	bool complete;                                  /* several flows: all members are found with 95 % */
};

enum trace_end {
	TRACE_END_REACHED,
	TRACE_END_UNREACHABLE, /* somebody said so */
	TRACE_END_LOOP,
	TRACE_END_SILENT,  /* nothing answers behind the last hop */
	TRACE_END_REFUSED, /* this machine sent nothing */
	TRACE_END_CUT,     /* stopped, or max hops */
};

struct trace_report {
	enum trace_method method;
	struct addr target, source;        /* with ports of the first flow */
	bool raw;                          /* by raw sockets: quotations are known */
	bool several_flows; /* members were looked for */
	bool flow_held; /* false: each probe has a source port of its own */
	bool kernel_stamped, user_stamped; /* some round trips were measured so */
	enum trace_end end;
	unsigned end_hops;    /* TTL at which it ends (REACHED, UNREACHABLE, LOOP: where it begins), 0 */
	unsigned loop_length; /* hops of the circle */
	size_t hop_count;     /* rows that matter: up to the end, or the last that answered */
	const struct trace_hop *hops; /* from request.first */
	ns_t took;
};

struct trace_events {
	/* An address is seen for the first time; NULL when that does not matter. */
	void (*seen)(const struct addr *addr, void *arg);
	/* All is known. The trace may be freed in here. */
	void (*end)(void *arg);
};

struct trace;

/* events must outlive the trace. Returns NULL with err when the method is not possible here (TCP and UDP work for every user). */
struct trace *trace_start(struct loop *loop, const struct trace_request *request,
			  const struct trace_events *events, void *arg, struct error *err);
/* What is known so far. Lives as long as the trace, until its next event. */
const struct trace_report *trace_report(struct trace *trace);
void trace_free(struct trace *trace); /* NULL is ignored */

/* "UDP", "ICMP", "TCP", "UDP-Lite". */
const char *trace_method_name(enum trace_method method);
/* "reached", "unreachable", "loop", "silent", "refused", "cut". */
const char *trace_end_name(enum trace_end end);

/* --- what it means: pure --- */

enum trace_finding_kind {
	TRACE_FOUND_END, /* where and how the way ends */
	TRACE_FOUND_LOOP,
	TRACE_FOUND_LOSS,        /* begins at hop, and persists */
	TRACE_FOUND_LIMIT,       /* a hop limits its ICMP: not a fault */
	TRACE_FOUND_SILENT_HOPS, /* hops that never answer while others behind them do: not a fault */
	TRACE_FOUND_DELAY,       /* most of the round trip is added here */
	TRACE_FOUND_QUEUE, /* packets wait: the round trips vary from here on */
	TRACE_FOUND_ASYMMETRY,   /* the way back is longer or shorter than the way there */
	TRACE_FOUND_REWRITING,   /* address translation or rewriting before this hop */
	TRACE_FOUND_MPLS,
	TRACE_FOUND_MEMBERS, /* equal-cost members at a hop */
	TRACE_FOUND_PROXY,   /* somebody in front of the target answers in its name */
	TRACE_FOUND_BAD_PATH, /* one of several equal members passes nothing on */
};

enum { TRACE_FINDINGS_MAX = 24, TRACE_TEXT_MAX = 320 };

struct trace_finding {
	enum trace_finding_kind kind;
	bool fault;                /* else a remark */
	unsigned hops;             /* TTL where it begins; 0: the whole way */
	struct addr router;        /* who, or AF_UNSPEC */
	char says[TRACE_TEXT_MAX]; /* one sentence without full stop */
};

/* Fills at most max findings, the end of the way first, faults before remarks. Returns how many. other (may be NULL): a trace to
 * the same target by another method, which shows a proxy. */
size_t trace_judge(const struct trace_report *report, const struct trace_report *other,
		   struct trace_finding *out, size_t max);
/* "end", "loop", "loss", "icmp-limit", "silent-hops", "delay", "queue", "asymmetry", "rewriting", "mpls", "members", "proxy", "bad-path". */
const char *trace_finding_name(enum trace_finding_kind kind);

/* Hops of the way back from the TTL on which an answer arrived: senders begin at 64, 128 or 255 (32 is extinct). -1 when unknown. */
int trace_hops_back(int reply_hops);

#endif
