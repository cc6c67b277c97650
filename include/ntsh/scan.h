/* The port scanner: SYN probes by raw socket, TCP handshakes, or UDP datagrams; a burst first, then passes to the silent only, until
 * the round trips seen say that nothing more can come. */
#ifndef NTSH_SCAN_H
#define NTSH_SCAN_H

#include "ntsh/banner.h"
#include "ntsh/targets.h"

enum scan_method {
	SCAN_AUTO,    /* SYN where raw sockets are allowed, else connect */
	SCAN_SYN,     /* half-open (cap_net_raw); the kernel answers the SYN-ACK with the RST that ends it */
	SCAN_CONNECT, /* whole handshakes, without privileges */
	SCAN_UDP,     /* datagrams with what the usual service of the port answers to, without privileges */
};

enum scan_state { SCAN_OPEN, SCAN_CLOSED, SCAN_FILTERED, SCAN_OPEN_FILTERED, SCAN_UNSENT };

enum scan_reason {
	SCAN_NO_RESPONSE,
	SCAN_SYN_ACK,
	SCAN_RESET,
	SCAN_UDP_REPLY,
	SCAN_ICMP,      /* icmp_type, icmp_code, from */
	SCAN_NOT_SENT,  /* this host refused: errnum */
	SCAN_NOT_ASKED, /* the scan ended before its turn came */
};

/* How a probe ended. Many probes share one. */
struct scan_outcome {
	enum scan_state state;
	enum scan_reason reason;
	uint8_t icmp_type, icmp_code; /* the family's numbers */
	int errnum;
	struct addr from; /* who sent the ICMP error; AF_UNSPEC: the target itself, or nobody */
};

enum { SCAN_OPTIONS_MAX = 16 };

/* What the first SYN-ACK of a host tells of its system. */
struct scan_finger {
	int ttl; /* on arrival, -1 unknown */
	uint16_t window;
	uint16_t mss; /* 0: none */
	char options
	    [SCAN_OPTIONS_MAX]; /* their order: M(SS) S(ACK) T(imestamps) N(OP) W(indow scale), ? others */
};

#define SCAN_PROBES_MAX ((uint64_t)1 << 26)
#define SCAN_RATE_DEFAULT 2000.0 /* about 1 Mbit/s of SYNs */

struct scan_request {
	const struct targets *targets; /* outlives the scan */
	const struct port_set *ports;
	enum scan_method method;
	double rate;           /* probes a second; 0: as fast as it goes */
	const char *interface; /* or NULL */
};

struct scan_progress {
	unsigned pass;       /* from 1 */
	uint64_t done, todo; /* probes of this pass */
	double rate;         /* in use; 0: unlimited */
	ns_t remaining;      /* NS_NONE unknown */
};

struct scan_events {
	void (*progress)(const struct scan_progress *progress,
			 void *arg); /* at most ten times a second; may be NULL */
	void (*end)(void *arg);
};

struct scan_totals {
	enum scan_method method;       /* in use */
	uint64_t hosts, ports, probes; /* probes: hosts * ports */
	uint64_t sent, recovered;      /* recovered: answered only when asked again */
	uint64_t states[SCAN_UNSENT + 1];
	uint64_t hosts_answered; /* said anything themselves */
	unsigned passes;
	ns_t took, rtt, rtt_max; /* rtt: smoothed; NS_NONE when nothing answered */
	double rate_limit;       /* at the end; 0: none */
	bool slowed;             /* the pace was lowered because answers got lost */
	bool icmp_limited;       /* UDP: the ICMP errors that tell closed ports come at a limited rate */
};

struct scan;

/* events must outlive the scan. Returns NULL with err set: SCAN_PROBES_MAX exceeded, not permitted, no route. end is never called from
 * inside the start. */
struct scan *scan_start(struct loop *loop, const struct scan_request *request,
			const struct scan_events *events, void *arg, struct error *err);
void scan_free(struct scan *scan); /* NULL is ignored */

/* To be called before the results are read when the scan did not come to its end (interrupted). */
void scan_settle(struct scan *scan);

void scan_totals_get(const struct scan *scan, struct scan_totals *out);

/* The port of this index, from 0 in ascending order. */
uint16_t scan_port(const struct scan *scan, uint32_t index);

/* What is known of a probe: host is a number of the targets. Valid as long as the scan. */
const struct scan_outcome *scan_outcome_get(const struct scan *scan, uint64_t host, uint32_t port_index);

/* True when the host itself answered anything; when anything is known about it at all (ICMP errors of others, too). */
bool scan_host_answered(const struct scan *scan, uint64_t host);
bool scan_host_heard(const struct scan *scan, uint64_t host);

/* The host's first SYN-ACK; NULL when there was none, or with a method that does not see it. */
const struct scan_finger *scan_finger_get(const struct scan *scan, uint64_t host);

/* --- keeping a scan --- */

/* Writes what is known so far to path (whole or not at all). Returns 0, or -1 with err. */
int scan_save(const struct scan *scan, const char *path, struct error *err);

/* Takes up what was saved, before the loop runs. Returns 1, 0 when there is no such file, -1 with err (unreadable, or of another scan). */
int scan_resume(struct scan *scan, const char *path, struct error *err);

/* The ports of a host that ended alike. */
struct scan_group {
	const struct scan_outcome *outcome;
	uint32_t count;
	char *ports; /* "22,80,8000-8100" */
};

/* The host's groups, by state: open, closed, filtered ...; what is beyond SCAN_GROUPS_MAX is added to the last one. Returns how many; scan_groups_free gives their memory back. */
enum { SCAN_GROUPS_MAX = 24 };
size_t scan_groups_get(const struct scan *scan, uint64_t host, struct scan_group groups[SCAN_GROUPS_MAX]);
void scan_groups_free(struct scan_group *groups, size_t count);

/* What the open TCP ports say (ntsh/banner.h), by host, then by port; hosts that answer nearly every port are left out. At most
 * SCAN_BANNERS_MAX. Runs the loop; the array is the caller's (free). */
enum { SCAN_BANNERS_MAX = 5000 };
struct banner *scan_banners(struct scan *scan, size_t *count);

/* True when a host's groups say that nearly every port is open: a proxy, a firewall or a trap answers, not services. */
bool scan_answers_every_port(const struct scan_group *groups, size_t count);

/* --- words: pure --- */

/* Reads "500", "10k" or "max" (0): probes a second. Returns 0, or -1 with err (STATUS_USAGE). */
int scan_rate_read(const char *text, double *out, struct error *err);

const char *scan_method_name(enum scan_method method); /* "SYN", "connect", "UDP" */
const char *
scan_state_name(enum scan_state state); /* "open", "closed", "filtered", "open|filtered", "not sent" */

/* "syn-ack", "reset", "no response", "udp reply", "icmp 3/13", an errno's name. Returns buf. */
enum { SCAN_REASON_MAX = 48 };
char *scan_reason_text(const struct scan_outcome *outcome, char buf[SCAN_REASON_MAX]);

/* A guess at the system behind a SYN-ACK ("Linux", "Windows"), with how it was guessed; NULL when nothing fits. Static text. */
const char *scan_guess(const struct scan_finger *finger);

/* Hops away, from the TTL on arrival and the initial value it must have had; -1 unknown. */
int scan_hops(int ttl);

#endif
