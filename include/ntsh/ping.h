/* The ping engine: ICMP echo by ping socket, raw socket, or TCP handshakes, with kernel timestamps. */
#ifndef NTSH_PING_H
#define NTSH_PING_H

#include "ntsh/addr.h"
#include "ntsh/loop.h"

enum ping_method { PING_AUTO, PING_ICMP_SOCKET, PING_ICMP_RAW, PING_TCP, PING_UDP };

struct ping_request {
	struct addr target;
	enum ping_method method; /* PING_AUTO: ping socket, then raw, then TCP if neither answers or is allowed */
	uint16_t tcp_port;       /* for TCP; 0: 443, then 80. For UDP, which needs one */
	uint64_t count;          /* 0: until stopped */
	ns_t interval;           /* between sends */
	ns_t duration;           /* ends then, whatever is in flight; 0: not by time */
	ns_t timeout;            /* a probe is lost after this; 0: from the round trips seen, 1 s at first */
	size_t size;             /* payload bytes, 0..65000 */
	const char *interface;   /* SO_BINDTODEVICE, or NULL */
	int hops;                /* TTL / hop limit of ICMP probes; 0: the system's */
	int traffic_class;       /* TOS byte of ICMP probes */
	bool dont_fragment;      /* DF: a packet that is too large is refused, here or by a router that says so */
	uint32_t mark;           /* SO_MARK of ICMP probes, 0: none; needs CAP_NET_ADMIN */
	const uint8_t *pattern;  /* fills the payload, again and again; NULL: 0, 1, 2 ... Must outlive the call of ping_start */
	size_t pattern_length;
	bool adaptive;           /* the next probe leaves as soon as the last is answered, but not within least_gap; after interval at the latest */
	ns_t least_gap;
};

enum ping_outcome {
	PING_REPLY,      /* echo reply, SYN-ACK, or RST (the host lives) */
	PING_LOST,       /* nothing within the time-out */
	PING_LATE,       /* a reply after it was given up (rtt is set; it was reported lost before) */
	PING_DUPLICATE,
	PING_UNREACHABLE,/* an ICMP error: icmp_type, icmp_code, from = who sent it. May follow PING_LOST of the same probe */
	PING_SEND_FAILED,/* this host refused: errnum */
};

struct ping_probe {
	uint64_t seq;           /* from 1 */
	enum ping_outcome outcome;
	ns_t sent_real;         /* kernel stamp where there is one */
	ns_t rtt;               /* NS_NONE when there is none */
	bool kernel_stamped;    /* both ends of rtt are kernel stamps */
	struct addr from;
	int ttl;                /* of the reply, -1 unknown */
	size_t bytes;           /* of the reply's payload */
	uint8_t icmp_type, icmp_code; /* PING_UNREACHABLE (ICMPv6 numbers for IPv6) */
	uint32_t icmp_mtu;      /* of a too-big message, else 0 */
	int errnum;
};

struct ping_events {
	void (*probe)(const struct ping_probe *probe, void *arg);
	/* The method in use is now this one, because (a sentence without its full stop). Once before the first probe; again when nothing
	 * answered ICMP but TCP does: what was in flight is forgotten then, and count probes are sent by TCP. */
	void (*method)(enum ping_method method, const char *because, void *arg);
	/* All probes are accounted for. The ping may be freed in here. */
	void (*end)(void *arg);
};

struct ping;

/* events must outlive the ping. Returns NULL with err set when no method is possible. */
struct ping *ping_start(struct loop *loop, const struct ping_request *request,
                        const struct ping_events *events, void *arg, struct error *err);

/* Sends nothing more; probes in flight are still awaited, then end is called. */
void ping_stop(struct ping *ping);
/* Not inside probe() or method(). NULL is ignored. */
void ping_free(struct ping *ping);

/* The TCP port in use, 0 with ICMP. */
uint16_t ping_port(const struct ping *ping);

/* "reply", "lost", "late", "duplicate", "unreachable", "refused". */
const char *ping_outcome_name(enum ping_outcome outcome);

/* What happened to the probe in words; NULL when it was answered in time. Valid until the next call. */
const char *ping_probe_describe(const struct ping_probe *probe);

/* "ping socket", "raw socket", "TCP"; NULL for PING_AUTO. */
const char *ping_method_name(enum ping_method method);

/* "destination port unreachable" and the like, for the family's ICMP numbers. Static text. */
const char *icmp_describe(int family, uint8_t type, uint8_t code);

/* --- statistics over round trips: pure, used by whoever collects samples --- */

struct rtt_stats {
	uint64_t count;
	ns_t min, max, mean, p50, p90, p95, p99, stddev;
	ns_t jitter; /* mean |difference| of consecutive samples (RFC 3550 in spirit, not smoothed) */
};

/* samples in the order of sending; count 0 gives NS_NONE everywhere. samples is not changed. */
void rtt_stats_compute(struct rtt_stats *stats, const ns_t *samples, size_t count);

#endif
