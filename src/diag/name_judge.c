/* diagnose dns: from facts to the verdict. */
#include "diag/name_rules.h"
#include "diag/rank.h"
#include "diag/words.h"

#include <stdio.h>
#include <string.h>

static const struct rule *const tables[] = { rules_name, rules_name_zone, rules_name_answer };

static void say_healthy(const struct name_facts *facts, struct verdict *out)
{
	struct name_addrs found = { .count = 0 };
	const struct lookup_result *lookup = &facts->lookup;
	char text[200];
	verdict_healthy(out);
	for (size_t i = 0; i < lookup->addr_count; i++)
		name_addrs_add(&found, &lookup->addrs[i]);
	name_addrs_text(&found, text, sizeof text);
	name_where_server(facts, lookup->source == LOOKUP_DNS ? name_first_alive(facts) : -1, out);
	verdict_evidence(out, "program_wait", value_time(lookup->program_wait), value_none(), 0.8,
			 lookup->source == LOOKUP_HOSTS ? "it stands in the hosts file"
							: "a program here finds it in %s",
			 say_time(lookup->program_wait).text);
	if (facts->authority_known)
		verdict_evidence(out, "authority", value_none(), value_none(), 0.9,
				 "the authority says the same; the chain of signatures: %s",
				 walk_security_word(facts->trace->security));
	else
		verdict_evidence(
		    out, "authority", value_none(), value_none(), 0.3,
		    "the authorities cannot be asked from here, so nothing was compared with them");
	verdict_found(out, 0, facts->authority_known ? 0.97 : 0.85,
		      "%.120s is %.120s, and nothing stands in the way", facts->asked, text);
}

static void say_unknown(const struct name_facts *facts, struct verdict *out)
{
	verdict_unknown(out);
	name_where_server(facts, 0, out);
	verdict_next(out, "ntsh dns resolver %s", facts->asked);
	verdict_next(out, "ntsh dns trace %s", facts->asked);
	if (facts->interrupted || !facts->looked_up)
		verdict_found(out, 0, 0, "ended before enough was measured to tell");
	else
		verdict_found(out, 0, 0, "no known cause explains it: %.200s", facts->lookup.error.message);
}

static void otherwise(const struct matter *matter, struct verdict *out)
{
	if (name_works(matter->name))
		say_healthy(matter->name, out);
	else
		say_unknown(matter->name, out);
}

static void describe(const struct name_facts *facts, struct dns_diagnosis *out)
{
	const struct walk_result *trace = facts->trace;
	char text[200];
	out->authority_known = facts->authority_known;
	if (!trace)
		return;
	if (facts->authority_known)
		snprintf(out->authority, sizeof out->authority, "%s",
			 facts->authority.count ? name_addrs_text(&facts->authority, text, sizeof text)
						: walk_reply_word(trace->reply));
	else
		snprintf(out->authority, sizeof out->authority, "%.290s", trace->summary);
	snprintf(out->security, sizeof out->security, "%s%s%.250s", walk_security_word(trace->security),
		 trace->security_says[0] ? ": " : "", trace->security_says);
}

void name_judge(const struct name_facts *facts, struct dns_diagnosis *out)
{
	struct matter matter = { .name = facts };
	struct diagnosis *diagnosis = &out->diagnosis;
	ns_t wait =
	    facts->looked_up && facts->lookup.program_wait != NS_NEVER ? facts->lookup.program_wait : 0;
	diagnosis->ledger = (struct ledger){ .total = wait, .dns = wait };
	diagnosis->round_trip = NS_NONE;
	diagnosis->attempts = 1;
	diagnosis->failed = !name_works(facts);
	int alive = name_first_alive(facts);
	if (alive >= 0)
		diagnosis->round_trip = facts->servers[alive].path_rtt;
	snprintf(diagnosis->target, sizeof diagnosis->target, "%.290s", facts->asked);
	rank(&matter, tables, sizeof tables / sizeof *tables, otherwise, diagnosis);
	out->party = name_party_of(&diagnosis->verdict);
	describe(facts, out);
}
