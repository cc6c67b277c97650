/* What a diagnosis of this machine sends: echo requests to the gateways, small and of the link's MTU; ARP questions; one question to each resolver. */
#include "diag/host.h"

#include "ntsh/neigh.h"
#include "ntsh/ping.h"
#include "ntsh/route.h"

#include "base/mem.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/neighbour.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_PINGS = 5, BIG_PINGS = 3, SMALL_BYTES = 32 };
#define SMALL_EVERY (100 * NS_PER_MS)
#define BIG_EVERY (150 * NS_PER_MS)
#define ARP_PATIENCE (500 * NS_PER_MS)
#define SLACK (100 * NS_PER_MS)
/* The kernel asks once a second. */
#define NEIGHBOUR_PATIENCE (900 * NS_PER_MS)

/* One series of echo requests. */
struct echo {
	struct host_gateway *gateway;
	struct ping *ping;
	bool big, by_tcp;
};

struct question {
	struct host_resolver *resolver;
	struct dns_query *query;
};

struct host_probes {
	struct echo echoes[2 * HOST_GATEWAYS_MAX];
	struct question questions[HOST_RESOLVERS_MAX];
};

static void on_probe(const struct ping_probe *probe, void *arg)
{
	struct echo *echo = arg;
	struct host_gateway *gateway = echo->gateway;
	bool answered = probe->outcome == PING_REPLY;
	if (echo->by_tcp || probe->outcome == PING_DUPLICATE || probe->outcome == PING_LATE)
		return;
	if (probe->outcome == PING_SEND_FAILED)
		gateway->errnum = probe->errnum;
	if (echo->big) {
		gateway->big_sent++;
		gateway->big_answered += answered;
		return;
	}
	gateway->sent++;
	gateway->answered += answered;
	if (answered && (gateway->rtt == NS_NONE || probe->rtt < gateway->rtt))
		gateway->rtt = probe->rtt;
}

static void on_method(enum ping_method method, const char *because, void *arg)
{
	/* TCP says nothing about ICMP of any size. */
	((struct echo *)arg)->by_tcp = method == PING_TCP;
	(void)because;
}

static void on_end(void *arg)
{
	(void)arg;
}

static const struct ping_events echo_events = { on_probe, on_method, on_end };

/* Echo requests of this method only: falling over to TCP would knock at a router's door for nothing. */
static struct ping *echo_begin(struct loop *loop, struct echo *echo, enum ping_method method, size_t size,
			       ns_t patience)
{
	struct ping_request request = { .target = echo->gateway->addr,
					.method = method,
					.count = echo->big ? BIG_PINGS : SMALL_PINGS,
					.interval = echo->big ? BIG_EVERY : SMALL_EVERY,
					.timeout = patience,
					.size = size,
					.interface = NULL };
	return ping_start(loop, &request, &echo_events, echo, NULL);
}

static void echo_start(struct loop *loop, struct echo *echo, struct host_gateway *gateway, bool big,
		       ns_t patience)
{
	size_t header = gateway->family == AF_INET6 ? 48 : 28, size = SMALL_BYTES;
	*echo = (struct echo){ .gateway = gateway, .big = big };
	if (gateway->addr.family == AF_UNSPEC || (big && gateway->mtu < header + SMALL_BYTES))
		return;
	if (big) {
		/* Loopback-like MTUs are no wire's. */
		if (gateway->mtu > 9216)
			return;
		size = gateway->mtu - header;
		gateway->big_bytes = gateway->mtu;
	}
	echo->ping = echo_begin(loop, echo, PING_ICMP_SOCKET, size, patience);
	if (!echo->ping)
		echo->ping = echo_begin(loop, echo, PING_ICMP_RAW, size, patience);
}

static void on_answer(struct loop *loop, const struct dns_exchange *exchange, void *arg)
{
	struct question *question = arg;
	struct host_resolver *resolver = question->resolver;
	(void)loop;
	question->query = NULL;
	resolver->outcome = exchange->outcome;
	resolver->rtt = exchange->rtt;
	if (!strcmp(exchange->error.code, "EPERM"))
		resolver->errnum = EPERM;
	if (exchange->outcome != DNS_ANSWERED)
		snprintf(resolver->error, sizeof resolver->error, "%.150s", exchange->error.message);
}

static void question_ask(struct loop *loop, struct question *question, struct host_resolver *resolver,
			 ns_t patience)
{
	/* The root's name servers: every resolver knows them, and nobody's privacy is touched. */
	struct dns_request request = { .name = ".",
				       .type = 2,
				       .server = resolver->addr,
				       .recursion_desired = true,
				       .timeout = patience,
				       .tries = 2 };
	question->resolver = resolver;
	resolver->asked = true;
	resolver->outcome = DNS_FAILED;
	question->query = dns_query_start(loop, &request, on_answer, question, NULL);
	if (!question->query)
		resolver->errnum = errno;
}

