/* Any bytes as an authority's answer on the way down, and as a hints file: judged, its name servers and glue taken in. */
#include "net/dns/trace_parts.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define must(what) ((what) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(struct walk *trace, const struct dns_message *message)
{
	struct dns_name zone = { .length = 1 }, name = { .length = 1 }, cut, target, apex;
	if (message->counts[DNS_QUESTION])
		rrset_owner(&message->records[DNS_QUESTION][0], &name);
	for (unsigned labels = 0; labels <= dns_name_labels(&name) && labels < 4; labels++) {
		dns_name_suffix(&name, labels, &zone);
		enum walk_reply reply = referral_judge(message, &zone, &name, RR_A, &cut, &target);
		if (referral_apex(message, &zone, &name, &apex))
			must(dns_name_within(&apex, &zone));
		if (reply != WALK_REFERRAL)
			continue;
		/* A walk that only goes down ends. */
		must(dns_name_within(&name, &cut) && dns_name_labels(&cut) > dns_name_labels(&zone));
		struct walk_zone_inner *child = walk_zone_add(trace, &cut, 0, false);
		if (child)
			walk_zone_refer(child, message);
		must(!child || child->pub.server_count <= WALK_SERVERS_MAX);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct walk *trace = NEW(struct walk);
	struct dns_name root = { .length = 1 };
	struct walk_zone_inner *zone = walk_zone_add(trace, &root, -1, false);
	trace->anchors = (struct rrset){ .owner = root, .type = RR_DS, .class_ = 1 };
	walk_hints_parse((const char *)data, size, zone, &trace->anchors, NULL);
	struct dns_message *message = dns_message_parse(data, size, NULL);
	if (message)
		judge(trace, message);
	walk_free(trace);
	dns_message_free(message);
	return 0;
}
