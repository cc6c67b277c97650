/* What the service's clients suffer from between it and them: loss, the path's capacity, distance, their own windows, our send buffer. */
#include "diag/service.h"
#include "diag/words.h"

/* A hundredth of the watched time is nobody's complaint, a tenth is. */
static const double SHARE_LEAST = 0.1;

/* Bytes a second (100 Mbit/s) that hold up nobody who waits for a service: who moves bulk data at that speed has a good path. */
static const double FAST = 12.5e6;

static double rate_of(const struct service_facts *facts, const struct service_client *client)
{
	return facts->took > 0 ? (double)client->sent_bytes * 1e9 / (double)facts->took : 0;
}

static double share_of(const struct service_facts *facts, enum blame blame)
{
	double most = 0;
	for (size_t i = 0; i < facts->client_count; i++) {
		const struct service_client *client = &facts->clients[i];
		if (client->says == blame_text(blame) && client->share > most)
			most = client->share;
	}
	return most;
}

/* The client that suffers most from it; how many do so at all goes to *count. */
static const struct service_client *worst_client(const struct service_facts *facts, enum blame blame,
						 size_t *count)
{
	const struct service_client *worst = NULL;
	*count = 0;
	for (size_t i = 0; i < facts->client_count; i++) {
		const struct service_client *client = &facts->clients[i];
		if (client->says != blame_text(blame) || client->share < SHARE_LEAST ||
		    rate_of(facts, client) > FAST)
			continue;
		++*count;
		if (!worst || client->share > worst->share)
			worst = client;
	}
	return worst;
}

static ns_t cost_of(const struct service_facts *facts, double share)
{
	return (ns_t)(share * (double)facts->took);
}

static void where_client(struct verdict *verdict, const struct service_client *client, size_t count)
{
	char text[ADDR_TEXT_MAX];
	addr_format(&client->addr, text);
	if (count > 1)
		verdict_where(verdict, "the way to %s and %zu other clients", text, count - 1);
	else
		verdict_where(verdict, "the way to %s", text);
}

static void say_share_of(struct verdict *verdict, const struct service_client *client, const char *what)
{
	char text[ADDR_TEXT_MAX];
	verdict_evidence(verdict, "time", value_percent(100 * client->share), value_none(), 0.8,
			 "%s %s took %s of the watched time of a connection (the kernel's accounting)",
			 addr_format(&client->addr, text), what, say_share(client->share).text);
}

static void next_ping(struct verdict *verdict, const struct service_client *client)
{
	char text[ADDR_TEXT_MAX];
	verdict_next(verdict, "ntsh traceroute %s", addr_format(&client->addr, text));
}

/* Its round trips are far above the best one: a queue on the way is full, and what it drops is no damage, but its way to say so. */
static bool is_queueing(const struct service_client *client)
{
	return client->rtt != NS_NONE && client->min_rtt != NS_NONE &&
	       client->rtt > 3 * client->min_rtt + 30 * NS_PER_MS;
}

static enum finding judge_loss(const struct matter *matter, struct verdict *verdict)
{
	const struct service_facts *f = matter->service;
	const struct service_client *worst = NULL;
	size_t count = 0;
	uint64_t resent = 0, sent = 0;
	/* Watch from 1 %, bad from 3 %, at least 5 segments (SIGNALS 26). */
	for (size_t i = 0; i < f->client_count; i++) {
		const struct service_client *c = &f->clients[i];
		resent += c->retransmitted;
		sent += c->sent_segments;
		if (c->retransmitted < 5 || 100 * c->retransmitted < c->sent_segments || is_queueing(c))
			continue;
		count++;
		if (!worst ||
		    c->retransmitted * worst->sent_segments > worst->retransmitted * c->sent_segments)
			worst = c;
	}
	if (!f->client_count || (!sent && !worst))
		return NOT_TESTED;
	if (!worst)
		return verdict_clean(verdict, "%llu of %llu segments to clients were sent again",
				     (unsigned long long)resent, (unsigned long long)sent);
	double rate = worst->sent_segments ? (double)worst->retransmitted / (double)worst->sent_segments : 1;
	char text[ADDR_TEXT_MAX];
	where_client(verdict, worst, count);
	verdict_evidence(verdict, "retransmissions", value_percent(100 * rate), value_percent(0), 0.9,
			 "%llu of %llu segments to %s were sent again",
			 (unsigned long long)worst->retransmitted, (unsigned long long)worst->sent_segments,
			 addr_format(&worst->addr, text));
	verdict_evidence(verdict, "clients", value_count(count), value_count(f->client_count), 0.6,
			 "%zu of %zu clients lose as much", count, f->client_count);
	if (worst->share > 0)
		say_share_of(verdict, worst, "lost segments and the caution after them");
	next_ping(verdict, worst);
	double share = worst->share > SHARE_LEAST ? worst->share : SHARE_LEAST;
	return verdict_found(verdict, cost_of(f, share), rate > 0.03 ? 0.95 : 0.8,
			     "the network loses %s of what the service sends to %s", say_share(rate).text,
			     text);
}

