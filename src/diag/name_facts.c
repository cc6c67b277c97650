#include "diag/name_facts.h"

#include "diag/rules.h"

#include <stdio.h>
#include <string.h>

enum { TYPE_A = 1 };

const char *dns_party_name(enum dns_party party)
{
	static const char *const names[] = { NULL,
					     "this host's configuration",
					     "the resolver",
					     "the network between",
					     "the parent zone",
					     "the zone's owner" };
	return names[party];
}

void name_addrs_add(struct name_addrs *set, const struct addr *addr)
{
	size_t at = set->count;
	if (set->count == NAME_ADDRS_MAX)
		return;
	for (size_t i = 0; i < set->count; i++)
		if (addr_equal(&set->addrs[i], addr))
			return;
	for (; at > 0 && memcmp(set->addrs[at - 1].bytes, addr->bytes, sizeof addr->bytes) > 0; at--)
		set->addrs[at] = set->addrs[at - 1];
	set->addrs[at] = *addr;
	set->addrs[at].port = 0;
	set->count++;
}

void name_addrs_of(const struct dns_message *message, uint16_t type, struct name_addrs *out)
{
	sa_family_t family = type == TYPE_A ? AF_INET : AF_INET6;
	*out = (struct name_addrs){ .count = 0 };
	for (size_t i = 0; message && i < message->counts[DNS_ANSWER]; i++) {
		const struct dns_record *record = &message->records[DNS_ANSWER][i];
		if (record->type != type || record->rdata_length != addr_length(family))
			continue;
		struct addr addr = addr_from_bytes(family, record->rdata);
		name_addrs_add(out, &addr);
	}
}

bool name_addrs_equal(const struct name_addrs *a, const struct name_addrs *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!addr_equal(&a->addrs[i], &b->addrs[i]))
			return false;
	return true;
}

char *name_addrs_text(const struct name_addrs *set, char *buf, size_t size)
{
	char text[ADDR_TEXT_MAX];
	size_t used = 0;
	snprintf(buf, size, "nothing");
	for (size_t i = 0; i < set->count && i < 4 && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
					 addr_format(&set->addrs[i], text));
	if (set->count > 4 && used < size)
		snprintf(buf + used, size - used, " and %zu more", set->count - 4);
	return buf;
}

int name_first_alive(const struct name_facts *facts)
{
	for (int i = 0; i < facts->server_count; i++)
		for (int k = 0; k < PROBE_KINDS; k++)
			if (name_answered(&facts->servers[i].probes[k]))
				return i;
	return -1;
}

void name_responsible(struct verdict *verdict, enum dns_party party, const char *what)
{
	verdict_evidence(verdict, "responsible", value_text(dns_party_name(party)), value_none(), 1,
			 "%s has to act%s%s%s", dns_party_name(party), what ? " (" : "", what ? what : "",
			 what ? ")" : "");
}

enum dns_party name_party_of(const struct verdict *verdict)
{
	for (int i = 0; i < verdict->evidence_count; i++) {
		const struct evidence *evidence = &verdict->evidence[i];
		if (strcmp(evidence->id, "responsible") != 0)
			continue;
		for (int party = PARTY_HOST; party <= PARTY_OWNER; party++)
			if (evidence->value.text.bytes == dns_party_name((enum dns_party)party))
				return (enum dns_party)party;
	}
	return PARTY_NONE;
}
