/* The walk itself (RFC 1034 5.3.3, without a cache): from the root to the zone that answers, through CNAMEs, and aside to the addresses of
 * name servers that came without glue. It goes on as soon as one server of a zone has answered well; what the others say is taken in
 * meanwhile. Every way is bounded: zones, aliases, depth, time. */
#include "net/dns/trace_parts.h"

#include "base/mem.h"
#include "net/dns/dnssec_lib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How one walk ended. */
struct end {
	struct walk_zone_inner *zone; /* NULL: nowhere */
	int server;                   /* -1 none */
	enum walk_reply reply;
	struct dns_name name; /* after aliases */
	char why[256];
};

static void walk(struct walk *trace, const struct dns_name *name, uint16_t type, int depth, struct end *end);

static bool decided(const struct walk_zone_inner *zone)
{
	return zone->first >= 0 || zone->pending == 0;
}

static bool all_ended(const struct walk_zone_inner *zone)
{
	return zone->trace->under_way == 0;
}

/* --- name servers without glue --- */

static size_t addresses_take(struct walk_zone_inner *zone, const char *name, const struct end *end)
{
	static const struct {
		uint16_t type;
		sa_family_t family;
	} kinds[] = { { RR_A, AF_INET }, { RR_AAAA, AF_INET6 } };
	size_t added = 0;
	if (end->reply != WALK_ANSWER)
		return 0;
	for (size_t k = 0; k < 2; k++) {
		struct rrset set;
		rrset_take(end->zone->servers[end->server].message, DNS_ANSWER, &end->name, kinds[k].type,
			   &set);
		for (size_t i = 0; i < set.count; i++) {
			if (set.items[i].length != addr_length(kinds[k].family))
				continue;
			struct addr addr = addr_from_bytes(kinds[k].family, set.items[i].bytes);
			added += walk_server_add(zone, name, &addr, WALK_LOOKED_UP) != NULL;
		}
		rrset_release(&set);
	}
	return added;
}

static void nowhere(struct walk_zone_inner *zone, const char *name, const char *why)
{
	struct addr none = { .family = AF_UNSPEC };
	struct walk_server *server = walk_server_add(zone, name, &none, WALK_LOOKED_UP);
	if (!server)
		return;
	server->reply = WALK_NO_ADDRESS;
	snprintf(server->says, sizeof server->says, "%.199s", why);
}

/* Finds the addresses of one name server. Returns how many are new. */
static size_t name_find(struct walk *trace, struct walk_zone_inner *zone, size_t index, int depth)
{
	struct dns_name name;
	const char *text = zone->names[index];
	size_t added = 0;
	zone->named[index] = true;
	if (dns_name_parse(text, &name, NULL) < 0)
		return 0;
	if (dns_name_within(&name, &zone->name)) {
		nowhere(zone, text,
			"its name lies in the zone itself, and the parent gives no address for it (glue)");
		return 0;
	}
	if (depth >= WALK_DEPTH_MAX) {
		nowhere(zone, text, "the names of the name servers depend on each other");
		return 0;
	}
	struct end end = { .zone = NULL, .server = -1 };
	if (trace->request.family != AF_INET6) {
		walk(trace, &name, RR_A, depth + 1, &end);
		added = addresses_take(zone, text, &end);
	}
	/* Where the one address was found the other kind is a round trip away. */
	if (trace->request.family != AF_INET && (end.zone || trace->request.family == AF_INET6)) {
		struct end six = { .zone = NULL, .server = -1 };
		walk(trace, &name, RR_AAAA, depth + 1, &six);
		added += addresses_take(zone, text, &six);
		if (!end.zone)
			end = six;
	}
	if (!added) {
		char why[300];
		snprintf(why, sizeof why, "no address of it can be found: %s",
			 end.why[0] ? end.why : walk_reply_word(end.reply));
		nowhere(zone, text, why);
	}
	return added;
}

