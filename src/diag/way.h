/* The facts of diagnose route: what the tables say, and how probes fared, for each address of the host. */
#ifndef DIAG_WAY_H
#define DIAG_WAY_H

#include "diag/rules.h"

#include "ntsh/ping.h"
#include "ntsh/route_explain.h"
#include "ntsh/trace.h"

/* A series of probes of one kind. */
struct way_series {
	unsigned sent, answered, refused; /* refused by this machine */
	int errnum;                       /* of the last refusal */
	unsigned errors;                  /* ICMP errors */
	uint8_t icmp_type, icmp_code;     /* of the last one */
	struct addr icmp_from;
	uint32_t icmp_mtu;
	bool too_big; /* among them: packet too big */
	ns_t least;   /* round trip, NS_NONE */
};

enum { WAY_PATHS_MAX = 2 };

struct way_path {
	struct addr addr;
	struct route_explanation explained;
	struct link_info link;
	bool link_known;
	uint16_t neighbour; /* NUD_* of the next hop, after probing; 0: none */
	struct addr next_hop;
	bool on_link;
	struct way_series icmp, tcp, large, elsewhere; /* large: packets of the interface's MTU */
	size_t large_bytes;                            /* whole packet */
	char elsewhere_by
	    [IFACE_NAME_MAX]; /* another route that covers it leaves by this interface; "": none */
	char elsewhere_route[ROUTE_WORDS_MAX];
	bool equal_default, standby; /* and it has the same prefix, with the same metric or a higher one */
	const struct trace_report *udp, *flows; /* NULL: not made */
	struct trace_finding findings[TRACE_FINDINGS_MAX];
	size_t finding_count;
	uint64_t rp_drops; /* IPReversePathFilter grew by so much */
};

struct way_facts {
	const char *host;
	struct way_path paths[WAY_PATHS_MAX];
	unsigned path_count;
	bool interrupted;
};

/* The host itself answered on this path, by whatever kind of probe. */
bool way_answers(const struct way_path *path);

/* The next hop is known not to answer ARP or neighbour discovery. */
bool way_hop_is_dead(const struct way_path *path);

/* The path that matters: the first that answers, else the first. */
const struct way_path *way_main(const struct way_facts *facts);

extern const struct rule rules_way[], rules_way_path[];

#endif
