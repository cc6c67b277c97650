/* From packets alone: names, connections that do not come about, and ends that nobody wanted. */
#include "diag/packets.h"
#include "diag/rules.h"
#include "diag/words.h"

#include <stdio.h>

/* What a failure costs whoever waits for it, next to delays that are measured. */
#define FAILURE_COST (3 * NS_PER_S)
#define NOTICEABLE (60 * NS_PER_MS)

static ns_t cost(uint64_t failed, uint64_t worked)
{
	return worked ? (ns_t)failed * FAILURE_COST : NS_NEVER;
}

void verdict_where_example(struct verdict *verdict, const struct packet_example *example)
{
	if (example->name[0])
		verdict_where(verdict, "%s (%s)", example->where, example->name);
	else
		verdict_where(verdict, "%s", example->where);
}

static void next_flow(struct verdict *verdict, const struct packet_example *example)
{
	verdict_next(verdict, "ntsh capture flows FILE -a   (conversation %llu is an example)",
		     (unsigned long long)example->number);
}

/* --- names --- */

static enum finding judge_lookup_dead(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	if (!f->lookups)
		return NOT_TESTED;
	if (!f->lookups_unanswered)
		return verdict_clean(verdict, "all %llu look-ups were answered",
				     (unsigned long long)f->lookups);
	verdict_where_example(verdict, &f->failed_lookup);
	verdict_evidence(verdict, "lookups_unanswered", value_count(f->lookups_unanswered),
			 value_count(f->lookups), 0.9, "%llu of %llu look-ups got no answer",
			 (unsigned long long)f->lookups_unanswered, (unsigned long long)f->lookups);
	next_flow(verdict, &f->failed_lookup);
	return verdict_found(verdict, cost(f->lookups_unanswered, f->lookups - f->lookups_unanswered), 0.85,
			     "the name server %s does not answer", verdict->where);
}

static enum finding judge_lookup_slow(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	uint64_t answered = f->lookups - f->lookups_unanswered;
	if (!answered)
		return NOT_TESTED;
	ns_t each = f->lookup / (ns_t)answered;
	if (each < NOTICEABLE)
		return verdict_clean(verdict, "look-ups took %s", say_time(each).text);
	verdict_where_example(verdict, &f->slow_lookup);
	verdict_evidence(verdict, "lookup", value_time(each), value_none(), 0.8,
			 "look-ups took %s on average", say_time(each).text);
	return verdict_found(verdict, f->lookup, 0.85, "the name server %s took %s for a look-up",
			     verdict->where, say_time(each).text);
}

static enum finding judge_servfail(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	if (!f->lookups)
		return NOT_TESTED;
	if (!f->lookups_servfail)
		return verdict_clean(verdict, "no look-up failed at the server");
	verdict_where_example(verdict, &f->failed_lookup);
	verdict_evidence(verdict, "servfail", value_count(f->lookups_servfail), value_count(f->lookups), 0.9,
			 "%llu of %llu look-ups ended in SERVFAIL", (unsigned long long)f->lookups_servfail,
			 (unsigned long long)f->lookups);
	return verdict_found(verdict, cost(f->lookups_servfail, f->lookups - f->lookups_servfail), 0.9,
			     "the name server %s cannot resolve the name (SERVFAIL)", verdict->where);
}

static enum finding judge_nxdomain(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	/* Search lists make some of them in health. */
	if (!f->lookups || f->tcp || f->lookups_nxdomain < f->lookups)
		return NOT_TESTED;
	verdict_where(verdict, "DNS");
	return verdict_found(verdict, NS_NEVER, 0.9, "the name does not exist: all %llu look-ups said so",
			     (unsigned long long)f->lookups);
}

/* --- connecting --- */

static enum finding judge_refused(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	uint64_t refused = f->refused - f->refused_by_icmp;
	if (!f->tcp)
		return NOT_TESTED;
	if (!refused)
		return verdict_clean(verdict, "no connection was refused");
	verdict_where_example(verdict, &f->refusal);
	verdict_evidence(verdict, "refused", value_count(refused), value_count(f->tcp), 0.9,
			 "%llu of %llu connections were refused by a RST in answer to the SYN",
			 (unsigned long long)refused, (unsigned long long)f->tcp);
	next_flow(verdict, &f->refusal);
	return verdict_found(verdict, cost(refused, f->connected), 0.9, "nobody listens at %s",
			     verdict->where);
}