/* The client whose connection waited longest for the path: its window full, or a queue on the way full. Where segments are lost without a queue,
 * they make the window small, and are the cause. */
static const struct service_client *narrowest(const struct service_facts *facts, size_t *count)
{
	const struct service_client *worst = NULL;
	*count = 0;
	for (size_t i = 0; i < facts->client_count; i++) {
		const struct service_client *c = &facts->clients[i];
		bool lossy = c->retransmitted >= 5 && 100 * c->retransmitted >= c->sent_segments;
		if (c->network < 0.4 || (lossy && !is_queueing(c)))
			continue;
		++*count;
		if (!worst || c->network > worst->network)
			worst = c;
	}
	return worst;
}

static enum finding judge_bandwidth(const struct matter *matter, struct verdict *verdict)
{
	const struct service_facts *f = matter->service;
	size_t count;
	const struct service_client *worst = narrowest(f, &count);
	if (!f->client_count)
		return NOT_TESTED;
	if (!worst || f->took <= 0)
		return verdict_clean(verdict, "the path held connections up for %s of the time at most",
				     say_share(share_of(f, BLAME_PATH)).text);
	char text[ADDR_TEXT_MAX];
	double rate = rate_of(f, worst);
	if (rate > FAST)
		return verdict_clean(verdict, "the path to %s carries %s", addr_format(&worst->addr, text),
				     say_rate(rate).text);
	where_client(verdict, worst, count);
	verdict_evidence(
	    verdict, "time", value_percent(100 * worst->network), value_none(), 0.8,
	    "%s had data ready for %s and waited for the path for %s of the time (the kernel's accounting)",
	    f->process[0] ? f->process : "the program", addr_format(&worst->addr, text),
	    say_share(worst->network).text);
	verdict_evidence(verdict, "rate", value_bit_rate(8 * rate), value_none(), 0.7, "it took %s to %s",
			 say_rate(rate).text, addr_format(&worst->addr, text));
	if (worst->rtt != NS_NONE && worst->min_rtt != NS_NONE)
		verdict_evidence(verdict, "round_trip", value_time(worst->rtt), value_time(worst->min_rtt),
				 0.5,
				 "its round trip is %s, %s at best: the difference is a queue on the way",
				 say_time(worst->rtt).text, say_time(worst->min_rtt).text);
	next_ping(verdict, worst);
	return verdict_found(
	    verdict, cost_of(f, worst->network), 0.85,
	    "the path to %s takes no more than %s: the service has data ready and waits for it", text,
	    say_rate(rate).text);
}

static enum finding judge_latency(const struct matter *matter, struct verdict *verdict)
{
	const struct service_facts *f = matter->service;
	const struct service_client *far = NULL;
	size_t count = 0, talking = 0;
	for (size_t i = 0; i < f->client_count; i++) {
		const struct service_client *c = &f->clients[i];
		if (c->min_rtt == NS_NONE || !c->sent_bytes)
			continue;
		talking++;
		if (c->min_rtt < 150 * NS_PER_MS)
			continue;
		count++;
		if (!far || c->min_rtt > far->min_rtt)
			far = c;
	}
	if (!talking)
		return NOT_TESTED;
	if (!far)
		return verdict_clean(verdict, "no client is farther than 150 ms");
	char text[ADDR_TEXT_MAX];
	where_client(verdict, far, count);
	verdict_evidence(verdict, "round_trip", value_time(far->min_rtt), value_none(), 0.9,
			 "the least round trip to %s is %s: each question waits as long",
			 addr_format(&far->addr, text), say_time(far->min_rtt).text);
	verdict_evidence(verdict, "clients", value_count(count), value_count(talking), 0.5,
			 "%zu of %zu clients that were served are that far", count, talking);
	next_ping(verdict, far);
	return verdict_found(verdict, far->min_rtt, 0.8, "%s is far away: a round trip takes %s", text,
			     say_time(far->min_rtt).text);
}

