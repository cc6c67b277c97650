/* The questions of a walk and their answers. */
#include "net/dns/trace_parts.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void ask_start(struct walk_ask *ask);

static void ended(struct walk *trace)
{
	trace->under_way--;
	trace->wake = true;
}

static enum walk_reply reply_of_failure(const struct dns_exchange *exchange)
{
	switch (exchange->outcome) {
	case DNS_TIMED_OUT:
		return WALK_SILENT;
	case DNS_REFUSED_PORT:
		return WALK_PORT_CLOSED;
	case DNS_MALFORMED:
		return WALK_MALFORMED;
	case DNS_UNREACHABLE:
		/* Without a route the send itself fails, and no time passes. */
		if (strcmp(exchange->error.code, "ENETUNREACH") == 0 && exchange->rtt == NS_NONE &&
		    exchange->ended - exchange->began < 5 * NS_PER_MS)
			return WALK_LOCAL;
		return WALK_UNREACHABLE;
	default:
		return WALK_LOCAL;
	}
}

static void measure(struct walk_server *server, const struct dns_exchange *exchange)
{
	server->rtt = exchange->rtt;
	server->kernel_stamped = exchange->kernel_stamped;
	server->tries = exchange->tries;
	server->truncated = exchange->truncated_first;
	server->stray_count = exchange->stray_count;
	server->stray_why = exchange->stray_count ? exchange->strays[0].why : NULL;
	snprintf(server->says, sizeof server->says, "%.199s", exchange->error.message);
}

static void question_judge(struct walk_zone_inner *zone, size_t index)
{
	struct walk_server *server = &zone->servers[index];
	const struct dns_message *message = server->message;
	char code[16];
	server->reply = referral_judge(message, &zone->name, &zone->asked, zone->type, &zone->cuts[index],
				       &zone->targets[index]);
	if (walk_reply_is_lame(server->reply))
		snprintf(server->says, sizeof server->says, "%s%s%s%s",
			 server->reply == WALK_ERROR ? dns_rcode_name(message->rcode, code)
						     : walk_reply_word(server->reply),
			 message->ede_code >= 0 ? ", it says: " : "",
			 message->ede_code >= 0 ? dns_ede_meaning(message->ede_code) : "",
			 message->rcode == 0 && message->ra ? " (it is a resolver)" : "");
	if (walk_reply_is_good(server->reply) && zone->first < 0)
		zone->first = (int)index;
}

/* Servers that know nothing of EDNS say FORMERR or NOTIMP, or nothing at all: they are asked again as in 1987 (RFC 6891 7). */
static bool plain_may_help(const struct walk_ask *ask, const struct dns_exchange *exchange)
{
	if (ask->plain || ask->what != ASK_QUESTION)
		return false;
	if (exchange->outcome == DNS_TIMED_OUT)
		return !exchange->truncated_first;
	return exchange->outcome == DNS_ANSWERED && !exchange->message->has_edns &&
	       (exchange->message->rcode == 1 || exchange->message->rcode == 4);
}

static struct dns_message *message_keep(const struct dns_exchange *exchange)
{
	if (!exchange->message || exchange->outcome != DNS_ANSWERED)
		return NULL;
	return dns_message_parse(exchange->message->wire, exchange->message->length, NULL);
}

static void question_answered(struct walk_ask *ask, const struct dns_exchange *exchange)
{
	struct walk_zone_inner *zone = ask->zone;
	struct walk_server *server = &zone->servers[ask->server];
	measure(server, exchange);
	server->message = message_keep(exchange);
	if (server->message) {
		server->edns = server->message->has_edns ? WALK_CAN : WALK_CANNOT;
		question_judge(zone, ask->server);
	} else {
		server->reply = reply_of_failure(exchange);
	}
	zone->pending--;
}

/* An error tells nothing about keys. */
static void keys_answered(struct walk_ask *ask, const struct dns_exchange *exchange)
{
	struct dns_message *message = message_keep(exchange);
	if (message && message->rcode == 0 && message->aa) {
		ask->zone->servers[ask->server].keys = message;
		return;
	}
	dns_message_free(message);
}

static void answered(struct loop *loop, const struct dns_exchange *exchange, void *arg)
{
	struct walk_ask *ask = arg;
	(void)loop;
	ask->query = NULL;
	if (plain_may_help(ask, exchange)) {
		ask->plain = true;
		ask->zone->servers[ask->server].edns = WALK_CANNOT;
		ask_start(ask);
	} else if (ask->what == ASK_QUESTION)
		question_answered(ask, exchange);
	else
		keys_answered(ask, exchange);
	ended(ask->zone->trace);
}

static void ask_start(struct walk_ask *ask)
{
	struct walk_zone_inner *zone = ask->zone;
	struct walk *trace = zone->trace;
	struct walk_server *server = &zone->servers[ask->server];
	struct error err = ERROR_INIT;
	bool keys = ask->what == ASK_KEYS;
	struct dns_request request = { .name = keys ? zone->pub.name : zone->pub.asked,
				       .type = keys ? RR_DNSKEY : zone->type,
				       .server = server->addr,
				       .dnssec_ok = true,
				       .no_edns = ask->plain,
				       .timeout = trace->request.timeout,
				       .tries = ask->plain ? 1 : trace->request.tries,
				       .interface = trace->request.interface };
	ask->query = dns_query_start(trace->loop, &request, answered, ask, &err);
	trace->result.queries++;
	if (ask->query) {
		trace->under_way++;
		return;
	}
	if (keys)
		return;
	server->reply = WALK_LOCAL;
	snprintf(server->says, sizeof server->says, "%.199s", err.message);
	zone->pending--;
}

