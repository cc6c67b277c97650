/* Network interfaces of this namespace: links, addresses, statistics, queueing disciplines, and what ethtool knows.
 *
 * Rests on rtnetlink(7) (RTM_GETLINK, RTM_GETADDR, RTM_GETQDISC), on ethtool netlink (kernel Documentation/networking/
 * ethtool-netlink.rst), SIOCETHTOOL where there is no netlink message, and sysfs (Documentation/ABI/testing/sysfs-class-net*).
 * What the kernel or driver does not have is absent, never zero: each part says whether it is known. */
#ifndef NTSH_IFACE_H
#define NTSH_IFACE_H

#include "ntsh/addr.h"
#include "ntsh/clock.h"
#include "ntsh/error.h"
#include "ntsh/route.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- counters: struct rtnl_link_stats64, in its order --- */

enum iface_counter {
	IFACE_RX_PACKETS,
	IFACE_TX_PACKETS,
	IFACE_RX_BYTES,
	IFACE_TX_BYTES,
	IFACE_RX_ERRORS,
	IFACE_TX_ERRORS,
	IFACE_RX_DROPPED,
	IFACE_TX_DROPPED,
	IFACE_MULTICAST,
	IFACE_COLLISIONS,
	IFACE_RX_LENGTH_ERRORS,
	IFACE_RX_OVER_ERRORS,
	IFACE_RX_CRC_ERRORS,
	IFACE_RX_FRAME_ERRORS,
	IFACE_RX_FIFO_ERRORS,
	IFACE_RX_MISSED_ERRORS,
	IFACE_TX_ABORTED_ERRORS,
	IFACE_TX_CARRIER_ERRORS,
	IFACE_TX_FIFO_ERRORS,
	IFACE_TX_HEARTBEAT_ERRORS,
	IFACE_TX_WINDOW_ERRORS,
	IFACE_RX_COMPRESSED,
	IFACE_TX_COMPRESSED,
	IFACE_RX_NOHANDLER,
	IFACE_RX_OTHERHOST_DROPPED,
	IFACE_COUNTERS
};

/* traffic: normal; error: damaged or refused by hardware; drop: no room, or nobody wanted it; detail: one kind of those that
 * the totals count already. */
enum iface_counter_class { COUNTER_TRAFFIC, COUNTER_ERROR, COUNTER_DROP, COUNTER_DETAIL };
struct iface_counter_info {
	const char *name; /* "rx_crc_errors" */
	enum iface_counter_class class_;
	const char *means; /* what it counts, and what that points to */
};
extern const struct iface_counter_info iface_counters[IFACE_COUNTERS];

/* --- interfaces --- */

enum { IFACE_MAC_MAX = 20, IFACE_WORD_MAX = 24, IFACE_DETAIL_MAX = 160, IFACE_NS_MAX = 64 };

struct iface {
	int index;
	char name[IFACE_NAME_MAX];
	char kind[IFACE_WORD_MAX];       /* physical, loopback, bridge, veth, bond, vlan, tun, tap, vxlan, ifb ... virtual */
	char slave_kind[IFACE_WORD_MAX]; /* as a member of `master`: "bridge", "bond"; "" */
	char driver[IFACE_WORD_MAX];     /* bus of a physical one by netlink ("virtio"), "" unknown */
	char device[32];                 /* "0000:00:03.0", "virtio0"; "" none */
	char qdisc[IFACE_WORD_MAX];
	char alias[64];
	uint8_t mac[IFACE_MAC_MAX];
	uint8_t mac_length; /* 0: none */
	uint16_t type;      /* ARPHRD_* */
	uint32_t flags;     /* IFF_* */
	uint8_t operstate;  /* IF_OPER_* (RFC 2863) */
	bool carrier;
	uint32_t mtu, mtu_min, mtu_max; /* the last two 0: unknown */
	uint32_t tx_queue_length, rx_queues, tx_queues;
	uint32_t carrier_changes, carrier_up, carrier_down;
	uint32_t promiscuous;
	int master;       /* ifindex, 0 none */
	int link;         /* below it (vlan), or the other end (veth), 0 none */
	int link_nsid;    /* namespace of `link`, -1: this one */
	char peer_name[IFACE_NAME_MAX], peer_ns[IFACE_NS_MAX]; /* by ifaces_find_peers: "eth0" in "blue" or "pid 12 (nginx)" */
	uint32_t link_id; /* VLAN id, VNI */
	bool has_link_id;
	uint8_t bond_mode;
	bool stp;
	struct addr remote;     /* vxlan, tunnels; AF_UNSPEC none */
	bool xdp;               /* a program looks at packets before the stack */
	uint64_t counters[IFACE_COUNTERS];
	unsigned counter_count; /* how many of them this kernel has */
};

struct iface_address {
	int index;        /* of its interface */
	struct addr addr; /* the interface's own */
	struct addr peer; /* other end of a point-to-point address; AF_UNSPEC */
	uint8_t prefix_length, scope;
	uint32_t flags;            /* IFA_F_* */
	uint32_t valid, preferred; /* seconds; UINT32_MAX: for ever */
};

/* A reading of all interfaces. Free with ifaces_free. */
struct ifaces {
	struct iface *items;
	size_t count;
	struct iface_address *addresses;
	size_t address_count;
	ns_t at; /* CLOCK_MONOTONIC */
};
int ifaces_read(struct ifaces *out, struct error *err);
void ifaces_free(struct ifaces *ifaces);
const struct iface *iface_find(const struct ifaces *ifaces, const char *name);
const struct iface *iface_by_index(const struct ifaces *ifaces, int index);

