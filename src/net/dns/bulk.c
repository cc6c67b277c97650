/* Thousands of questions over UDP. */
#include "net/dns/bulk_parts.h"

#include "base/mem.h"
#include "base/units.h"
#include "net/dns/bulk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static void pump(struct bulk *bulk);
static void job_end(struct bulk *bulk, uint32_t index, struct dns_exchange *exchange);

/* --- ends --- */

static void finish_check(struct bulk *bulk)
{
	bulk->done = bulk->under_way == 0 && bulk->ended == bulk->count;
}

static void slot_leave(struct bulk *bulk, uint32_t index)
{
	struct bulk_slot *slot = &bulk->slots[index];
	bulk_list_remove(bulk, index);
	for (int i = 0; i < slot->tries; i++)
		bulk->sockets[slot->socket].owners[slot->ids[i]] = BULK_SPENT;
}

static void job_end(struct bulk *bulk, uint32_t index, struct dns_exchange *exchange)
{
	struct dns_job *job = &bulk->jobs[index];
	exchange->strays = job->strays;
	exchange->stray_count = bulk->slots[index].strays;
	dns_job_take(job, exchange);
	bulk->servers[bulk->slots[index].server].under_way--;
	bulk->under_way--;
	bulk->ended++;
	finish_check(bulk);
}

static struct dns_exchange exchange_of(const struct bulk *bulk, uint32_t index)
{
	const struct bulk_slot *slot = &bulk->slots[index];
	const struct dns_job *job = &bulk->jobs[index];
	return (struct dns_exchange){ .server = job->request.server,
				      .transport = DNS_UDP,
				      .tries = slot->tries,
				      .began = slot->tries ? slot->sent[0] - bulk->offset : clock_mono(),
				      .ended = clock_mono(),
				      .rtt = NS_NONE };
}

/* Nothing came: the next server of resolv.conf, or the end. */
static void job_silent(struct bulk *bulk, uint32_t index, struct dns_exchange *exchange)
{
	struct dns_job *job = &bulk->jobs[index];
	if (job->silent >= job->fallback_count) {
		job_end(bulk, index, exchange);
		return;
	}
	bulk->servers[bulk->slots[index].server].under_way--;
	bulk->under_way--;
	job->request.server = job->fallback[job->silent++];
	bulk->slots[index].tries = 0;
	bulk_queue(bulk, index);
}

static void job_timed_out(struct bulk *bulk, uint32_t index)
{
	struct dns_exchange exchange = exchange_of(bulk, index);
	char server[ADDR_TEXT_MAX];
	exchange.outcome = DNS_TIMED_OUT;
	error_set(&exchange.error, STATUS_BAD, "ETIMEDOUT",
		  "the server is down, or a firewall drops UDP: try +tcp, and ping it",
		  "no answer from %s to %d questions", addr_format_port(&exchange.server, server),
		  exchange.tries);
	slot_leave(bulk, index);
	job_silent(bulk, index, &exchange);
}

static void job_refused(struct bulk *bulk, uint32_t index, int errnum)
{
	struct dns_exchange exchange = exchange_of(bulk, index);
	char server[ADDR_TEXT_MAX];
	addr_format_port(&exchange.server, server);
	exchange.outcome = errnum == ECONNREFUSED ? DNS_REFUSED_PORT : DNS_UNREACHABLE;
	if (errnum == ECONNREFUSED)
		error_set(&exchange.error, STATUS_BAD, "ECONNREFUSED",
			  "no name server listens there: check the address and port",
			  "%s refuses UDP: nobody listens on that port", server);
	else
		error_errno(&exchange.error, errnum, NULL, "%s cannot be asked", server);
	exchange.error.status = STATUS_BAD;
	slot_leave(bulk, index);
	job_silent(bulk, index, &exchange);
}

/* --- cut answers --- */

static void tcp_answered(struct loop *loop, const struct dns_exchange *answered, void *arg)
{
	(void)loop;
	struct dns_job *job = arg;
	struct bulk *bulk = job->bulk;
	uint32_t index = (uint32_t)(job - bulk->jobs);
	struct dns_exchange exchange = *answered;
	job->query = NULL;
	exchange.truncated_first = true;
	exchange.tries = bulk->slots[index].tries;
	if (answered->message) {
		job->wire_length = (uint32_t)answered->message->length;
		job->wire = mem_dup(answered->message->wire, job->wire_length);
	}
	job_end(bulk, index, &exchange);
	pump(bulk);
}

static void tcp_ask(struct bulk *bulk, uint32_t index)
{
	struct dns_job *job = &bulk->jobs[index];
	struct dns_request request = job->request;
	struct dns_exchange exchange = exchange_of(bulk, index);
	request.transport = DNS_TCP;
	job->bulk = bulk;
	job->query = dns_query_start(bulk->loop, &request, tcp_answered, job, &exchange.error);
	if (job->query)
		return;
	exchange.outcome = DNS_FAILED;
	job_end(bulk, index, &exchange);
}

/* --- answers --- */

