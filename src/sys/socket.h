/* Sockets: the one place that opens them.
 *
 * Every socket is non-blocking and close-on-exec. Kernel stamps are CLOCK_REALTIME ns (SO_TIMESTAMPING, kernel
 * Documentation/networking/timestamping.rst). Whoever watches a socket with errors or TX stamps on must drain
 * sys_socket_event_next on EPOLLERR: epoll cannot be told to leave it out. */
#ifndef SYS_SOCKET_H
#define SYS_SOCKET_H

#include "ntsh/addr.h"
#include "ntsh/clock.h"
#include "ntsh/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Opens a socket, bound to interface (SO_BINDTODEVICE) unless that is NULL. Also for what needs a privilege (SOCK_RAW,
 * AF_PACKET, ping sockets): the hint in err is then the command that grants it. Returns the descriptor, or -1 with err and
 * errno (EPERM, EACCES, ENODEV, EMFILE, EAFNOSUPPORT ...). */
int sys_socket_open(int family, int type, int protocol, const char *interface, struct error *err);

/* Binds to an address and port (zeroes: any). Returns 0, or -1 with err. */
int sys_socket_bind(int fd, const struct addr *local, struct error *err);

/* Begins to connect. Returns 0 when connected (datagram sockets), 1 when it is under way, -1 with errno. */
int sys_socket_connect(int fd, const struct addr *peer);

/* Listens on a bound stream socket. Returns 0, or -1 with errno. */
int sys_socket_listen(int fd, int backlog);

/* Takes the next connection: a descriptor as sys_socket_open gives, or -1 with errno (EAGAIN: none yet). */
int sys_socket_accept(int fd);

/* SO_ERROR: how a connect ended, 0 for well. Reading it clears it. */
int sys_socket_pending_error(int fd);

/* getsockname, getpeername. AF_UNSPEC when there is none. */
struct addr sys_socket_local(int fd);
struct addr sys_socket_peer(int fd);

/* --- what else comes with packets --- */

enum sys_stamps {
	SYS_STAMP_RX = 1 << 0, /* arrival, as seen by the kernel's software */
	SYS_STAMP_TX =
	    1
	    << 1, /* departure, through the error queue, numbered from 0 (OPT_ID) from now on: datagrams by one,
	                           streams by bytes (the id is that of the write's last byte) */
	SYS_STAMP_ACK = 1 << 2, /* acknowledged by the peer's kernel (TCP) */
};

/* Switches exactly these on, and begins the ids anew; 0 switches all off. Returns 0, or -1 with errno. The first packets of
 * the machine's first such socket may come without: the kernel needs a moment (see sys_stamps_prepare). */
int sys_socket_stamps(int fd, unsigned which);

/* Makes the kernel stamp all arrivals from now on, for the life of this process. Returns true when that is new, so that whoever
 * is about to send its first packet may wait a millisecond first. */
bool sys_stamps_prepare(void);

/* ICMP errors through the error queue (IP_RECVERR, IPV6_RECVERR; RFC 4884 extensions where the kernel has them), hop limits,
 * destination address and interface of arrivals. What the kernel lacks is left out silently. */
void sys_socket_details(int fd, int family);

/* Hop limit (TTL) of what is sent. Returns 0, or -1 with errno. */
int sys_socket_hops(int fd, int family, int hops);

/* TOS byte (IPv4), traffic class (IPv6) of what is sent. Returns 0, or -1 with errno. */
int sys_socket_traffic_class(int fd, int family, int class);

/* Mark of what is sent (SO_MARK), for routing rules and filters. Returns 0, or -1 with err: it needs a privilege. */
int sys_socket_mark(int fd, uint32_t mark, struct error *err);

/* Ways of IP_MTU_DISCOVER / IPV6_MTU_DISCOVER: IP_PMTUDISC_DO, _PROBE, _DONT (the numbers are equal for IPv6). */
int sys_socket_mtu_discover(int fd, int family, int how);

/* --- sending and receiving --- */