/* Before the zone can be asked at all: until one name server has an address. */
static bool names_until_one(struct walk *trace, struct walk_zone_inner *zone, int depth)
{
	for (size_t i = 0; i < zone->name_count && !trace->result.interrupted; i++) {
		if (zone->named[i])
			continue;
		if (name_find(trace, zone, i, depth))
			return true;
	}
	return false;
}

static bool has_address(const struct walk_zone_inner *zone)
{
	for (size_t i = 0; i < zone->pub.server_count; i++)
		if (zone->servers[i].addr.family != AF_UNSPEC)
			return true;
	return false;
}

/* The rest of the name servers of the zones on the way, when the walk itself is over. */
static void names_complete(struct walk *trace)
{
	size_t zones = trace->result.zone_count;
	for (size_t z = 0; z < zones; z++) {
		struct walk_zone_inner *zone = trace->zones[z];
		if (zone->pub.aside || zone->pub.again)
			continue;
		size_t from = zone->pub.server_count;
		for (size_t i = 0; i < zone->name_count && clock_mono() < trace->deadline; i++)
			if (!zone->named[i])
				name_find(trace, zone, i, 1);
		if (zone->pub.server_count > from)
			walk_zone_ask(zone, from, &zone->asked, zone->type, !trace->request.no_probes);
	}
}

/* --- the way down --- */

static void fail(struct end *end, struct walk_zone_inner *zone)
{
	end->zone = zone;
	end->server = -1;
	end->reply = WALK_SILENT;
	for (size_t i = 0; i < zone->pub.server_count; i++) {
		enum walk_reply reply = zone->servers[i].reply;
		/* A lame answer tells more than silence, silence more than a family that this machine does not have. */
		if (i == 0 || walk_reply_is_lame(reply) ||
		    (end->reply == WALK_LOCAL && !walk_reply_is_lame(end->reply)))
			end->reply = reply;
	}
	snprintf(end->why, sizeof end->why, "no server of %.180s gives a good answer (%s)", zone->pub.name,
		 walk_reply_word(end->reply));
}

/* The zone that the referral leads to; NULL with end filled. */
static struct walk_zone_inner *descend(struct walk *trace, struct walk_zone_inner *zone, int index, int depth,
				       struct end *end)
{
	int parent = -1;
	for (size_t i = 0; i < trace->result.zone_count; i++)
		if (trace->zones[i] == zone)
			parent = (int)i;
	struct walk_zone_inner *child = walk_zone_add(trace, &zone->cuts[index], parent, depth > 0);
	if (!child) {
		snprintf(end->why, sizeof end->why, "more than %d zones on the way: given up",
			 WALK_ZONES_MAX);
		return NULL;
	}
	walk_zone_refer(child, zone->servers[index].message);
	if (!has_address(child) && !names_until_one(trace, child, depth)) {
		fail(end, child);
		end->reply = WALK_NO_ADDRESS;
		snprintf(end->why, sizeof end->why, "no name server of %.180s has an %saddress",
			 child->pub.name,
			 trace->request.family == AF_INET    ? "IPv4 "
			 : trace->request.family == AF_INET6 ? "IPv6 "
							     : "");
		return NULL;
	}
	return child;
}

/* Follows the chain as far as the same answer holds it and the zone may speak for it. */
static void alias_follow(const struct walk_zone_inner *zone, int index, struct end *end, bool *complete)
{
	const struct dns_message *message = zone->servers[index].message;
	*complete = false;
	end->name = zone->targets[index];
	for (int i = 0; i < WALK_ALIASES_MAX && dns_name_within(&end->name, &zone->name); i++) {
		struct rrset set;
		size_t found = rrset_take(message, DNS_ANSWER, &end->name, zone->type, &set);
		rrset_release(&set);
		if (found) {
			*complete = true;
			return;
		}
		struct dns_name next;
		rrset_take(message, DNS_ANSWER, &end->name, RR_CNAME, &set);
		bool more = set.count && rdata_name(&set.items[0], 0, &next);
		rrset_release(&set);
		if (!more)
			return;
		end->name = next;
	}
}

