/* The sockets of this namespace, as the kernel tells them: sock_diag(7) for TCP, UDP, raw, unix and packet sockets.
 *
 * They are streamed: a machine with a million connections needs the memory of one. */
#ifndef NTSH_SOCKETS_H
#define NTSH_SOCKETS_H

#include "ntsh/addr.h"
#include "ntsh/clock.h"
#include "ntsh/error.h"
#include "ntsh/socket_filter.h"
#include "ntsh/tcp.h"
#include "ntsh/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum socket_kind { SOCKET_TCP, SOCKET_UDP, SOCKET_RAW, SOCKET_UNIX, SOCKET_PACKET, SOCKET_KINDS };
enum { SOCKET_ALL_KINDS = (1 << SOCKET_KINDS) - 1 };

/* States by the kernel's numbers (include/net/tcp_states.h). Sockets that are not connected (UDP, datagrams, packet) are in SOCKET_CLOSE. */
enum socket_state {
	SOCKET_ESTABLISHED = 1,
	SOCKET_SYN_SENT,
	SOCKET_SYN_RECV,
	SOCKET_FIN_WAIT1,
	SOCKET_FIN_WAIT2,
	SOCKET_TIME_WAIT,
	SOCKET_CLOSE,
	SOCKET_CLOSE_WAIT,
	SOCKET_LAST_ACK,
	SOCKET_LISTEN,
	SOCKET_CLOSING,
	SOCKET_STATES = 12, /* for arrays */
};

/* Sets of states, 1 << state each: the groups of ss. */
enum {
	STATES_ALL = 0xffe,
	STATES_CONNECTED = STATES_ALL & ~(1 << SOCKET_LISTEN | 1 << SOCKET_CLOSE),
	STATES_SYNCHRONIZED = STATES_CONNECTED & ~(1 << SOCKET_SYN_SENT),
	STATES_BUCKET = 1 << SOCKET_SYN_RECV | 1 << SOCKET_TIME_WAIT,
	STATES_BIG = STATES_ALL & ~STATES_BUCKET,
	STATES_USUAL = STATES_CONNECTED & ~STATES_BUCKET,         /* what ss shows without -a, -l and a state */
	STATES_LISTENING = 1 << SOCKET_LISTEN | 1 << SOCKET_CLOSE, /* ss -l */
};

/* "ESTAB", "TIME-WAIT", "UNCONN" ...: the words of ss, padded by nothing. "?" for numbers that are none. */
const char *socket_state_name(unsigned state);
/* "tcp", "udp", "raw", "unix", "packet". */
const char *socket_kind_name(enum socket_kind kind);

/* Memory of a socket (INET_DIAG_SKMEMINFO, include/uapi/linux/sock_diag.h), in bytes; drops in packets. */
struct socket_memory {
	uint32_t rmem, rcvbuf, wmem, sndbuf, forward, wmem_queued, optmem, backlog, drops;
};
/* Of memory_count, which says how many of the numbers this kernel gave. */
enum { SOCKET_HAS_QUEUED = 6, SOCKET_HAS_DROPS = 9 };

enum socket_timer {
	SOCKET_TIMER_OFF,
	SOCKET_TIMER_RETRANSMIT,
	SOCKET_TIMER_KEEPALIVE,
	SOCKET_TIMER_TIME_WAIT,
	SOCKET_TIMER_PERSIST, /* probes of a zero window */
	SOCKET_TIMER_OTHER,
};
const char *socket_timer_name(unsigned timer); /* "retransmit", "keepalive", "time-wait", "persist", NULL for off */

/* One socket. Pointers lead into the kernel's message: valid during the call that passes it. What is not known is 0, NULL, AF_UNSPEC
 * or NS_NONE. */
struct socket_entry {
	enum socket_kind kind;
	uint8_t family;            /* AF_INET, AF_INET6, AF_UNIX, AF_PACKET */
	uint8_t state;             /* enum socket_state */
	uint8_t type;              /* SOCK_STREAM ... of unix and packet sockets */
	uint16_t protocol;         /* IP protocol of raw, EtherType of packet sockets */
	struct addr local, peer;   /* with ports; AF_UNSPEC for unix and packet */
	uint32_t interface;        /* index of the device it is bound to, 0: any */
	bool bound_by_scope;       /* interface is the zone of a link-local address */
	uint32_t uid, inode;
	uint64_t cookie;           /* names it for good, UINT64_MAX unknown */
	/* LISTEN: connections that wait for accept(2), and how many may. Else bytes that the program has not read, and bytes that the peer
	 * has not acknowledged (or that have not left). */
	uint32_t receive_queue, send_queue;
	uint8_t timer, retransmits; /* enum socket_timer; how often it has fired in vain */
	ns_t timer_left;
	uint8_t shutdown;           /* 1: receiving is shut down, 2: sending */
	bool v6only, has_v6only;
	uint8_t tos;
	bool has_tos, has_mark, has_cgroup, has_memory;
	uint32_t mark;              /* only with CAP_NET_ADMIN */
	uint64_t cgroup;            /* id of the cgroup v2 */
	struct socket_memory memory;
	unsigned memory_count;
	const char *congestion;     /* "cubic", not NUL-ended beyond congestion_length */
	size_t congestion_length;
	const void *tcp_info;       /* as the kernel gave it: see socket_tcp_stats, socket_info_value */
	size_t tcp_info_length;
	const char *path;           /* unix: with a NUL first it is abstract */
	size_t path_length;
	uint32_t peer_inode;        /* unix */
	uint32_t packet_flags;      /* packet: PDI_* of packet_diag.h */
};

