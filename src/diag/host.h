/* All that a diagnosis of this machine has measured, as plain facts: host_measure.c and host_probe.c fill them, rules_host*.c read them. */
#ifndef DIAG_HOST_H
#define DIAG_HOST_H

#include "diag/evidence.h"

#include "ntsh/conntrack.h"
#include "ntsh/diagnose_host.h"
#include "ntsh/dns.h"
#include "ntsh/iface.h"
#include "ntsh/losses.h"

enum {
	HOST_LINKS_MAX = 64,
	HOST_GATEWAYS_MAX = 8,
	HOST_RESOLVERS_MAX = 3,
	HOST_LEAKS_MAX = 4,
	HOST_LISTENERS_MAX = 8,
	HOST_LOSSES_MAX = 32,
	HOST_TWINS_MAX = 4,
	HOST_DESTINATIONS_MAX = 4,
};

struct host_link {
	char name[IFACE_NAME_MAX], kind[IFACE_WORD_MAX];
	int index;
	bool addressed, global; /* has an address; one that is not link-local */
	bool up, running;
	enum iface_health health; /* in the interval */
	char says[IFACE_DETAIL_MAX];
	uint64_t errors;          /* in the interval */
	unsigned carrier_changes; /* in the interval */
	uint32_t mtu;
	bool fails_old; /* errors since boot that are remarkable; in old */
	char old[IFACE_DETAIL_MAX];
};

/* A default route of the main table, or one hop of it. */
struct host_gateway {
	sa_family_t family;
	struct addr addr; /* AF_UNSPEC: the link itself */
	int index;
	char interface[IFACE_NAME_MAX];
	uint32_t metric, mtu;
	unsigned route, hops;            /* which route it belongs to, and how many hops that one has */
	enum fact neighbour;             /* it answers ARP or neighbour discovery */
	unsigned sent, answered;         /* small echo requests */
	unsigned big_sent, big_answered; /* of the link's MTU */
	uint32_t big_bytes;
	int errnum;     /* this machine refused to send, 0 no */
	ns_t rtt;       /* least; NS_NONE */
	uint8_t owners; /* machines that answered for its address by ARP, 0: not asked, or nobody */
};

/* What the kernel would do with a packet to somewhere far away, all tables and rules considered. */
struct host_way {
	bool addressed; /* a running link has a global address of the family */
	enum fact out;  /* there is a way */
	char refusal[160];
};

struct host_resolver {
	struct addr addr;
	bool asked;
	enum dns_outcome outcome;
	int errnum;
	ns_t rtt;
	char error[160];
};

/* An address of ours that another machine has, too. */
struct host_twin {
	struct addr addr;
	char interface[IFACE_NAME_MAX];
	bool mac_known;
	uint8_t mac[6];
};

struct host_leak {
	uint32_t pid; /* 0: not seen */
	char command[16];
	uint64_t count; /* sockets in CLOSE-WAIT that were there at both looks */
};

struct host_listener {
	struct addr local;
	uint32_t waiting, limit;
	uint32_t pid; /* 0: not seen */
	char command[16];
};

struct host_destination {
	struct addr local, peer;
	uint64_t ports, time_wait;
};

struct host_loss {
	struct loss_counter counter;
	uint64_t delta;
};

struct host_sockets {
	bool known;
	uint64_t established, syn_recv, close_wait, time_wait;
	unsigned leak_count, listener_count, destination_count;
	struct host_leak leaks[HOST_LEAKS_MAX]; /* the most first */
	struct host_listener
	    listeners[HOST_LISTENERS_MAX]; /* whose accept queue is full, at the later look */
	struct host_destination destinations[HOST_DESTINATIONS_MAX];
	uint64_t ports;  /* that there are for any one destination, 0 unknown */
	unsigned hidden; /* processes that this user may not look into */
};

struct host_machine {
	enum fact pressure_known;
	double cpu_some; /* per cent of the interval that some task waited for a CPU */
	ns_t lateness_p50, lateness_p95;
	unsigned lateness_samples;
	uint64_t time_squeeze, backlog_drops;                 /* in the interval */
	int64_t tcp_pages, tcp_pages_pressure, tcp_pages_max; /* -1 unknown */
	enum fact clock_synchronised;
};

/* How far counters of /proc/net/snmp and netstat moved. */
struct host_moves {
	bool known;
	uint64_t rp_filter, listen_overflows, listen_drops, cookies_sent, request_drops, request_cookies,
	    pruned, collapsed, memory_pressures, abort_on_memory, ofo_drops;
	/* Since boot, before the interval. */
	uint64_t old_listen_overflows, old_abort_on_memory, old_rp_filter, old_cookies, old_udp_full;
};

struct host_facts {
	ns_t interval;
	bool interrupted;
	unsigned link_count;
	bool loopback_down;
	struct host_link links[HOST_LINKS_MAX]; /* without the loopback */
	unsigned gateway_count;
	struct host_gateway gateways[HOST_GATEWAYS_MAX];
	enum fact routes_known;
	struct host_way way4, way6;
	bool arp_asked;
	unsigned twin_count;
	struct host_twin twins[HOST_TWINS_MAX];
	bool resolver_missing; /* no name server in resolv.conf: programs ask 127.0.0.1 */
	unsigned resolver_count;
	struct host_resolver resolvers[HOST_RESOLVERS_MAX];
	struct conntrack tracking_before, tracking;
	uint64_t received, sent; /* packets in the interval */
	unsigned loss_count;
	struct host_loss losses[HOST_LOSSES_MAX]; /* those that moved, the most first; hints left out */
	uint64_t old_losses;                      /* since boot, wanted ones left out */
	unsigned silent_rules;
	char silent_where[128];
	bool rules_hidden;
	uint64_t vanished_in,
	    vanished_out; /* at least so many packets the firewall took in the interval (losses.h) */
	struct host_moves moves;
	struct host_sockets sockets;
	struct host_machine machine;
};

struct host_flow;

/* --- host_probe.c: what is sent --- */
struct host_probes;
/* All of them are done, or given up, within time. */
struct host_probes *host_probes_start(struct loop *loop, struct host_facts *facts, ns_t time);
void host_probes_end(struct host_probes *probes, struct host_facts *facts);
/* ARP for our own addresses and the gateways; runs the loop. */
void host_ask_arp(struct loop *loop, struct host_facts *facts, const struct ifaces *ifaces);

/* --- host_sockets.c --- */
struct host_census;
struct host_census *host_census_take(void);
void host_census_compare(struct host_census *before, struct host_facts *facts);

/* --- host_remarks.c: what is no fault now, and worth knowing. Pure. --- */
void host_remarks(const struct host_facts *facts, struct host_diagnosis *out);

/* --- the judgement: pure --- */
void host_judge(const struct host_facts *facts, struct host_diagnosis *out);

#endif