static enum finding judge_rejected(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	char from[ADDR_TEXT_MAX];
	if (!f->refused_by_icmp)
		return f->tcp ? verdict_clean(verdict, "no ICMP error refused a connection") : NOT_TESTED;
	verdict_where_example(verdict, &f->refusal);
	addr_format(&f->icmp_from, from);
	verdict_evidence(verdict, "icmp", value_count(f->refused_by_icmp), value_none(), 0.95,
			 "%s answered with ICMP type %u code %u", from, f->icmp_type, f->icmp_code);
	bool prohibited = f->icmp_type == 3 ? f->icmp_code >= 9 : f->icmp_code == 1;
	if (!prohibited)
		return NOT_TESTED;
	return verdict_found(verdict, cost(f->refused_by_icmp, f->connected), 0.95,
			     "%s filters connections to %s", from, verdict->where);
}

static enum finding judge_unreachable(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	char from[ADDR_TEXT_MAX];
	bool prohibited = f->icmp_type == 3 ? f->icmp_code >= 9 : f->icmp_code == 1;
	if (!f->refused_by_icmp || prohibited)
		return NOT_TESTED;
	verdict_where_example(verdict, &f->refusal);
	addr_format(&f->icmp_from, from);
	verdict_evidence(verdict, "icmp", value_count(f->refused_by_icmp), value_none(), 0.95,
			 "%s answered with ICMP type %u code %u: unreachable", from, f->icmp_type,
			 f->icmp_code);
	return verdict_found(verdict, cost(f->refused_by_icmp, f->connected), 0.95,
			     "%s says that %s cannot be reached", from, verdict->where);
}

static void say_silence(const struct packet_facts *f, struct verdict *verdict)
{
	verdict_where_example(verdict, &f->silence);
	verdict_evidence(verdict, "unanswered", value_count(f->unanswered), value_count(f->tcp), 0.9,
			 "%llu of %llu connections got no answer to their SYN",
			 (unsigned long long)f->unanswered, (unsigned long long)f->tcp);
	if (f->syns_again)
		verdict_evidence(verdict, "syns_again", value_count(f->syns_again), value_none(), 0.6,
				 "SYNs were sent %llu times again", (unsigned long long)f->syns_again);
	next_flow(verdict, &f->silence);
}

/* Captured at the server, a SYN without an answer is the server's (SIGNALS: "SYNs that arrive and get no answer there"). */
static enum finding judge_overflow(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	bool at_server = f->vantage == VANTAGE_SERVER || (f->vantage == VANTAGE_UNKNOWN && f->near_server);
	if (!f->tcp)
		return NOT_TESTED;
	if (!f->unanswered && !f->syns_again)
		return verdict_clean(verdict, "every SYN was answered");
	if (!at_server || !f->connected)
		return NOT_TESTED;
	say_silence(f, verdict);
	if (!f->unanswered)
		verdict_where_example(verdict, &f->slow);
	return verdict_found(
	    verdict, f->unanswered ? cost(f->unanswered, f->connected) : f->syn_wait, 0.85,
	    "SYNs arrive at the server and get no answer there: its accept queue is full, or its own filter "
	    "drops them");
}

static enum finding judge_filtered(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	bool at_server = f->vantage == VANTAGE_SERVER;
	if (!f->unanswered)
		return f->tcp ? verdict_clean(verdict, "every connection was answered") : NOT_TESTED;
	if (at_server && f->connected)
		return NOT_TESTED;
	say_silence(f, verdict);
	verdict_next(verdict, "ntsh diagnose %s", f->silence.where);
	verdict_next(verdict, "capture at the server as well: do the SYNs arrive there?");
	return verdict_found(verdict, cost(f->unanswered, f->connected), f->connected ? 0.6 : 0.7,
			     "SYNs to %s vanish: a filter, or a listener that is overrun", verdict->where);
}

static enum finding judge_ignored(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	if (!f->ignored_answers)
		return NOT_TESTED;
	verdict_where(verdict, "the client");
	verdict_evidence(verdict, "ignored_answers", value_count(f->ignored_answers), value_count(f->tcp),
			 0.9, "%llu times the SYN-ACK came and another SYN left",
			 (unsigned long long)f->ignored_answers);
	bool at_client = f->vantage == VANTAGE_CLIENT || f->vantage == VANTAGE_UNKNOWN;
	return verdict_found(
	    verdict, cost(f->ignored_answers, f->connected - f->ignored_answers), at_client ? 0.8 : 0.6,
	    "the client does not take the answers to its SYNs: a filter on it, or next to it");
}

