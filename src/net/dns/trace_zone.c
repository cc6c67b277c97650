/* Zones and their servers as the walk finds them. */
#include "net/dns/trace_parts.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *name_text(const struct dns_name *name)
{
	char text[DNS_NAME_TEXT_MAX];
	dns_name_format(name, text);
	return mem_strdup(text);
}

struct walk_zone_inner *walk_zone_add(struct walk *trace, const struct dns_name *name, int parent, bool aside)
{
	if (trace->result.zone_count == WALK_ZONES_MAX)
		return NULL;
	struct walk_zone_inner *zone = NEW(struct walk_zone_inner);
	zone->trace = trace;
	zone->name = *name;
	zone->first = -1;
	zone->ds_section = DNS_AUTHORITY;
	zone->pub = (struct walk_zone){ .name = name_text(name),
					.parent = parent,
					.aside = aside,
					.servers = zone->servers,
					.fastest = NS_NONE };
	zone->ns = (struct rrset){ .owner = *name, .type = RR_NS, .class_ = 1 };
	trace->zones[trace->result.zone_count] = zone;
	trace->public[trace->result.zone_count++] = &zone->pub;
	return zone;
}

void walk_zone_free(struct walk_zone_inner *zone)
{
	walk_zone_hang_up(zone);
	for (size_t i = 0; i < zone->pub.server_count; i++) {
		dns_message_free((struct dns_message *)(uintptr_t)zone->servers[i].message);
		dns_message_free((struct dns_message *)(uintptr_t)zone->servers[i].keys);
	}
	for (size_t i = 0; i < zone->name_count; i++)
		free(zone->names[i]);
	rrset_release(&zone->ns);
	rrset_release(&zone->keys);
	dns_message_free(zone->own);
	free((void *)(uintptr_t)zone->pub.name);
	free((void *)(uintptr_t)zone->pub.asked);
	free(zone);
}

/* The zone's own copy of a name server's name. */
static size_t name_index(struct walk_zone_inner *zone, const char *name)
{
	for (size_t i = 0; i < zone->name_count; i++)
		if (strcmp(zone->names[i], name) == 0)
			return i;
	if (zone->name_count == WALK_NAMES_MAX)
		return WALK_NAMES_MAX - 1;
	zone->names[zone->name_count] = mem_strdup(name);
	return zone->name_count++;
}

static bool family_wanted(const struct walk *trace, const struct addr *addr)
{
	return trace->request.family == AF_UNSPEC || addr->family == AF_UNSPEC ||
	       trace->request.family == addr->family;
}

struct walk_server *walk_server_add(struct walk_zone_inner *zone, const char *name, const struct addr *addr,
				    enum walk_origin origin)
{
	size_t index = name_index(zone, name);
	zone->named[index] = true;
	if (!family_wanted(zone->trace, addr))
		return NULL;
	for (size_t i = 0; i < zone->pub.server_count; i++)
		if (addr->family != AF_UNSPEC && addr_equal(&zone->servers[i].addr, addr))
			return NULL;
	if (zone->pub.server_count == WALK_SERVERS_MAX)
		return NULL;
	struct walk_server *server = &zone->servers[zone->pub.server_count++];
	*server = (struct walk_server){ .name = zone->names[index],
					.addr = *addr,
					.origin = origin,
					.rtt = NS_NONE,
					.tcp_time = NS_NONE };
	return server;
}

static void glue_take(struct walk_zone_inner *zone, const struct dns_message *referral,
		      const struct dns_name *name, const char *text)
{
	static const struct {
		uint16_t type;
		sa_family_t family;
	} kinds[] = { { RR_A, AF_INET }, { RR_AAAA, AF_INET6 } };
	for (size_t k = 0; k < 2; k++) {
		struct rrset set;
		rrset_take(referral, DNS_ADDITIONAL, name, kinds[k].type, &set);
		for (size_t i = 0; i < set.count; i++) {
			if (set.items[i].length != addr_length(kinds[k].family))
				continue;
			struct addr addr = addr_from_bytes(kinds[k].family, set.items[i].bytes);
			walk_server_add(zone, text, &addr, WALK_GLUE);
		}
		rrset_release(&set);
	}
}

