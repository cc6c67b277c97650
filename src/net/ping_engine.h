/* The ping between its clock-less core and the sockets: shared by ping.c (life, choice of method), ping_icmp.c and ping_tcp.c. */
#ifndef NET_PING_ENGINE_H
#define NET_PING_ENGINE_H

#include "net/ping_core.h"
#include "ntsh/tcp.h"

/* One TCP handshake under way: a probe, or (seq 0) a scout that looks which port answers. */
struct ping_connect {
	struct ping *ping;
	struct ping_connect *next;
	struct tcp_connect *handle;
	uint64_t seq;
	uint16_t port;
};

enum ping_scouting { SCOUTS_NONE, SCOUTS_OUT, SCOUTS_BACK };

struct ping {
	struct loop *loop;
	const struct ping_events *events;
	void *arg;
	struct ping_request request;
	char interface[16];
	enum ping_method method;
	bool announced; /* the first method was reported */
	bool ended;
	ns_t until; /* request.duration from the start */
	struct loop_timer timer;
	struct ping_core core;

	/* ICMP */
	int fd;
	uint16_t id;
	uint32_t stamps; /* ids given out so far */
	uint8_t *packet; /* what is sent, header first */
	uint8_t *buffer; /* what comes in */
	size_t buffer_size;

	/* TCP */
	uint16_t port; /* 0: the scouts choose */
	struct ping_connect *connects;

	/* PING_AUTO */
	bool automatic;  /* may still change to TCP */
	uint64_t unsent; /* probes that this host refused */
	enum ping_scouting scouting;
	unsigned scouts_out;
	uint16_t scout_port; /* the first that answered */
};

/* Something happened: change the method, end, or set the timer to what is next. The ping may be gone afterwards. */
void ping_settle(struct ping *ping);

/* Opens the socket for request.method or ping->method. Returns 0, or -1 with err and errno. */
int ping_icmp_open(struct ping *ping, enum ping_method method, struct error *err);
void ping_icmp_close(struct ping *ping);
void ping_icmp_send(struct ping *ping, struct ping_slot *slot);

/* Mark, hop limit, traffic class, DF as the request has them. Returns 0, or -1 with err. */
int ping_socket_options(struct ping *ping, int fd, struct error *err);
/* Makes the packet: head bytes to be written later, the request's payload behind them. */
void ping_packet_fill(struct ping *ping, size_t head);

/* The error queue of ping->fd, before replies, so that a reply finds its departure: departures are noted, ICMP errors go to error. At most
 * PING_READS_AT_ONCE of them, then others have their turn. */
enum { PING_READS_AT_ONCE = 256 };
struct sys_socket_event;
typedef void ping_error_fn(struct ping *ping, const struct sys_socket_event *event);
void ping_events_take(struct ping *ping, ping_error_fn *error);

int ping_udp_open(struct ping *ping, struct error *err);
void ping_udp_send(struct ping *ping, struct ping_slot *slot);

void ping_tcp_send(struct ping *ping, struct ping_slot *slot);
void ping_tcp_close(struct ping *ping);

/* Sends handshakes to the usual ports. scouting becomes SCOUTS_BACK when one answered or none does. */
void ping_tcp_scout(struct ping *ping);

#endif