/* --- ends --- */

static enum finding judge_forged(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	if (!f->tcp)
		return NOT_TESTED;
	if (!f->forged)
		return verdict_clean(verdict, "every RST has the TTL of its sender's other packets");
	verdict_where_example(verdict, &f->forger);
	verdict_evidence(verdict, "forged", value_count(f->forged), value_count(f->tcp), 0.95,
			 "%llu connections ended by a RST whose TTL is not that of its sender",
			 (unsigned long long)f->forged);
	next_flow(verdict, &f->forger);
	return verdict_found(verdict, (ns_t)f->forged * FAILURE_COST, 0.92,
			     "a device on the way ends connections to %s with forged resets", verdict->where);
}

static enum finding judge_reset(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	if (!f->tcp)
		return NOT_TESTED;
	if (!f->reset_by_server)
		return verdict_clean(verdict, "the server reset nothing that mattered");
	verdict_where_example(verdict, &f->reset);
	verdict_evidence(verdict, "reset", value_count(f->reset_by_server), value_count(f->tcp), 0.9,
			 "%llu of %llu connections were reset by the server",
			 (unsigned long long)f->reset_by_server, (unsigned long long)f->tcp);
	if (f->reset.why)
		verdict_evidence(verdict, "why", value_none(), value_none(), 0.7, "the RST came %s",
				 f->reset.why);
	next_flow(verdict, &f->reset);
	return verdict_found(verdict, (ns_t)f->reset_by_server * FAILURE_COST, 0.88, "%s resets connections",
			     verdict->where);
}

static enum finding judge_silent(const struct matter *matter, struct verdict *verdict)
{
	const struct packet_facts *f = matter->packets;
	if (!f->tcp)
		return NOT_TESTED;
	if (!f->silent)
		return verdict_clean(verdict, "every request was answered");
	if (f->stuck_large)
		return NOT_TESTED;
	verdict_where_example(verdict, &f->mute);
	verdict_evidence(verdict, "silent", value_count(f->silent), value_count(f->silent + f->exchanges),
			 0.9, "%llu requests were never answered", (unsigned long long)f->silent);
	next_flow(verdict, &f->mute);
	return verdict_found(verdict, cost(f->silent, f->exchanges), 0.85,
			     "%s takes requests, acknowledges them, and does not answer", verdict->where);
}

const struct rule rules_packets[] = {
	{ "dns.resolver-unreachable", CLASS_DNS, AT_NAME, "SIGNALS 39", judge_lookup_dead },
	{ "dns.resolver-slow", CLASS_DNS, AT_NAME, "SIGNALS 39", judge_lookup_slow },
	{ "dns.servfail", CLASS_DNS, AT_NAME, "RFC 1035 4.1.1", judge_servfail },
	{ "dns.nxdomain", CLASS_DNS, AT_NAME, "RFC 1035 4.1.1", judge_nxdomain },
	{ "server.refused", CLASS_SERVER, AT_CONNECT, "RFC 9293 3.5.2; SIGNALS 13", judge_refused },
	{ "network.rejected", CLASS_NETWORK, AT_PATH, "RFC 1812 5.2.7.1; SIGNALS 14", judge_rejected },
	{ "network.unreachable", CLASS_NETWORK, AT_PATH, "RFC 792; SIGNALS 14", judge_unreachable },
	{ "server.listen-overflow", CLASS_SERVER, AT_CONNECT, "SIGNALS 15, 16", judge_overflow },
	{ "network.filtered", CLASS_NETWORK, AT_PATH, "SIGNALS 15", judge_filtered },
	{ "client.firewall", CLASS_CLIENT, AT_MACHINE, "SIGNALS, judging from packets alone", judge_ignored },
	{ "network.reset-injected", CLASS_NETWORK, AT_SEGMENTS, "SIGNALS 31", judge_forged },
	{ "server.reset", CLASS_SERVER, AT_REQUEST, "RFC 9293 3.5.2", judge_reset },
	{ "server.not-responding", CLASS_SERVER, AT_ANSWER, "SIGNALS, judging from packets alone",
	  judge_silent },
	{ NULL, CLASS_UNKNOWN, AT_MACHINE, NULL, NULL },
};