/* What to ask the kernel for besides. */
enum {
	SOCKETS_INFO = 1 << 0,   /* TCP_INFO, congestion control */
	SOCKETS_MEMORY = 1 << 1, /* struct socket_memory */
	SOCKETS_TOS = 1 << 2,
};

struct sockets_query {
	unsigned kinds;                     /* 1 << enum socket_kind, several */
	unsigned states[SOCKET_KINDS];      /* 1 << enum socket_state, by kind */
	int family;                         /* AF_INET or AF_INET6: of TCP, UDP and raw sockets only those; AF_UNSPEC: both */
	const struct socket_filter *filter; /* resolved; NULL: all */
	unsigned want;
};

/* How the listing went. */
struct sockets_report {
	bool changed;       /* the table changed while it was read: sockets may be missing, or there twice */
	unsigned missing;   /* kinds that this kernel cannot list */
	unsigned from_proc; /* kinds read from /proc/net: fewer details */
};

/* Returns true to go on. */
typedef bool sockets_fn(const struct socket_entry *entry, void *arg);
/* The listing begins again: forget what came. */
typedef void sockets_again_fn(void *arg);

/* Lists by kind, in the order of the enum, and calls fn for each socket that matches. again NULL: what was passed on cannot be taken back, so a
 * listing that was disturbed is only reported. With again, a disturbed listing (NLM_F_DUMP_INTR, ENOBUFS) is repeated, up to ten times. report
 * may be NULL. Returns 0, or -1 with err. */
int sockets_list(const struct sockets_query *query, sockets_fn *fn, sockets_again_fn *again, void *arg,
		 struct sockets_report *report, struct error *err);

/* A copy that outlives the call: without what leads into the kernel's message. */
void socket_entry_copy(struct socket_entry *out, const struct socket_entry *entry);

/* What sockets_kill needs of many of them: copies without what leads into the kernel's messages. Free `items`. */
struct socket_list {
	struct socket_entry *items;
	size_t count, capacity;
};
void socket_list_add(struct socket_list *list, const struct socket_entry *entry);

/* Ends a TCP or UDP socket as if its program had aborted it (SOCK_DESTROY, Linux 4.9 with CONFIG_INET_DIAG_DESTROY): a TCP peer gets a RST. Needs
 * CAP_NET_ADMIN. Returns 0, or -1 with err. */
int sockets_kill(const struct socket_entry *entry, struct error *err);

/* --- TCP_INFO --- */

/* The sample as struct tcp_stats. unacked is the send queue less what was never sent. Returns false when the entry has none. */
bool socket_tcp_stats(const struct socket_entry *entry, struct tcp_stats *out);

/* Every member of the kernel's struct tcp_info, in its order, under the name that JSON uses. */
struct socket_info_field {
	const char *name;
	enum value_kind kind;
	const char *meaning;
};
size_t socket_info_fields(const struct socket_info_field **out);

/* Value of field i, KIND_NONE when this kernel is too old for it or has no sample yet. */
struct value socket_info_value(const struct socket_entry *entry, size_t i);

/* Does this kernel have field i? */
bool socket_info_reaches(const struct socket_entry *entry, size_t i);

/* How long nothing has come from the peer: neither data nor an acknowledgement. NS_NONE unknown. */
ns_t socket_silence(const struct socket_entry *entry);

/* "cubic, rtt 21.3 ms (least 20.9 ms), window 10 of 1448 bytes, sent 1.2 MiB, retransmitted 0.1 %" ...: what the connection has lived through,
 * one line. utf8: for the sign of microseconds. Returns its length. */
enum { SOCKET_INFO_TEXT_MAX = 1024 };
size_t socket_info_text(const struct socket_entry *entry, bool utf8, char buf[SOCKET_INFO_TEXT_MAX]);

/* A listener whose accept queue takes no more connections (sk_acceptq_is_full, include/net/sock.h: one more than the limit fits in). */
bool socket_accept_queue_full(const struct socket_entry *entry);

/* --- who can reach it --- */

enum socket_reach {
	REACH_NOBODY,    /* not listening, or bound to a port of its own choice */
	REACH_HOST,      /* this host only: a loopback address */
	REACH_LINK,      /* the link of one interface: a link-local address */
	REACH_ADDRESS,   /* whoever reaches that one address */
	REACH_INTERFACE, /* bound to a device */
	REACH_ANYBODY,   /* every address of this host */
};
enum socket_reach socket_reach_of(const struct socket_entry *entry);
/* "anyone", "this host only", "anyone who reaches 192.0.2.7", "the link of eth0". Returns buf. */
const char *socket_reach_text(const struct socket_entry *entry, char *buf, size_t size);

/* --- services --- */

/* Name of a port in /etc/services, NULL when it has none. udp: for UDP, else for TCP. The file is read once. */
const char *socket_service_name(uint16_t port, bool udp);

/* The same, but NULL for ports that the kernel gives to those who do not choose one (ip_local_port_range): their name would mislead. */
const char *socket_service_shown(uint16_t port, bool udp);

/* Names of unix sockets by inode, for showing the peer's. */
struct socket_names;
struct socket_names *socket_names_read(struct error *err);
void socket_names_free(struct socket_names *names);
/* The path (NUL first when abstract), NULL when it has none. */
const char *socket_names_find(const struct socket_names *names, uint32_t inode, size_t *length);

/* "/run/x.sock", "@name" for abstract ones, "*" for none. Returns buf. */
const char *socket_path_text(const char *path, size_t length, char *buf, size_t size);

#endif