struct host_probes *host_probes_start(struct loop *loop, struct host_facts *facts, ns_t time)
{
	struct host_probes *probes = NEW(struct host_probes);
	ns_t echo_patience = time - SMALL_PINGS * SMALL_EVERY, question_patience = (time - SLACK) / 2;
	for (unsigned i = 0; i < facts->gateway_count; i++) {
		echo_start(loop, &probes->echoes[2 * i], &facts->gateways[i], false, echo_patience);
		echo_start(loop, &probes->echoes[2 * i + 1], &facts->gateways[i], true, echo_patience);
	}
	for (unsigned i = 0; i < facts->resolver_count; i++)
		question_ask(loop, &probes->questions[i], &facts->resolvers[i], question_patience);
	return probes;
}

/* Whether the gateway answers on its link. An answer to anything proves it; else the kernel's table tells, which has asked by now. */
static void neighbour_look(struct host_gateway *gateway, bool patient)
{
	uint16_t state;
	uint8_t mac[6];
	if (gateway->addr.family == AF_UNSPEC)
		return;
	if (gateway->answered || gateway->big_answered || gateway->owners) {
		gateway->neighbour = FACT_YES;
		return;
	}
	if (neighbour_get(&gateway->addr, gateway->index, &state, mac, NULL) < 0)
		return;
	if (state & NUD_FAILED || (state & NUD_INCOMPLETE && patient))
		gateway->neighbour = FACT_NO;
	else if (state & (NUD_REACHABLE | NUD_PERMANENT | NUD_NOARP))
		gateway->neighbour = FACT_YES;
	else if (state & (NUD_PROBE | NUD_DELAY))
		gateway->neighbour = FACT_UNKNOWN;
}

void host_probes_end(struct host_probes *probes, struct host_facts *facts)
{
	for (size_t i = 0; i < sizeof probes->echoes / sizeof probes->echoes[0]; i++)
		ping_free(probes->echoes[i].ping);
	for (size_t i = 0; i < sizeof probes->questions / sizeof probes->questions[0]; i++) {
		struct question *question = &probes->questions[i];
		if (!question->query)
			continue;
		dns_query_cancel(question->query);
		question->resolver->outcome = DNS_TIMED_OUT;
		snprintf(question->resolver->error, sizeof question->resolver->error, "no answer in time");
	}
	/* Cut short: who has not answered yet may still do so. */
	for (unsigned i = 0; facts->interrupted && i < facts->resolver_count; i++)
		if (facts->resolvers[i].outcome != DNS_ANSWERED)
			facts->resolver_count = 0;
	for (unsigned i = 0; i < facts->gateway_count; i++)
		neighbour_look(&facts->gateways[i], facts->interval >= NEIGHBOUR_PATIENCE);
	free(probes);
}

/* --- ARP --- */

enum { QUESTIONS_MAX = HOST_LINKS_MAX + HOST_GATEWAYS_MAX };

static size_t own_questions(const struct ifaces *ifaces, struct arp_question *out)
{
	size_t count = 0;
	for (size_t i = 0; i < ifaces->address_count && count < HOST_LINKS_MAX; i++) {
		const struct iface_address *address = &ifaces->addresses[i];
		const struct iface *iface = iface_by_index(ifaces, address->index);
		if (iface && iface_is_running(iface) && address->addr.family == AF_INET &&
		    iface->mac_length == 6 && !(iface->flags & (IFF_LOOPBACK | IFF_NOARP)))
			out[count++] = (struct arp_question){ .index = iface->index,
							      .interface = iface->name,
							      .target = address->addr };
	}
	return count;
}

static void twin_add(struct host_facts *facts, const struct addr *addr, const char *interface,
		     const uint8_t *mac)
{
	if (facts->twin_count == HOST_TWINS_MAX)
		return;
	struct host_twin *twin = &facts->twins[facts->twin_count++];
	*twin = (struct host_twin){ .addr = *addr, .mac_known = mac != NULL };
	snprintf(twin->interface, sizeof twin->interface, "%s", interface);
	if (mac)
		memcpy(twin->mac, mac, sizeof twin->mac);
}

void host_ask_arp(struct loop *loop, struct host_facts *facts, const struct ifaces *ifaces)
{
	static struct arp_question questions[QUESTIONS_MAX];
	size_t own = own_questions(ifaces, questions), count = own;
	for (unsigned i = 0; i < facts->gateway_count; i++)
		questions[count++] = (struct arp_question){ .index = facts->gateways[i].index,
							    .interface = facts->gateways[i].interface,
							    .target = facts->gateways[i].addr };
	for (size_t i = 0; i < ifaces->address_count; i++) {
		const struct iface_address *address = &ifaces->addresses[i];
		const struct iface *iface = iface_by_index(ifaces, address->index);
		const char *fault = iface_address_fault(address);
		if (iface && fault && !strcmp(fault, "duplicate"))
			twin_add(facts, &address->addr, iface->name, NULL);
	}
	if (!count || arp_ask(loop, questions, count, ARP_PATIENCE, NULL) < 0)
		return;
	facts->arp_asked = true;
	for (size_t i = 0; i < own; i++)
		if (questions[i].answers)
			twin_add(facts, &questions[i].target, questions[i].interface, questions[i].macs[0]);
	for (unsigned i = 0; i < facts->gateway_count; i++)
		facts->gateways[i].owners = questions[own + i].answers;
}
