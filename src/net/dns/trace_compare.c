/* The resolvers' answers beside the authority's. */
#include "net/dns/trace_parts.h"

#include "base/units.h"
#include "ntsh/lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void resolver_answered(struct loop *loop, const struct dns_exchange *exchange, void *arg)
{
	struct walk *trace = arg;
	(void)loop;
	for (size_t i = 0; i < trace->result.resolver_count; i++) {
		struct walk_resolver *resolver = &trace->result.resolvers[i];
		if (!trace->to_resolver[i] || !addr_equal(&resolver->addr, &exchange->server))
			continue;
		trace->to_resolver[i] = NULL;
		resolver->outcome = exchange->outcome;
		resolver->error = exchange->error;
		resolver->rtt = exchange->rtt;
		if (exchange->outcome == DNS_ANSWERED)
			trace->resolver_messages[i] =
			    dns_message_parse(exchange->message->wire, exchange->message->length, NULL);
		resolver->message = trace->resolver_messages[i];
		break;
	}
	trace->under_way--;
	trace->wake = true;
}

void walk_resolvers_ask(struct walk *trace)
{
	struct resolv_conf conf;
	if (resolv_conf_read(&conf, NULL) < 0)
		return;
	for (int i = 0; i < conf.server_count && i < WALK_RESOLVERS_MAX; i++) {
		struct walk_resolver *resolver = &trace->result.resolvers[trace->result.resolver_count];
		struct dns_request request = { .name = trace->result.name,
					       .type = trace->request.type,
					       .server = conf.servers[i],
					       .recursion_desired = true,
					       .timeout = 2 * trace->request.timeout,
					       .tries = 1,
					       .interface = trace->request.interface };
		bool twice = false;
		for (int k = 0; k < i; k++)
			twice = twice || addr_equal(&conf.servers[k], &conf.servers[i]);
		if (twice)
			continue;
		*resolver = (struct walk_resolver){ .addr = conf.servers[i], .rtt = NS_NONE };
		trace->to_resolver[trace->result.resolver_count] =
		    dns_query_start(trace->loop, &request, resolver_answered, trace, NULL);
		if (!trace->to_resolver[trace->result.resolver_count])
			continue;
		trace->under_way++;
		trace->result.resolver_count++;
	}
}

/* The records of the type that was asked for, whatever name an alias led to. */
static void data_of(const struct dns_message *message, uint16_t type, struct rrset *out)
{
	struct rrset set;
	*out = (struct rrset){ .owner = { .length = 1 }, .type = type, .class_ = 1, .ttl = UINT32_MAX };
	for (size_t i = 0; message && i < message->counts[DNS_ANSWER]; i++) {
		const struct dns_record *record = &message->records[DNS_ANSWER][i];
		struct dns_name owner;
		if (record->ttl < out->ttl)
			out->ttl = record->ttl;
		if (record->type != type)
			continue;
		rrset_owner(record, &owner);
		rrset_take(message, DNS_ANSWER, &owner, type, &set);
		for (size_t k = 0; k < set.count; k++)
			rrset_add(out, set.items[k].bytes, set.items[k].length);
		rrset_release(&set);
	}
}

/* How long a cache may keep the answer: its least TTL, of a negative one the lesser of the SOA's TTL and minimum (RFC 2308 5). */
static uint64_t keeps(const struct dns_message *message, uint32_t least)
{
	if (message->counts[DNS_ANSWER])
		return least;
	for (size_t i = 0; i < message->counts[DNS_AUTHORITY]; i++) {
		const struct dns_record *record = &message->records[DNS_AUTHORITY][i];
		if (record->type != RR_SOA || record->rdata_length < 4)
			continue;
		const uint8_t *at = record->rdata + record->rdata_length - 4;
		uint32_t minimum =
		    (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
		return record->ttl < minimum ? record->ttl : minimum;
	}
	return 0;
}

static void failed(struct walk_resolver *resolver)
{
	snprintf(resolver->says, sizeof resolver->says, "%.290s",
		 resolver->outcome == DNS_ANSWERED ? "its answer cannot be read" : resolver->error.message);
}

static void compare(const struct walk *trace, struct walk_resolver *resolver)
{
	const struct walk_result *result = &trace->result;
	const struct dns_message *message = resolver->message;
	char code[16], kept[UNITS_TEXT_MAX];
	struct rrset mine, theirs;
	if (!message) {
		failed(resolver);
		return;
	}
	data_of(result->message, result->type, &mine);
	data_of(message, result->type, &theirs);
	resolver->lasts = keeps(message, theirs.ttl);
	units_format_seconds(resolver->lasts, kept);
	uint16_t rcode = result->reply == WALK_NO_NAME ? 3 : 0;
	resolver->same = message->rcode == rcode && rrset_equal(&mine, &theirs);
	if (result->final_zone < 0)
		snprintf(resolver->says, sizeof resolver->says,
			 "says %s: there is no authority to compare it with",
			 dns_rcode_name(message->rcode, code));
	else if (resolver->same)
		snprintf(resolver->says, sizeof resolver->says, "says the same as the authority");
	else if (message->rcode && message->rcode != 3)
		snprintf(resolver->says, sizeof resolver->says, "says %s%s%s",
			 dns_rcode_name(message->rcode, code), message->ede_code >= 0 ? ": " : "",
			 message->ede_code >= 0 ? dns_ede_meaning(message->ede_code) : "");
	else if (result->security == WALK_BOGUS)
		snprintf(resolver->says, sizeof resolver->says, "says something else than the authority");
	else
		snprintf(resolver->says, sizeof resolver->says,
			 "says something else than the authority, and may go on doing so for %s", kept);
	rrset_release(&mine);
	rrset_release(&theirs);
}

void walk_resolvers_compare(struct walk *trace)
{
	for (size_t i = 0; i < trace->result.resolver_count; i++) {
		if (trace->to_resolver[i]) {
			error_set(&trace->result.resolvers[i].error, STATUS_BAD, "ETIMEDOUT", NULL,
				  "it did not answer in time");
			trace->result.resolvers[i].outcome = DNS_TIMED_OUT;
		}
		compare(trace, &trace->result.resolvers[i]);
	}
}

static void ns_text(const struct rrset *set, char *buf, size_t size)
{
	size_t used = 0;
	buf[0] = '\0';
	for (size_t i = 0; i < set->count && used < size; i++) {
		struct dns_name name;
		char text[DNS_NAME_TEXT_MAX];
		if (!rdata_name(&set->items[i], 0, &name))
			continue;
		dns_name_format(&name, text);
		used += (size_t)snprintf(buf + used, size - used, "%s%.200s", used ? ", " : "", text);
	}
}

bool walk_ns_differs(const struct walk *trace, size_t zone, const struct dns_message *child,
		      char parent_text[512], char child_text[512])
{
	const struct walk_zone_inner *inner = trace->zones[zone];
	struct rrset set;
	rrset_take(child, DNS_ANSWER, &inner->name, RR_NS, &set);
	bool differs = set.count && inner->ns.count && !rrset_equal(&set, &inner->ns);
	if (differs) {
		ns_text(&set, child_text, 512);
		ns_text(&inner->ns, parent_text, 512);
	}
	rrset_release(&set);
	return differs;
}
