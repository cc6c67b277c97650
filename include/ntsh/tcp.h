/* TCP connections as measurements: who took the time, and what the kernel knows about it. */
#ifndef NTSH_TCP_H
#define NTSH_TCP_H

#include "ntsh/addr.h"
#include "ntsh/loop.h"

/* A sample of TCP_INFO (include/uapi/linux/tcp.h). Times in ns. What this kernel is too old for is NS_NONE, or
 * TCP_STATS_UNKNOWN for counts. */
#define TCP_STATS_UNKNOWN UINT64_MAX
struct tcp_stats {
	ns_t at;                 /* CLOCK_MONOTONIC of the sample */
	uint8_t state;
	ns_t rtt, rttvar, min_rtt, rto;
	uint64_t total_retrans, retransmits, lost, reordering, reord_seen;
	uint64_t bytes_sent, bytes_acked, bytes_retrans, bytes_received;
	uint64_t segs_out, segs_in, data_segs_out, data_segs_in, rcv_ooopack, dsack_dups;
	uint64_t snd_mss, rcv_mss, advmss, pmtu, snd_cwnd, snd_ssthresh, rcv_space, snd_wnd, rcv_wnd;
	uint64_t unacked, notsent_bytes, delivery_rate, pacing_rate; /* bytes, bytes a second */
	ns_t busy, rwnd_limited, sndbuf_limited;
	uint64_t total_rto, total_rto_recoveries;
	ns_t total_rto_time;
};

/* Reads TCP_INFO of fd. Returns 0, or -1 with errno. */
int tcp_stats_read(int fd, struct tcp_stats *out);

enum tcp_connect_outcome {
	TCP_CONNECTED,
	TCP_REFUSED,      /* RST: the host is up, nobody listens (or a filter rejects so) */
	TCP_UNREACHABLE,  /* an ICMP error from `icmp_from`: icmp_type, icmp_code */
	TCP_TIMED_OUT,    /* nothing came within the time-out */
	TCP_LOCAL_ERROR,  /* this host refused: errnum (EPERM firewall, EADDRNOTAVAIL ports, ENETUNREACH no route, ENETDOWN) */
	TCP_RESET,        /* connected, then reset */
};

struct tcp_connect_request {
	struct addr target;     /* with port */
	const char *interface;  /* or NULL */
	ns_t timeout;
	int hops;               /* TTL / hop limit of what is sent: the router at which it ends answers (TCP_UNREACHABLE); 0: the usual */
	uint32_t mss;           /* TCP_MAXSEG to offer (small ones get past an MTU black hole); 0: the kernel's */
};

struct tcp_connect_result {
	enum tcp_connect_outcome outcome;
	int fd;                 /* the caller owns it now when TCP_CONNECTED, else -1 */
	struct addr local, peer;
	ns_t began, ended;      /* CLOCK_MONOTONIC: SYN asked for; answer seen */
	ns_t rtt;               /* the kernel's own for the handshake (tcpi_rtt), NS_NONE when not connected or SYNs were lost */
	uint64_t syn_retransmits;
	bool immediate;         /* connect(2) itself failed: it was this host that refused */
	int errnum;
	struct addr icmp_from;
	uint8_t icmp_type, icmp_code;
	struct tcp_stats stats; /* right after the handshake */
};

typedef void tcp_connect_fn(struct loop *loop, const struct tcp_connect_result *result, void *arg);
struct tcp_connect;

/* fn is called once, never from inside tcp_connect_start, after which the handle is freed. */
struct tcp_connect *tcp_connect_start(struct loop *loop, const struct tcp_connect_request *request,
                                      tcp_connect_fn *fn, void *arg, struct error *err);
void tcp_connect_cancel(struct tcp_connect *connect);

/* The socket that is connecting, to be looked at (tcp_stats_read) only. */
int tcp_connect_socket(const struct tcp_connect *connect);

/* "192.0.2.7:80 refused: the host is up, ..." - one clause without a full stop. Returns buf. */
enum { TCP_CONNECT_TEXT_MAX = 256 };
char *tcp_connect_text(const struct tcp_connect_result *result, char buf[TCP_CONNECT_TEXT_MAX]);

/* Several addresses (with ports): families alternate, the next attempt begins 250 ms after the one before or when that fails, the first
 * to connect wins (Happy Eyeballs, RFC 8305). */
enum { TCP_RACE_MAX = 16 };
struct tcp_race_result {
	struct tcp_connect_result connect; /* the winner (its fd is the caller's now), or the last that failed */
	ns_t began;                        /* of the first attempt */
	size_t tried;
	bool other_family_failed;          /* the other family failed, or was tried first and stayed silent */
};
typedef void tcp_race_fn(struct loop *loop, const struct tcp_race_result *result, void *arg);
struct tcp_race;

/* request->target is ignored, its time-out holds for each attempt. fn is called once, never from inside the start, after which the handle is freed. */
struct tcp_race *tcp_race_start(struct loop *loop, const struct tcp_connect_request *request,
                                const struct addr *addrs, size_t count, tcp_race_fn *fn, void *arg,
                                struct error *err);
void tcp_race_cancel(struct tcp_race *race);

/* --- TX timestamps of a connected stream (SO_TIMESTAMPING: TX_SOFTWARE, TX_ACK, OPT_ID) --- */

/* One write of the program, by the offset of its last byte since tcp_stamps_begin. Stamps are CLOCK_REALTIME as the kernel
 * gives them, NS_NONE until seen. */
struct tcp_stamp {
	uint32_t last_byte;
	ns_t sent;   /* left this host */
	ns_t acked;  /* acknowledged by the peer's kernel */
};

enum { TCP_STAMPS_MAX = 64 };
struct tcp_stamps {
	bool enabled;
	size_t count;     /* the latest TCP_STAMPS_MAX writes */
	struct tcp_stamp stamps[TCP_STAMPS_MAX];
};

/* Switches the stamps on for a connected socket without unsent data. stamps->enabled is false when the kernel refuses. */
void tcp_stamps_begin(int fd, struct tcp_stamps *stamps);

/* Drains the socket's error queue into stamps. Call on EPOLLERR, before the program above reads, and while sending. */
void tcp_stamps_drain(int fd, struct tcp_stamps *stamps);

/* The stamp whose last byte is the largest one (the end of what was written). NULL when there is none. */
const struct tcp_stamp *tcp_stamps_last(const struct tcp_stamps *stamps);

/* The stamp of the write that holds byte last_byte: the smallest last_byte that is not before it. NULL when there is none. */
const struct tcp_stamp *tcp_stamps_find(const struct tcp_stamps *stamps, uint32_t last_byte);

/* Kernel receive stamp of the first unread byte (recvmsg MSG_PEEK; needs SO_TIMESTAMPING RX_SOFTWARE, which tcp_stamps_begin
 * sets), CLOCK_REALTIME, or NS_NONE. */
ns_t tcp_stamp_of_next_byte(int fd);

#endif