static void stray(struct bulk *bulk, uint32_t index, const char *why, const struct addr *from)
{
	struct dns_job *job = &bulk->jobs[index];
	struct bulk_slot *slot = &bulk->slots[index];
	bulk->report->strays++;
	if (slot->strays == BULK_STRAYS_MAX)
		return;
	job->strays = mem_resize(job->strays, slot->strays + 1u, sizeof *job->strays);
	job->strays[slot->strays++] = (struct dns_stray){ .why = why, .from = *from, .at = clock_mono() };
}

static int try_of_id(const struct bulk_slot *slot, uint16_t id)
{
	int i = slot->tries - 1;
	while (i > 0 && slot->ids[i] != id)
		i--;
	return i;
}

static void answered(struct bulk *bulk, uint32_t index, const struct sys_datagram *datagram, uint16_t id)
{
	struct dns_job *job = &bulk->jobs[index];
	struct bulk_slot *slot = &bulk->slots[index];
	struct dns_exchange exchange = exchange_of(bulk, index);
	int try = try_of_id(slot, id);
	struct dns_message *message = dns_message_parse(datagram->bytes, datagram->length, &exchange.error);
	if (message) {
		struct dns_question question = { .type = job->request.type,
						 .class_ = job->request.class_ ? job->request.class_ : 1 };
		dns_name_parse(job->request.name, &question.name, NULL);
		const char *why = dns_answer_mismatch(message, id, &question);
		if (why) {
			stray(bulk, index, why, &datagram->peer);
			dns_message_free(message);
			return;
		}
	}
	exchange.outcome = message ? DNS_ANSWERED : DNS_MALFORMED;
	exchange.message = message;
	exchange.rtt = (datagram->stamp != NS_NONE ? datagram->stamp : clock_real()) - slot->sent[try];
	exchange.answer_bytes = datagram->length;
	bulk_server_answered(&bulk->servers[slot->server], exchange.rtt, slot->tries == 1, bulk->window);
	slot_leave(bulk, index);
	if (message && message->tc && !job->request.ignore_truncation) {
		tcp_ask(bulk, index);
	} else {
		if (message) {
			job->wire = mem_dup(datagram->bytes, datagram->length);
			job->wire_length = (uint32_t)datagram->length;
		}
		job_end(bulk, index, &exchange);
	}
	dns_message_free(message);
}

static void take(struct bulk *bulk, struct bulk_socket *socket, const struct sys_datagram *datagram)
{
	uint16_t id;
	bool is_answer;
	bulk->report->received++;
	if (!dns_header_peek(datagram->bytes, datagram->length, &id, &is_answer) || !socket->owners[id]) {
		bulk->report->strays++;
		return;
	}
	/* A question that was sent twice is answered twice. */
	if (socket->owners[id] == BULK_SPENT)
		return;
	uint32_t index = socket->owners[id] - 1;
	const struct addr *server = &bulk->jobs[index].request.server;
	if (!addr_equal(&datagram->peer, server))
		stray(bulk, index, "another address", &datagram->peer);
	else if (datagram->peer.port != server->port)
		stray(bulk, index, "another port", &datagram->peer);
	else
		answered(bulk, index, datagram, id);
}

/* Hosts send few such errors a second: one is enough for all that wait for the same closed port. */
static void refuse_waiting(struct bulk *bulk)
{
	for (int tries = 1; tries <= BULK_TRIES; tries++)
		for (uint32_t at = bulk->lists[tries].first; at;) {
			uint32_t index = at - 1;
			at = bulk->slots[index].after;
			if (bulk->servers[bulk->slots[index].server].refuses)
				job_refused(bulk, index, ECONNREFUSED);
		}
}

static void errors_take(struct bulk *bulk, struct bulk_socket *socket)
{
	uint8_t sent[DNS_HEADER_SIZE];
	struct sys_socket_event event;
	while (sys_socket_event_next(socket->fd, sent, sizeof sent, &event)) {
		uint16_t id;
		bool answer;
		if (event.kind != SYS_EVENT_ICMP || !dns_header_peek(sent, event.length, &id, &answer) ||
		    !socket->owners[id] || socket->owners[id] == BULK_SPENT)
			continue;
		uint32_t index = socket->owners[id] - 1;
		struct bulk_server *server = &bulk->servers[bulk->slots[index].server];
		server->refuses |= event.errnum == ECONNREFUSED && server->srtt == NS_NONE &&
				   addr_equal(&event.offender, &server->addr);
		bool all = server->refuses;
		job_refused(bulk, index, event.errnum);
		if (all)
			refuse_waiting(bulk);
	}
}

static void ready(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	struct bulk_socket *socket = arg;
	struct bulk *bulk = socket->bulk;
	if (events & EPOLLERR)
		errors_take(bulk, socket);
	for (int turn = 0; turn < BULK_TURNS; turn++) {
		for (size_t i = 0; i < BULK_AT_ONCE; i++)
			bulk->in[i].size = BULK_DATAGRAM;
		int got = sys_socket_receive_many(fd, bulk->in, BULK_AT_ONCE);
		for (int i = 0; i < got; i++)
			take(bulk, socket, &bulk->in[i]);
		if (got < BULK_AT_ONCE)
			break;
	}
	pump(bulk);
}