static void dialled(struct loop *loop, const struct tcp_connect_result *result, void *arg)
{
	struct walk_dial *dial = arg;
	struct walk_server *server = &dial->zone->servers[dial->server];
	(void)loop;
	dial->connect = NULL;
	if (result->outcome == TCP_CONNECTED) {
		server->tcp = WALK_CAN;
		server->tcp_time = result->rtt != NS_NONE ? result->rtt : result->ended - result->began;
		close(result->fd);
	} else if (result->outcome != TCP_LOCAL_ERROR) {
		server->tcp = WALK_CANNOT;
	}
	ended(dial->zone->trace);
}

static void dial(struct walk_zone_inner *zone, size_t index)
{
	struct walk_dial *dial = &zone->dials[index];
	struct tcp_connect_request request = { .target = zone->servers[index].addr,
					       .interface = zone->trace->request.interface,
					       .timeout = 2 * zone->trace->request.timeout };
	*dial = (struct walk_dial){ .zone = zone, .server = index };
	if (!request.target.port)
		request.target.port = 53;
	dial->connect = tcp_connect_start(zone->trace->loop, &request, dialled, dial, NULL);
	if (dial->connect)
		zone->trace->under_way++;
}

void walk_zone_ask(struct walk_zone_inner *zone, size_t from, const struct dns_name *name, uint16_t type,
		   bool probes)
{
	char text[DNS_NAME_TEXT_MAX];
	zone->asked = *name;
	zone->type = type;
	if (!zone->pub.asked) {
		dns_name_format(name, text);
		zone->pub.asked = mem_strdup(text);
	}
	for (size_t i = from; i < zone->pub.server_count; i++) {
		if (zone->servers[i].addr.family == AF_UNSPEC)
			continue;
		for (int what = ASK_QUESTION; what < (probes ? ASKS : ASK_KEYS); what++) {
			struct walk_ask *ask = &zone->asks[i][what];
			*ask = (struct walk_ask){ .zone = zone, .server = i, .what = (enum walk_what)what };
			zone->pending += what == ASK_QUESTION;
			ask_start(ask);
		}
	}
	/* Behind the questions: these must not wait for the connections' system calls. */
	for (size_t i = from; probes && i < zone->pub.server_count; i++)
		if (zone->servers[i].addr.family != AF_UNSPEC)
			dial(zone, i);
}

void walk_zone_hang_up(struct walk_zone_inner *zone)
{
	for (size_t i = 0; i < zone->pub.server_count; i++) {
		for (int what = 0; what < ASKS; what++) {
			if (zone->asks[i][what].query)
				dns_query_cancel(zone->asks[i][what].query);
			zone->asks[i][what].query = NULL;
		}
		if (zone->dials[i].connect)
			tcp_connect_cancel(zone->dials[i].connect);
		zone->dials[i].connect = NULL;
	}
}

static void on_waker(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct walk *trace = arg;
	(void)loop;
	(void)timer;
	trace->wake = true;
}

bool walk_wait(struct walk *trace, bool (*ready)(const struct walk_zone_inner *zone),
	       const struct walk_zone_inner *zone)
{
	while (!ready(zone) && !trace->result.interrupted) {
		if (clock_mono() >= trace->deadline)
			break;
		trace->wake = false;
		loop_timer_start(trace->loop, &trace->waker, trace->deadline, on_waker, trace);
		if (loop_run(trace->loop, &trace->wake) != LOOP_DONE)
			trace->result.interrupted = true;
	}
	loop_timer_stop(trace->loop, &trace->waker);
	return ready(zone);
}

/* --- one question by itself --- */

struct single {
	struct dns_message *message;
	bool done;
};

static void single_answered(struct loop *loop, const struct dns_exchange *exchange, void *arg)
{
	struct single *single = arg;
	(void)loop;
	single->message = message_keep(exchange);
	single->done = true;
}

struct dns_message *walk_ask_one(struct walk *trace, const struct addr *server, const struct dns_name *name,
				 uint16_t type)
{
	struct single single = { .done = false };
	char text[DNS_NAME_TEXT_MAX];
	dns_name_format(name, text);
	struct dns_request request = { .name = text,
				       .type = type,
				       .server = *server,
				       .dnssec_ok = true,
				       .timeout = trace->request.timeout,
				       .tries = trace->request.tries,
				       .interface = trace->request.interface };
	trace->result.queries++;
	struct dns_query *query = dns_query_start(trace->loop, &request, single_answered, &single, NULL);
	if (query && loop_run(trace->loop, &single.done) != LOOP_DONE) {
		dns_query_cancel(query);
		trace->result.interrupted = true;
	}
	return single.message;
}
