#include "net/dns/bulk_parts.h"

#include "base/mem.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

/* The window at first fits into any server's socket buffer (212,992 octets hold 277 small datagrams). */
enum { WINDOW_FIRST = 250, WINDOW_LEAST = 16, PATIENT_TRIES = 3, RECEIVE_BUFFER = 4 << 20 };
static const ns_t retry_least = 25 * NS_PER_MS;

/* --- sockets --- */

static int socket_open(struct bulk *bulk, struct bulk_socket *socket, sa_family_t family, loop_fd_fn *ready,
		       struct error *err)
{
	socket->fd = sys_socket_open(family, SOCK_DGRAM, 0, bulk->jobs[0].request.interface, err);
	if (socket->fd < 0)
		return -1;
	socket->owners = mem_alloc(BULK_IDS * sizeof *socket->owners);
	uint8_t *room = mem_resize(NULL, BULK_AT_ONCE, DNS_QUERY_MAX);
	for (size_t i = 0; i < BULK_AT_ONCE; i++)
		socket->out[i].bytes = room + i * DNS_QUERY_MAX;
	sys_socket_errors(socket->fd, family);
	sys_socket_receive_buffer(socket->fd, RECEIVE_BUFFER);
	(void)sys_socket_stamps(socket->fd, SYS_STAMP_RX);
	return loop_watch(bulk->loop, socket->fd, EPOLLIN, ready, socket, err);
}

uint8_t bulk_socket_pick(struct bulk *bulk, sa_family_t family)
{
	unsigned half = BULK_SOCKETS / 2, base = family == AF_INET6 ? half : 0;
	return (uint8_t)(base + bulk->turn++ / BULK_AT_ONCE % half);
}

uint16_t bulk_new_id(struct bulk *bulk, const struct bulk_socket *socket)
{
	for (;;) {
		if (bulk->entropy_used == 0) {
			bulk->entropy_used = sizeof bulk->entropy / sizeof bulk->entropy[0];
			if (getrandom(bulk->entropy, sizeof bulk->entropy, GRND_NONBLOCK) !=
			    sizeof bulk->entropy)
				bulk->entropy[bulk->entropy_used - 1] = (uint16_t)(clock_real() / NS_PER_US);
		}
		uint16_t id = bulk->entropy[--bulk->entropy_used];
		if (!socket->owners[id] || socket->owners[id] == BULK_SPENT)
			return id;
	}
}

/* --- jobs and servers --- */

static uint16_t server_of(struct bulk *bulk, const struct addr *addr)
{
	/* Names come in groups for the same servers: the last ones are looked at first. */
	for (size_t i = bulk->server_count; i-- > 0;)
		if (addr_equal(&bulk->servers[i].addr, addr) && bulk->servers[i].addr.port == addr->port)
			return (uint16_t)i;
	bulk->servers = mem_resize(bulk->servers, bulk->server_count + 1, sizeof *bulk->servers);
	bulk->servers[bulk->server_count] = (struct bulk_server){
		.addr = *addr,
		.window = bulk->window < WINDOW_FIRST ? bulk->window : WINDOW_FIRST,
		.srtt = NS_NONE,
	};
	return (uint16_t)bulk->server_count++;
}

void bulk_queue(struct bulk *bulk, uint32_t index)
{
	uint16_t number = server_of(bulk, &bulk->jobs[index].request.server);
	struct bulk_server *server = &bulk->servers[number];
	bulk->slots[index].server = number;
	if (server->count == server->capacity) {
		server->capacity = server->capacity ? 2 * server->capacity : 256;
		server->queue = mem_resize(server->queue, server->capacity, sizeof *server->queue);
	}
	server->queue[server->count++] = index;
}

int bulk_open(struct bulk *bulk, loop_fd_fn *ready, struct error *err)
{
	bool families[2] = { false, false };
	bulk->slots = mem_alloc(bulk->count * sizeof *bulk->slots);
	bulk->memory = mem_resize(NULL, BULK_AT_ONCE, BULK_DATAGRAM);
	bulk->offset = clock_real_offset();
	for (size_t i = 0; i < BULK_AT_ONCE; i++)
		bulk->in[i].bytes = bulk->memory + i * BULK_DATAGRAM;
	for (int i = 0; i < BULK_SOCKETS; i++)
		bulk->sockets[i] = (struct bulk_socket){ .bulk = bulk, .fd = -1 };
	for (uint32_t i = 0; i < bulk->count; i++) {
		bulk_queue(bulk, i);
		families[bulk->jobs[i].request.server.family == AF_INET6] = true;
		for (size_t k = 0; k < bulk->jobs[i].fallback_count; k++)
			families[bulk->jobs[i].fallback[k].family == AF_INET6] = true;
	}
	for (int i = 0; i < BULK_SOCKETS; i++) {
		bool six = i >= BULK_SOCKETS / 2;
		if (families[six] &&
		    socket_open(bulk, &bulk->sockets[i], six ? AF_INET6 : AF_INET, ready, err) < 0)
			return -1;
	}
	return 0;
}