/* "up", "down" (switched off), "no carrier", "dormant", "lower down". */
const char *iface_state(const struct iface *iface);
bool iface_is_up(const struct iface *iface);      /* switched on */
bool iface_is_running(const struct iface *iface); /* and able to carry packets */

/* Finds the other ends of veths and the like: fills peer_name and peer_ns. Costs a look into /run/netns and /proc when they are in
 * other namespaces; their names cost CAP_NET_ADMIN there, and stay "" without. */
void ifaces_find_peers(struct ifaces *ifaces);

/* What it is in words: "other end eth0 in namespace blue", "100 on eth0", "members veth1, veth2"; "" when its kind says it
 * all. Returns buf. */
char *iface_describe(const struct ifaces *ifaces, const struct iface *iface, char buf[IFACE_DETAIL_MAX]);

/* "10.0.0.2/24", "10.0.0.1 peer 10.0.0.2/32". Returns buf. */
char *iface_address_text(const struct iface_address *address, char buf[2 * ADDR_TEXT_MAX]);

/* "global", "link", "host". */
const char *iface_address_scope(const struct iface_address *address);

/* What is unusual about an address: "tentative", "duplicate" (duplicate address detection failed, RFC 4862 5.4), "deprecated"; NULL. */
const char *iface_address_fault(const struct iface_address *address);

/* "02:fc:00:00:00:01", also longer ones; "" for none. buf takes 3 * IFACE_MAC_MAX bytes. */
char *iface_mac(const uint8_t *mac, size_t length, char buf[3 * IFACE_MAC_MAX]);

/* --- health --- */

enum iface_health { IFACE_GOOD, IFACE_OFF, IFACE_WARN, IFACE_BAD };

/* What is wrong with it, as one sentence in says (its name is not in it): no carrier and why, errors in the interval, half
 * duplex, a speed below what both ends could do. before: an earlier reading of the same interface, NULL: since boot only, which
 * is judged by shares of all packets. ethtool may be NULL. Pure. */
struct iface_ethtool;
enum iface_health iface_judge(const struct ifaces *ifaces, const struct iface *before, const struct iface *now,
                              const struct iface_ethtool *ethtool, char says[IFACE_DETAIL_MAX]);

/* Counter of now, less that of before when it is the same interface (NULL: 0). */
uint64_t iface_delta(const struct iface *before, const struct iface *now, enum iface_counter counter);

/* --- ethtool --- */

enum { IFACE_FEATURES_MAX = 96, IFACE_MODES_MAX = 128, IFACE_STATS_MAX = 4096 };

struct iface_feature {
	char name[40];
	bool on, fixed;
};
struct iface_stat {
	char name[33];
	uint64_t value;
};

/* Absent numbers are -1, absent texts "". */
struct iface_ethtool {
	char driver[32], driver_version[32], firmware[32], bus[32];
	int64_t speed_mbps, lanes;
	int8_t duplex;          /* 0 half, 1 full, -1 unknown */
	int8_t autonegotiation; /* 0 off, 1 on, -1 unknown */
	int64_t max_speed_mbps; /* of the modes that it supports */
	int64_t peer_max_speed_mbps; /* of what the other end offers */
	char no_link[64];       /* why there is no link, the driver's word */
	int64_t rx_ring, rx_ring_max, tx_ring, tx_ring_max;
	int64_t rx_channels, tx_channels, combined_channels, rx_channels_max, tx_channels_max, combined_channels_max;
	int64_t rx_usecs, rx_frames, tx_usecs, tx_frames, adaptive_rx, adaptive_tx;
	size_t feature_count;
	struct iface_feature features[IFACE_FEATURES_MAX];
	size_t stat_count;
	struct iface_stat *stats; /* ethtool -S */
};

/* Fills what this kernel, driver and user allow; everything may be absent. Free with iface_ethtool_free. */
void iface_ethtool_read(const struct iface *iface, struct iface_ethtool *out);
void iface_ethtool_free(struct iface_ethtool *ethtool);
const struct iface_feature *iface_feature(const struct iface_ethtool *ethtool, const char *name);

/* A statistic of ethtool -S that counts lost packets or damage, by its name. */
bool iface_stat_is_loss(const char *name);

/* --- queues --- */

enum { IFACE_QUEUES_MAX = 256 };

struct iface_queue {
	bool tx;
	unsigned number;
	char cpus[64];      /* RPS (rx) or XPS (tx) mask, "" none set */
	int64_t flow_count; /* RFS table entries of an rx queue, -1 unknown */
	int64_t timeouts;   /* of a tx queue, -1 unknown */
	int64_t packets;    /* from ethtool -S, -1 unknown */
};

/* Fills at most max of the interface's queues from sysfs, returns how many. 0 when /sys cannot be read or shows another namespace.
 * packets come from ethtool (may be NULL). */
size_t iface_queues(const struct iface *iface, const struct iface_ethtool *ethtool, struct iface_queue *out, size_t max);

/* How uneven the packets of rx queues are: the fullest one's share in percent, or -1 when unknown, one queue only, or fewer than
 * 1000 packets. */
double iface_imbalance(const struct iface_queue *queues, size_t count);

/* --- queueing disciplines --- */

struct iface_qdisc {
	int index;
	char kind[IFACE_WORD_MAX];
	uint32_t handle, parent; /* parent 0xffffffff: root, 0xfffffff1: ingress */
	uint64_t bytes, packets;
	uint32_t queue_length, backlog, drops, requeues, overlimits;
};

struct iface_qdiscs {
	struct iface_qdisc *items;
	size_t count;
};
/* Of one interface, or of all (index 0). */
int iface_qdiscs_read(int index, struct iface_qdiscs *out, struct error *err);
void iface_qdiscs_free(struct iface_qdiscs *qdiscs);

#endif
