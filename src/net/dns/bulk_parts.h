/* Bulk questions: the sockets, windows and lists that the course (bulk.c) works with. */
#ifndef NET_DNS_BULK_PARTS_H
#define NET_DNS_BULK_PARTS_H

#include "ntsh/dns_batch.h"
#include "sys/socket.h"
#include "wire/dns_message.h"

enum {
	BULK_SOCKETS = 8, /* half of them for each family: several ports, and several receive buffers */
	BULK_AT_ONCE = 32,
	BULK_TURNS = 8,
	BULK_TRIES = 8,
	BULK_DATAGRAM = DNS_MESSAGE_MAX,
	BULK_STRAYS_MAX = 4,
	BULK_IDS = 65536,
};

#define BULK_SPENT UINT32_MAX

struct bulk_socket {
	struct bulk *bulk;
	int fd;
	uint32_t *owners; /* by id: the job that waits for it, plus one; BULK_SPENT: its question has been answered */
	struct sys_datagram out[BULK_AT_ONCE];
	size_t out_count;
};

/* Where a job stands. Times are CLOCK_REALTIME, as kernel stamps are. */
struct bulk_slot {
	uint32_t before, after; /* in the list of its number of tries; plus one, 0: none */
	uint16_t server;
	uint8_t socket, tries, strays;
	uint16_t ids[BULK_TRIES];
	ns_t sent[BULK_TRIES];
};

struct bulk_server {
	struct addr addr;
	uint32_t *queue;
	size_t next, count, capacity;
	size_t under_way, window;
	bool refuses;         /* it said itself that nobody listens, and never answered */
	bool steady;          /* no longer doubling each round trip */
	ns_t srtt, variation; /* RFC 6298; NS_NONE before the first answer */
	ns_t least;           /* the shortest round trip */
	unsigned turn;
	ns_t cut; /* when the window was last halved */
};

struct bulk_list {
	uint32_t first, last; /* plus one */
};

struct bulk {
	struct loop *loop;
	struct dns_job *jobs;
	struct bulk_slot *slots;
	size_t count, window, under_way, ended;
	bool done;
	struct bulk_socket sockets[BULK_SOCKETS];
	struct bulk_server *servers;
	size_t server_count;
	struct bulk_list lists[BULK_TRIES + 1];
	struct loop_timer timer;
	ns_t offset; /* CLOCK_REALTIME minus CLOCK_MONOTONIC at the beginning */
	struct dns_bulk_report *report;
	struct sys_datagram in[BULK_AT_ONCE];
	uint8_t *memory;
	uint16_t entropy[256];
	size_t entropy_used;
	unsigned turn;
};

/* Opens sockets and queues all jobs. Returns 0, or -1 with err. bulk_close in both cases. */
int bulk_open(struct bulk *bulk, loop_fd_fn *ready, struct error *err);
void bulk_close(struct bulk *bulk);

uint8_t bulk_socket_pick(struct bulk *bulk, sa_family_t family);
uint16_t bulk_new_id(struct bulk *bulk, const struct bulk_socket *socket);

/* Puts the job behind the others of its server. */
void bulk_queue(struct bulk *bulk, uint32_t index);

/* The lists of what waits for an answer, one for each number of tries, oldest first. */
void bulk_list_append(struct bulk *bulk, uint32_t index);
void bulk_list_remove(struct bulk *bulk, uint32_t index);
bool bulk_overdue(const struct bulk *bulk, ns_t now, uint32_t *index);
ns_t bulk_next_deadline(const struct bulk *bulk); /* NS_NEVER: nothing waits */

/* Windows and round trips. */
void bulk_server_answered(struct bulk_server *server, ns_t rtt, bool first_try, size_t most);
void bulk_server_lost(struct bulk_server *server, ns_t now);
int bulk_tries_most(const struct bulk *bulk, uint32_t index);

#endif