void walk_zone_refer(struct walk_zone_inner *zone, const struct dns_message *referral)
{
	zone->referral = referral;
	rrset_release(&zone->ns);
	rrset_take(referral, DNS_AUTHORITY, &zone->name, RR_NS, &zone->ns);
	for (size_t i = 0; i < zone->ns.count; i++) {
		struct dns_name name;
		char text[DNS_NAME_TEXT_MAX];
		if (!rdata_name(&zone->ns.items[i], 0, &name))
			continue;
		dns_name_format(&name, text);
		name_index(zone, text);
		glue_take(zone, referral, &name, text);
	}
}

void walk_zone_repeat(struct walk_zone_inner *zone, struct walk_zone_inner *before)
{
	zone->pub.again = true;
	zone->pub.parent = before->pub.parent;
	zone->referral = before->referral;
	zone->keys_of = before->keys_of ? before->keys_of : before;
	rrset_release(&zone->ns);
	rrset_copy(&before->ns, &zone->ns);
	for (size_t i = 0; i < before->pub.server_count; i++)
		/* What cannot be reached is known already. */
		if (walk_reply_is_good(before->servers[i].reply) || before->first < 0 ||
		    (before->servers[i].reply == WALK_PENDING && !zone->pub.aside))
			walk_server_add(zone, before->servers[i].name, &before->servers[i].addr,
					before->servers[i].origin);
}

struct walk_zone_inner *walk_zone_nearest(struct walk *trace, const struct dns_name *name, bool aside)
{
	struct walk_zone_inner *best = trace->zones[0];
	for (size_t i = 1; i < trace->result.zone_count; i++) {
		struct walk_zone_inner *zone = trace->zones[i];
		if ((zone->pub.aside && !aside) || !dns_name_within(name, &zone->name) || zone->pub.hidden)
			continue;
		if (zone->first >= 0 && dns_name_labels(&zone->name) >= dns_name_labels(&best->name))
			best = zone;
	}
	return best;
}

static void server_sum(struct walk_zone_inner *zone, const struct walk_server *server)
{
	if (walk_reply_is_good(server->reply))
		zone->pub.good++;
	else if (walk_reply_is_lame(server->reply))
		zone->pub.lame++;
	else if (server->reply != WALK_LOCAL && server->reply != WALK_PENDING)
		zone->pub.dead++;
	if (server->rtt != NS_NONE && (zone->pub.fastest == NS_NONE || server->rtt < zone->pub.fastest))
		zone->pub.fastest = server->rtt;
}

/* The set that an answer is compared by: the records asked for, or the NS set of a referral. */
static void essence(const struct walk_zone_inner *zone, size_t server, struct rrset *out)
{
	const struct walk_server *s = &zone->servers[server];
	if (s->reply == WALK_REFERRAL)
		rrset_take(s->message, DNS_AUTHORITY, &zone->cuts[server], RR_NS, out);
	else if (s->reply == WALK_ALIAS)
		rrset_take(s->message, DNS_ANSWER, &zone->asked, RR_CNAME, out);
	else
		rrset_take(s->message, DNS_ANSWER, &zone->asked, zone->type, out);
}

static void compare_servers(struct walk_zone_inner *zone)
{
	struct rrset reference, other;
	if (zone->first < 0)
		return;
	const struct walk_server *first = &zone->servers[zone->first];
	essence(zone, (size_t)zone->first, &reference);
	for (size_t i = 0; i < zone->pub.server_count && !zone->pub.differs[0]; i++) {
		const struct walk_server *server = &zone->servers[i];
		char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];
		if (!walk_reply_is_good(server->reply) || (int)i == zone->first)
			continue;
		essence(zone, i, &other);
		if (server->reply != first->reply)
			snprintf(zone->pub.differs, sizeof zone->pub.differs, "%s says: %s; %s says: %s",
				 addr_format(&first->addr, a), walk_reply_word(first->reply),
				 addr_format(&server->addr, b), walk_reply_word(server->reply));
		else if (!rrset_equal(&reference, &other))
			snprintf(zone->pub.differs, sizeof zone->pub.differs, "%s and %s give different %s",
				 addr_format(&first->addr, a), addr_format(&server->addr, b),
				 first->reply == WALK_REFERRAL ? "name servers for the zone below"
							       : "records");
		rrset_release(&other);
	}
	rrset_release(&reference);
}

void walk_zone_sum(struct walk_zone_inner *zone)
{
	zone->pub.good = zone->pub.lame = zone->pub.dead = 0;
	for (size_t i = 0; i < zone->pub.server_count; i++)
		server_sum(zone, &zone->servers[i]);
	compare_servers(zone);
}