void bulk_close(struct bulk *bulk)
{
	loop_timer_stop(bulk->loop, &bulk->timer);
	for (int i = 0; i < BULK_SOCKETS; i++) {
		struct bulk_socket *socket = &bulk->sockets[i];
		if (socket->fd < 0)
			continue;
		loop_unwatch(bulk->loop, socket->fd);
		close(socket->fd);
		free(socket->owners);
		free(socket->out[0].bytes);
	}
	for (size_t i = 0; i < bulk->server_count; i++)
		free(bulk->servers[i].queue);
	free(bulk->servers);
	free(bulk->slots);
	free(bulk->memory);
}

/* --- what waits --- */

void bulk_list_append(struct bulk *bulk, uint32_t index)
{
	struct bulk_list *list = &bulk->lists[bulk->slots[index].tries];
	bulk->slots[index].before = list->last;
	bulk->slots[index].after = 0;
	if (list->last)
		bulk->slots[list->last - 1].after = index + 1;
	else
		list->first = index + 1;
	list->last = index + 1;
}

void bulk_list_remove(struct bulk *bulk, uint32_t index)
{
	struct bulk_slot *slot = &bulk->slots[index];
	struct bulk_list *list = &bulk->lists[slot->tries];
	if (slot->before)
		bulk->slots[slot->before - 1].after = slot->after;
	else
		list->first = slot->after;
	if (slot->after)
		bulk->slots[slot->after - 1].before = slot->before;
	else
		list->last = slot->before;
	slot->before = slot->after = 0;
}

int bulk_tries_most(const struct bulk *bulk, uint32_t index)
{
	const struct dns_request *request = &bulk->jobs[index].request;
	bool known = bulk->servers[bulk->slots[index].server].srtt != NS_NONE;
	int most = request->tries < 1 ? 1 : request->tries;
	if (request->patient && known)
		most += PATIENT_TRIES;
	return most < BULK_TRIES ? most : BULK_TRIES;
}

/* How long the last question of the job is waited for: the whole patience when it is the last. */
static ns_t deadline_of(const struct bulk *bulk, uint32_t index)
{
	const struct bulk_slot *slot = &bulk->slots[index];
	const struct bulk_server *server = &bulk->servers[slot->server];
	ns_t wait = bulk->jobs[index].request.timeout;
	if (server->srtt != NS_NONE && slot->tries < bulk_tries_most(bulk, index)) {
		ns_t retry = server->srtt + 4 * server->variation;
		retry = (retry < retry_least ? retry_least : retry) << (slot->tries - 1);
		wait = retry < wait ? retry : wait;
	}
	return slot->sent[slot->tries - 1] + wait;
}

ns_t bulk_next_deadline(const struct bulk *bulk)
{
	ns_t next = NS_NEVER;
	for (int i = 1; i <= BULK_TRIES; i++) {
		if (!bulk->lists[i].first)
			continue;
		ns_t deadline = deadline_of(bulk, bulk->lists[i].first - 1);
		next = deadline < next ? deadline : next;
	}
	return next;
}

bool bulk_overdue(const struct bulk *bulk, ns_t now, uint32_t *index)
{
	for (int i = 1; i <= BULK_TRIES; i++) {
		if (!bulk->lists[i].first)
			continue;
		*index = bulk->lists[i].first - 1;
		if (deadline_of(bulk, *index) <= now)
			return true;
	}
	return false;
}

/* --- windows --- */

/* Answers that come as fast as the first ones ask for more at once. Slower ones mean a queue at the server, or a resolver that has to ask
 * others itself: then more is tried only slowly. */
static void window_grow(struct bulk_server *server, ns_t rtt, size_t most)
{
	enum { SLOWLY = 16 };
	if (server->srtt == NS_NONE || rtt < server->least)
		server->least = rtt;
	bool fast = !server->steady && rtt <= 2 * server->least + NS_PER_MS;
	if (server->window < most && (fast || ++server->turn % SLOWLY == 0))
		server->window++;
}

void bulk_server_answered(struct bulk_server *server, ns_t rtt, bool first_try, size_t most)
{
	/* Whose answer it is, is not known after a second question (Karn). */
	if (!first_try || rtt < 0)
		return;
	window_grow(server, rtt, most);
	if (server->srtt == NS_NONE) {
		server->srtt = rtt;
		server->variation = rtt / 2;
		return;
	}
	ns_t difference = rtt > server->srtt ? rtt - server->srtt : server->srtt - rtt;
	server->variation += (difference - server->variation) / 4;
	server->srtt += (rtt - server->srtt) / 8;
}

void bulk_server_lost(struct bulk_server *server, ns_t now)
{
	/* One loss of many is no congestion; several within a round trip are one event. */
	server->steady = true;
	if (server->srtt == NS_NONE || now - server->cut < retry_least)
		return;
	server->cut = now;
	size_t smaller = server->window - server->window / 3;
	server->window = smaller < WINDOW_LEAST ? WINDOW_LEAST : smaller;
}