/* Where the walk for the name begins: the nearest zone known, which is asked (again). */
static struct walk_zone_inner *start(struct walk *trace, const struct dns_name *name, int depth)
{
	struct walk_zone_inner *nearest = walk_zone_nearest(trace, name, depth > 0);
	if (!nearest->pub.asked)
		return nearest;
	struct walk_zone_inner *zone = walk_zone_add(trace, &nearest->name, -1, depth > 0);
	if (zone)
		walk_zone_repeat(zone, nearest);
	return zone;
}

/* One zone: asks it, and says where to go on; NULL when the walk is over. */
static struct walk_zone_inner *step(struct walk *trace, struct walk_zone_inner *zone, uint16_t type,
				    int depth, int *aliases, struct end *end)
{
	bool probes = depth == 0 && !zone->pub.again && !trace->request.no_probes, complete;
	walk_zone_ask(zone, 0, &end->name, type, probes);
	walk_wait(trace, decided, zone);
	/* Servers that have no glue may do better than those that have. */
	while (zone->first < 0 && !trace->result.interrupted) {
		size_t from = zone->pub.server_count;
		if (!names_until_one(trace, zone, depth))
			break;
		walk_zone_ask(zone, from, &end->name, type, probes);
		walk_wait(trace, decided, zone);
	}
	if (zone->first < 0) {
		fail(end, zone);
		return NULL;
	}
	end->zone = zone;
	end->server = zone->first;
	end->reply = zone->servers[zone->first].reply;
	if (end->reply == WALK_REFERRAL)
		return descend(trace, zone, zone->first, depth, end);
	if (end->reply != WALK_ALIAS)
		return NULL;
	if (depth == 0)
		trace->result.alias_count++;
	alias_follow(zone, zone->first, end, &complete);
	if (complete) {
		end->reply = WALK_ANSWER;
		return NULL;
	}
	if (++*aliases > WALK_ALIASES_MAX) {
		snprintf(end->why, sizeof end->why, "more than %d aliases (CNAME) in a row: a loop",
			 WALK_ALIASES_MAX);
		return NULL;
	}
	struct walk_zone_inner *next = start(trace, &end->name, depth);
	if (!next)
		snprintf(end->why, sizeof end->why, "more than %d zones on the way: given up",
			 WALK_ZONES_MAX);
	return next;
}

static void walk(struct walk *trace, const struct dns_name *name, uint16_t type, int depth, struct end *end)
{
	int aliases = 0;
	*end = (struct end){ .server = -1, .reply = WALK_PENDING, .name = *name };
	struct walk_zone_inner *zone = start(trace, name, depth);
	while (zone && !trace->result.interrupted && clock_mono() < trace->deadline)
		zone = step(trace, zone, type, depth, &aliases, end);
	if (zone && !end->why[0])
		snprintf(end->why, sizeof end->why, "the time was over before the walk was");
}

/* --- a cut that no referral shows: the same servers serve parent and child --- */

static void hidden_cut(struct walk *trace, const struct end *end)
{
	struct dns_name apex;
	struct walk_zone_inner *zone = end->zone;
	if (end->server < 0 || trace->request.no_probes || trace->result.interrupted)
		return;
	const struct walk_server *server = &zone->servers[end->server];
	if (!referral_apex(server->message, &zone->name, &end->name, &apex)) {
		/* Only where the parents are signed does it matter. */
		if (!server->keys || !server->keys->counts[DNS_ANSWER])
			return;
		struct dns_message *soa = walk_ask_one(trace, &server->addr, &end->name, RR_SOA);
		bool told = soa && referral_apex(soa, &zone->name, &end->name, &apex);
		dns_message_free(soa);
		if (!told)
			return;
	}
	if (dns_name_equal(&apex, &zone->name))
		return;
	int parent = 0;
	while (trace->zones[parent] != zone)
		parent++;
	struct walk_zone_inner *inner = walk_zone_add(trace, &apex, parent, false);
	if (!inner)
		return;
	inner->pub.hidden = true;
	for (size_t i = 0; i < zone->pub.server_count; i++)
		if (walk_reply_is_good(zone->servers[i].reply) || zone->servers[i].reply == WALK_PENDING)
			walk_server_add(inner, zone->servers[i].name, &zone->servers[i].addr,
					zone->servers[i].origin);
	walk_zone_ask(inner, 0, &end->name, zone->type, true);
	inner->own = walk_ask_one(trace, &server->addr, &apex, RR_DS);
	inner->referral = inner->own;
	inner->ds_section = inner->own && inner->own->counts[DNS_ANSWER] ? DNS_ANSWER : DNS_AUTHORITY;
	walk_wait(trace, decided, inner);
}