/* --- questions --- */

static void flush(struct bulk *bulk, struct bulk_socket *socket)
{
	size_t at = 0;
	while (at < socket->out_count) {
		int sent = sys_socket_send_many(socket->fd, socket->out + at, socket->out_count - at);
		if (sent > 0) {
			at += (size_t)sent;
			continue;
		}
		/* An ICMP error about an earlier one comes as errno once; whatever is not sent now is asked again in time. */
		if (errno != ECONNREFUSED && errno != EHOSTUNREACH && errno != EINTR)
			at++;
	}
	bulk->report->sent += socket->out_count;
	socket->out_count = 0;
}

/* Puts the job's question, once more or for the first time, among what is to be sent. */
static bool ask(struct bulk *bulk, uint32_t index, ns_t now)
{
	struct dns_job *job = &bulk->jobs[index];
	struct bulk_slot *slot = &bulk->slots[index];
	struct dns_question question;
	if (!slot->tries)
		slot->socket = bulk_socket_pick(bulk, job->request.server.family);
	struct bulk_socket *socket = &bulk->sockets[slot->socket];
	uint16_t id = bulk_new_id(bulk, socket);
	struct sys_datagram *datagram = &socket->out[socket->out_count];
	datagram->length = dns_query_build(&job->request, id, datagram->bytes, &question, NULL);
	datagram->peer = job->request.server;
	if (!datagram->length)
		return false;
	socket->owners[id] = index + 1;
	slot->ids[slot->tries] = id;
	slot->sent[slot->tries++] = now;
	bulk_list_append(bulk, index);
	if (++socket->out_count == BULK_AT_ONCE)
		flush(bulk, socket);
	return true;
}

static void begin(struct bulk *bulk, uint32_t index, ns_t now)
{
	struct dns_exchange exchange;
	bulk->under_way++;
	bulk->servers[bulk->slots[index].server].under_way++;
	if (bulk->servers[bulk->slots[index].server].refuses) {
		job_refused(bulk, index, ECONNREFUSED);
		return;
	}
	if (ask(bulk, index, now))
		return;
	exchange = exchange_of(bulk, index);
	exchange.outcome = DNS_FAILED;
	error_set(&exchange.error, STATUS_USAGE, "EUSAGE", NULL, "%.200s is no name that can be asked for",
		  bulk->jobs[index].request.name);
	job_end(bulk, index, &exchange);
}

static void flush_all(struct bulk *bulk)
{
	for (int i = 0; i < BULK_SOCKETS; i++)
		if (bulk->sockets[i].out_count)
			flush(bulk, &bulk->sockets[i]);
}

static void fired(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	struct bulk *bulk = arg;
	ns_t now = clock_real();
	uint32_t index;
	while (bulk_overdue(bulk, now, &index)) {
		struct bulk_slot *slot = &bulk->slots[index];
		bulk_server_lost(&bulk->servers[slot->server], now);
		if (slot->tries >= bulk_tries_most(bulk, index)) {
			job_timed_out(bulk, index);
			continue;
		}
		bulk_list_remove(bulk, index);
		ask(bulk, index, now);
	}
	pump(bulk);
}

/* Keeps all windows full, and the timer set. */
static void pump(struct bulk *bulk)
{
	ns_t now = clock_real();
	/* What a server refuses goes to the next one, which may stand before it; the array may move meanwhile. */
	for (size_t s = 0, idle = 0; bulk->server_count && idle < bulk->server_count;
	     s = (s + 1) % bulk->server_count) {
		idle++;
		while (bulk->servers[s].under_way < bulk->servers[s].window &&
		       bulk->servers[s].next < bulk->servers[s].count) {
			begin(bulk, bulk->servers[s].queue[bulk->servers[s].next++], now);
			idle = 0;
		}
	}
	flush_all(bulk);
	ns_t deadline = bulk_next_deadline(bulk);
	if (deadline != NS_NEVER)
		loop_timer_start(bulk->loop, &bulk->timer, deadline - bulk->offset, fired, bulk);
	else
		loop_timer_stop(bulk->loop, &bulk->timer);
	finish_check(bulk);
}

enum loop_end dns_bulk_run(struct loop *loop, struct dns_job *jobs, size_t count, size_t window,
			   struct dns_bulk_report *report, struct error *err)
{
	struct bulk bulk = { .loop = loop, .jobs = jobs, .count = count, .window = window, .report = report };
	*report = (struct dns_bulk_report){ 0 };
	enum loop_end end = LOOP_IDLE;
	if (bulk_open(&bulk, ready, err) == 0) {
		pump(&bulk);
		end = loop_run(loop, &bulk.done);
	}
	for (size_t i = 0; i < count; i++)
		if (!jobs[i].done)
			dns_job_abandon(&jobs[i]);
	bool done = bulk.done;
	bulk_close(&bulk);
	return done ? LOOP_DONE : end;
}