static enum finding judge_client_reading(const struct matter *matter, struct verdict *verdict)
{
	const struct service_facts *f = matter->service;
	size_t count;
	const struct service_client *worst = worst_client(f, BLAME_PEER, &count);
	if (!f->client_count)
		return NOT_TESTED;
	if (!worst)
		return verdict_clean(verdict, "the clients' windows were open");
	char text[ADDR_TEXT_MAX];
	addr_format(&worst->addr, text);
	verdict_where(verdict, "%s", text);
	say_share_of(verdict, worst, "waiting for the client's window");
	verdict_evidence(verdict, "clients", value_count(count), value_count(f->client_count), 0.6,
			 "%zu of %zu clients do not take what is sent to them", count, f->client_count);
	verdict_next(verdict, "on %s:  ntsh ss blame", text);
	return verdict_found(verdict, cost_of(f, worst->share), 0.93,
			     "%s does not read what the service sends: its receive window is full", text);
}

static enum finding judge_send_buffer(const struct matter *matter, struct verdict *verdict)
{
	const struct service_facts *f = matter->service;
	size_t count;
	const struct service_client *worst = worst_client(f, BLAME_BUFFER, &count);
	if (!f->client_count)
		return NOT_TESTED;
	if (!worst)
		return verdict_clean(verdict, "the send buffers were large enough");
	char text[ADDR_TEXT_MAX];
	addr_format(&worst->addr, text);
	verdict_where(verdict, "%s", f->process[0] ? f->process : "this machine");
	say_share_of(verdict, worst, "waiting for room in our send buffer");
	verdict_next(verdict, "ntsh sysctl net.ipv4.tcp_wmem   (unless the program sets SO_SNDBUF itself)");
	return verdict_found(
	    verdict, cost_of(f, worst->share), 0.88,
	    "the send buffer is too small for the way to %s: it empties before the ACKs are back", text);
}

const struct rule rules_service_network[] = {
	{ "network.loss", CLASS_NETWORK, AT_SEGMENTS, "kernel snmp_counter; SIGNALS 26", judge_loss },
	{ "network.bandwidth", CLASS_NETWORK, AT_SEGMENTS, "tcp(7) TCP_INFO: tcpi_busy_time",
	  judge_bandwidth },
	{ "network.latency", CLASS_NETWORK, AT_PATH, "tcp(7) TCP_INFO: tcpi_min_rtt", judge_latency },
	{ "client.not-reading", CLASS_CLIENT, AT_SEGMENTS, "tcp(7) TCP_INFO: tcpi_rwnd_limited; SIGNALS 29",
	  judge_client_reading },
	{ "client.send-buffer", CLASS_CLIENT, AT_SEGMENTS, "tcp(7) TCP_INFO: tcpi_sndbuf_limited",
	  judge_send_buffer },
	{ NULL, CLASS_UNKNOWN, AT_PATH, NULL, NULL },
};

/* Nothing costs enough to be a cause. */
void service_otherwise(const struct matter *matter, struct verdict *out)
{
	const struct service_facts *f = matter->service;
	const struct service_sums *s = &f->sums;
	verdict_where(out, "%s%s%s", f->process[0] ? f->process : "the program", f->where[0] ? " at " : "",
		      f->where);
	if (f->listens && !s->connections) {
		out->class_ = CLASS_UNKNOWN;
		out->cause = "unknown";
		verdict_found(out, 0, 0,
			      "nobody was connected to port %u in %s: the service listens, more cannot be "
			      "told without clients",
			      f->port, say_time(f->took).text);
		verdict_next(out, "ntsh diagnose service %u -i 30s", f->port);
		return;
	}
	out->class_ = CLASS_HEALTHY;
	out->cause = "healthy";
	verdict_found(out, 0, s->answered_bytes ? 0.9 : 0.7,
		      "the program accepts, reads and answers, and the network carries it (%llu "
		      "connection%s, %zu client%s)",
		      (unsigned long long)s->connections, s->connections == 1 ? "" : "s", f->client_count,
		      f->client_count == 1 ? "" : "s");
	verdict_evidence(out, "answered", value_bytes(s->answered_bytes), value_none(), 0.6,
			 "%s were sent to clients and acknowledged in %s", say_bytes(s->answered_bytes).text,
			 say_time(f->took).text);
	verdict_evidence(out, "accept_queue", value_count(f->queue_most), value_count(f->queue_limit), 0.6,
			 "at most %llu of %llu connections waited to be accepted",
			 (unsigned long long)f->queue_most, (unsigned long long)f->queue_limit);
}