/* --- the result --- */

static void conclude(struct walk *trace, const struct end *end)
{
	struct walk_result *result = &trace->result;
	char text[DNS_NAME_TEXT_MAX];
	dns_name_format(&end->name, text);
	trace->final_name = mem_strdup(text);
	result->final_name = trace->final_name;
	result->reply = end->reply;
	result->final_zone = result->final_server = -1;
	for (size_t i = 0; i < result->zone_count; i++) {
		walk_zone_sum(trace->zones[i]);
		bool last = trace->zones[i] == end->zone ||
			    (trace->zones[i]->pub.hidden && trace->zones[i]->first >= 0);
		if (last && end->server >= 0) {
			result->final_zone = (int)i;
			result->final_server =
			    trace->zones[i] == end->zone ? end->server : trace->zones[i]->first;
			result->message = trace->zones[i]->servers[result->final_server].message;
		}
	}
	snprintf(result->summary, sizeof result->summary, "%s", end->why);
}

static void walk_begin(struct walk *trace)
{
	trace->began = clock_mono();
	ns_t budget = trace->request.budget > 0 ? trace->request.budget : 20 * NS_PER_S;
	trace->deadline = trace->began + budget;
	if (trace->request.timeout <= 0)
		trace->request.timeout = 1500 * NS_PER_MS;
	if (trace->request.tries <= 0)
		trace->request.tries = 2;
}

static void walk_walk(struct walk *trace)
{
	struct end end;
	if (!trace->request.no_resolver)
		walk_resolvers_ask(trace);
	walk(trace, &trace->name, trace->request.type, 0, &end);
	/* While the last answers are on their way. */
	if (!trace->request.no_probes)
		(void)dnssec_lib_load(NULL);
	if (!trace->request.no_probes && end.zone)
		hidden_cut(trace, &end);
	if (!trace->result.interrupted && !trace->request.no_probes)
		names_complete(trace);
	walk_wait(trace, all_ended, trace->zones[0]);
	conclude(trace, &end);
	walk_secure(trace);
	walk_resolvers_compare(trace);
	for (size_t i = 0; i < trace->result.zone_count; i++)
		walk_zone_hang_up(trace->zones[i]);
	trace->result.took = clock_mono() - trace->began;
}

struct walk *walk_run(struct loop *loop, const struct walk_request *request, struct error *err)
{
	struct walk *trace = NEW(struct walk);
	char text[DNS_NAME_TEXT_MAX];
	trace->loop = loop;
	trace->request = *request;
	trace->result.zones = trace->public;
	trace->result.type = request->type;
	if (dns_name_parse(request->name, &trace->name, err) < 0 || walk_hints(trace, err) < 0) {
		walk_free(trace);
		return NULL;
	}
	dns_name_lower(&trace->name);
	dns_name_format(&trace->name, text);
	trace->result.name = mem_strdup(text);
	walk_begin(trace);
	walk_walk(trace);
	return trace;
}

const struct walk_result *walk_result(const struct walk *trace)
{
	return &trace->result;
}

void walk_free(struct walk *trace)
{
	if (!trace)
		return;
	for (size_t i = 0; i < WALK_RESOLVERS_MAX; i++) {
		dns_query_cancel(trace->to_resolver[i]);
		dns_message_free(trace->resolver_messages[i]);
	}
	for (size_t i = 0; i < trace->result.zone_count; i++)
		walk_zone_free(trace->zones[i]);
	rrset_release(&trace->anchors);
	free(trace->final_name);
	free((void *)(uintptr_t)trace->result.name);
	free(trace);
}