/* One datagram; to may be NULL on a connected socket. Returns 0, or -1 with errno. */
int sys_socket_send(int fd, const void *bytes, size_t length, const struct addr *to);

/* The same with a hop limit (TTL, 1..255) of its own (IP_TTL, IPV6_HOPLIMIT as control message). */
int sys_socket_send_hops(int fd, const void *bytes, size_t length, const struct addr *to, int hops);
/* ICMP errors through the error queue, without the rest of sys_socket_details. */
void sys_socket_errors(int fd, int family);

/* A stream whose small writes go out at once, and that acknowledges at once: two peers that wait for each other's next segment
 * (Nagle here, delayed acknowledgements there) would add 40 ms to what is measured. The kernel takes the second back as it sees fit:
 * say it again before each wait. */
void sys_socket_prompt(int fd);

/* Room for arrivals, as far as the system allows. */
void sys_socket_receive_buffer(int fd, int octets);

/* Datagrams in one system call. */
struct sys_datagram {
	uint8_t *bytes;
	size_t size, length; /* room for one that comes (sending does not look at it); octets */
	struct addr peer;    /* to, or from */
	ns_t stamp;          /* of an arrival, NS_NONE when the kernel gave none */
};
enum { SYS_DATAGRAMS_MAX = 64 };

/* Sends the first ones of the list. Returns how many, or -1 with errno when it is none. */
int sys_socket_send_many(int fd, const struct sys_datagram *list, size_t count);

/* Takes what is there. Returns how many; 0 when nothing is. */
int sys_socket_receive_many(int fd, struct sys_datagram *list, size_t count);

struct sys_arrival {
	size_t length;    /* bytes in the buffer */
	bool truncated;   /* there was more */
	ns_t stamp;       /* the kernel's, NS_NONE when it gave none */
	ns_t seen;        /* CLOCK_REALTIME right after the system call */
	struct addr from; /* AF_UNSPEC for streams */
	struct addr to;   /* our address it came to, AF_UNSPEC unknown */
	int ifindex;      /* 0 unknown */
	int hops;         /* TTL / hop limit on arrival, -1 unknown */
};

/* Receives one datagram (or what a stream has). Returns 0, or -1 with errno (EAGAIN: nothing more). An ICMP error that is pending
 * on the socket comes as errno of its own once: read on until EAGAIN. */
int sys_socket_receive(int fd, void *buf, size_t size, struct sys_arrival *out);

/* Stamp of what would be received next, without taking it (MSG_PEEK); NS_NONE when nothing is there or it has no stamp. */
ns_t sys_socket_next_stamp(int fd);

enum sys_event_kind {
	SYS_EVENT_SENT,  /* id, stamp */
	SYS_EVENT_ACKED, /* id, stamp */
	SYS_EVENT_ICMP,  /* an ICMP error about something we sent */
	SYS_EVENT_LOCAL, /* this host refused it (too big for the path MTU it knows: mtu) */
};

struct sys_socket_event {
	enum sys_event_kind kind;
	uint32_t id; /* of the stamp */
	ns_t stamp;  /* NS_NONE when there is none */
	ns_t seen;   /* CLOCK_REALTIME right after the system call */
	int errnum;  /* the errno that the kernel makes of it */
	uint8_t icmp_type, icmp_code;
	uint32_t mtu;         /* of a too-big error, else 0 */
	struct addr offender; /* who sent the ICMP error */
	struct addr to;       /* where the datagram in question went, with port */
	int hops;             /* TTL on which the error arrived, -1 unknown */
	size_t length;        /* bytes of what we sent that came back, now in the buffer */
	size_t extension;     /* offset in the buffer of the RFC 4884 extensions, 0 when there are none */
};

/* Takes the next entry of the error queue. buf may be NULL when what was sent does not matter. Returns 1, or 0 when the queue is
 * empty. */
int sys_socket_event_next(int fd, void *buf, size_t size, struct sys_socket_event *out);

#endif
