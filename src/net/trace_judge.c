/* From hops to sentences. */
#include "ntsh/path_loss.h"
#include "ntsh/ping.h"
#include "ntsh/trace.h"

#include "base/units.h"
#include "net/findings.h"

#include <string.h>

/* LOSS_ASKED: fewer probes of a hop tell nothing of loss. */
enum { BAD_FLOWS = 2, LOSS_ASKED = 10, ASYMMETRY_LEAST = 2 };
#define STEP_LEAST (5 * NS_PER_MS)

static const struct trace_router *router_at(const struct trace_report *report, size_t hop)
{
	const struct trace_hop *at = &report->hops[hop];
	return at->router_count && at->answered ? &at->routers[0] : NULL;
}

static ns_t best_rtt(const struct trace_hop *hop)
{
	ns_t best = NS_NONE;
	for (size_t c = 0; c < hop->asked; c++)
		if (hop->rtts[c] != NS_NONE && (best == NS_NONE || hop->rtts[c] < best))
			best = hop->rtts[c];
	return best;
}

/* --- the end --- */

static const char *way_of_answer(const struct trace_report *report, const struct trace_router *router)
{
	switch (report->method) {
	case TRACE_ICMP:
		return router->icmp_type
			   ? icmp_describe(report->target.family, router->icmp_type, router->icmp_code)
			   : "echo reply";
	case TRACE_TCP:
		return router->icmp_type
			   ? icmp_describe(report->target.family, router->icmp_type, router->icmp_code)
		       : router->tcp_reset ? "the TCP port is closed"
					   : "the TCP port is open";
	default:
		return router->icmp_type
			   ? icmp_describe(report->target.family, router->icmp_type, router->icmp_code)
			   : "something answers at the port";
	}
}

static void reached_judge(struct findings *findings, const struct trace_report *report)
{
	char target[ADDR_TEXT_MAX], time[UNITS_TEXT_MAX];
	const struct trace_hop *hop = &report->hops[report->hop_count - 1];
	const struct trace_router *router = &hop->routers[0];
	for (size_t r = 0; r < hop->router_count; r++)
		if (hop->routers[r].kind == TRACE_REACHED)
			router = &hop->routers[r];
	addr_format(&report->target, target);
	finding_add(findings, TRACE_FOUND_END, false, hop->hops, &router->addr,
		    "%s answers at hop %u after %s (%s)", target, hop->hops,
		    units_format_time(best_rtt(hop), false, time), way_of_answer(report, router));
}

static void silent_judge(struct findings *findings, const struct trace_report *report)
{
	char target[ADDR_TEXT_MAX], last[ADDR_TEXT_MAX];
	addr_format(&report->target, target);
	if (!report->hop_count) {
		finding_add(
		    findings, TRACE_FOUND_END, true, 0, NULL,
		    "nothing answers, not even the first hop: what is sent is dropped on this link, or no "
		    "router says a word");
		return;
	}
	const struct trace_hop *hop = &report->hops[report->hop_count - 1];
	addr_format(&hop->routers[0].addr, last);
	finding_add(
	    findings, TRACE_FOUND_END, true, hop->hops, &hop->routers[0].addr,
	    "behind hop %u (%s) nothing answers: %s probes are dropped there, or %s is off, or does not "
	    "answer them",
	    hop->hops, last, trace_method_name(report->method), target);
}

static void refused_judge(struct findings *findings, const struct trace_report *report)
{
	const struct trace_hop *hop = &report->hops[0];
	int errnum = hop->router_count ? hop->routers[0].errnum : 0;
	finding_add(findings, TRACE_FOUND_END, true, 0, NULL, "this machine refused to send: %s",
		    strerror(errnum));
}

static void end_judge(struct findings *findings, const struct trace_report *report)
{
	char name[ADDR_TEXT_MAX];
	const struct trace_hop *last = report->hop_count ? &report->hops[report->hop_count - 1] : NULL;
	switch (report->end) {
	case TRACE_END_REACHED:
		reached_judge(findings, report);
		break;
	case TRACE_END_UNREACHABLE:
		addr_format(&last->routers[0].addr, name);
		finding_add(findings, TRACE_FOUND_END, true, last->hops, &last->routers[0].addr,
			    "%s says at hop %u: %s", name, last->hops,
			    icmp_describe(report->target.family, last->routers[0].icmp_type,
					  last->routers[0].icmp_code));
		break;
	case TRACE_END_LOOP:
		for (size_t h = 0; h < report->hop_count; h++)
			if (report->hops[h].hops == report->end_hops)
				last = &report->hops[h];
		addr_format(&last->routers[0].addr, name);
		finding_add(
		    findings, TRACE_FOUND_LOOP, true, report->end_hops, &last->routers[0].addr,
		    "routing loop from hop %u (%s) on: packets go round %u routers until their TTL runs out",
		    report->end_hops, name, report->loop_length);
		break;
	case TRACE_END_SILENT:
		silent_judge(findings, report);
		break;
	case TRACE_END_REFUSED:
		refused_judge(findings, report);
		break;
	case TRACE_END_CUT:
		finding_add(findings, TRACE_FOUND_END, true, last ? last->hops : 0, NULL,
			    "the target is not reached within %u hops", last ? last->hops : 0);
		break;
	}
}

/* --- the hops --- */

static void hops_list(const struct trace_report *report, const bool *set, char text[FINDINGS_LIST_MAX])
{
	unsigned hops[PATH_LOSS_MAX];
	for (size_t h = 0; h < report->hop_count; h++)
		hops[h] = report->hops[h].hops;
	findings_list(hops, set, report->hop_count, text);
}

/* A hop that falls silent after some answers, while one behind it goes on, counts what it sends. */
static void limit_judge(struct findings *findings, const struct trace_report *report,
			const struct path_loss *loss)
{
	bool limits[PATH_LOSS_MAX] = { false };
	size_t count = 0, only = 0;
	unsigned behind = 0;
	for (size_t h = report->hop_count; h-- > 0;) {
		const struct trace_hop *hop = &report->hops[h];
		if (hop->answered && hop->answered < hop->asked &&
		    (hop->heard * 2 <= behind || loss->limits[h])) {
			limits[h] = true;
			count++;
			only = h;
		}
		behind = hop->heard > behind ? hop->heard : behind;
	}
	if (!count)
		return;
	char list[FINDINGS_LIST_MAX];
	hops_list(report, limits, list);
	const struct trace_hop *hop = &report->hops[only];
	if (count == 1)
		finding_add(findings, TRACE_FOUND_LIMIT, false, hop->hops, &hop->routers[0].addr,
			    "hop %s limits its ICMP (%u of %u answered, more from behind it): not a fault",
			    list, hop->answered, hop->asked);
	else
		finding_add(findings, TRACE_FOUND_LIMIT, false, hop->hops, NULL,
			    "hops %s limit their ICMP (more comes from behind them): not a fault", list);
}

static void silent_hops_judge(struct findings *findings, const struct trace_report *report)
{
	bool silent[PATH_LOSS_MAX] = { false };
	size_t count = 0, first = 0;
	for (size_t h = report->hop_count; h-- > 0;)
		if (!report->hops[h].answered) {
			silent[h] = true;
			count++;
			first = h;
		}
	if (!count || report->end == TRACE_END_REFUSED)
		return;
	char list[FINDINGS_LIST_MAX];
	hops_list(report, silent, list);
	finding_add(findings, TRACE_FOUND_SILENT_HOPS, false, report->hops[first].hops, NULL,
		    "%s %s never answer%s, those behind do: not a fault", count == 1 ? "hop" : "hops", list,
		    count == 1 ? "s" : "");
}

static void loss_judge(struct findings *findings, const struct trace_report *report, struct path_loss *loss)
{
	struct path_count counts[PATH_LOSS_MAX];
	unsigned numbers[PATH_LOSS_MAX] = { 0 };
	*loss = (struct path_loss){ .found = false };
	if (!report->hop_count || report->hops[report->hop_count - 1].asked < LOSS_ASKED)
		return;
	for (size_t h = 0; h < report->hop_count; h++) {
		const struct trace_hop *hop = &report->hops[h];
		/* Echo replies and TCP are not limited: what the target leaves out is lost. */
		bool whole = report->end == TRACE_END_REACHED && h + 1 == report->hop_count &&
			     hop->answered && !hop->routers[0].icmp_type;
		numbers[h] = hop->hops;
		unsigned asked = whole ? hop->asked : hop->heard;
		counts[h] = (struct path_count){ asked, hop->answered < asked ? hop->answered : asked };
	}
	path_loss_find(counts, report->hop_count, loss);
	if (loss->found && !loss->blind)
		finding_add_loss(findings, loss, numbers, &report->hops[loss->begin].routers[0].addr,
				 report->end == TRACE_END_REACHED ? "the target" : "the last hop");
}

/* The largest step of what no later hop undercuts. */
static void delay_judge(struct findings *findings, const struct trace_report *report)
{
	ns_t least[PATH_LOSS_MAX] = { 0 }, after = NS_NEVER, total = NS_NONE, step = 0, before = 0;
	size_t where = 0, from = 0, last = 0;
	for (size_t h = report->hop_count; h-- > 0;) {
		ns_t rtt = best_rtt(&report->hops[h]);
		least[h] = rtt == NS_NONE ? NS_NONE : rtt < after ? rtt : after;
		after = least[h] == NS_NONE ? after : least[h];
		total = total == NS_NONE ? least[h] : total;
	}
	for (size_t h = 0; h < report->hop_count; h++) {
		if (least[h] == NS_NONE)
			continue;
		if (least[h] - before > step) {
			step = least[h] - before;
			where = h;
			from = last;
		}
		before = least[h];
		last = h;
	}
	if (total == NS_NONE || step < STEP_LEAST || step < total / 2 || !report->hop_count)
		return;
	char part[UNITS_TEXT_MAX], whole[UNITS_TEXT_MAX];
	const struct trace_hop *at = &report->hops[where];
	units_format_time(step, false, part);
	units_format_time(total, false, whole);
	if (from == where)
		finding_add(findings, TRACE_FOUND_DELAY, false, at->hops, &at->routers[0].addr,
			    "%s of the %s are spent up to hop %u", part, whole, at->hops);
	else
		finding_add(findings, TRACE_FOUND_DELAY, false, at->hops, &at->routers[0].addr,
			    "%s of the %s are added between hop %u and %u", part, whole,
			    report->hops[from].hops, at->hops);
}

static int asymmetry_of(const struct trace_report *report, size_t h)
{
	const struct trace_router *router = router_at(report, h);
	int back = router ? trace_hops_back(router->reply_hops) : -1;
	return back < 0 ? 0 : back - ((int)report->hops[h].hops - 1);
}

static void asymmetry_judge(struct findings *findings, const struct trace_report *report)
{
	if (!report->hop_count || report->end == TRACE_END_LOOP)
		return;
	size_t begin = report->hop_count;
	int last = 0;
	for (size_t h = report->hop_count; h-- > 0;) {
		if (!router_at(report, h) || router_at(report, h)->reply_hops < 0)
			continue;
		int now = asymmetry_of(report, h);
		if (now < ASYMMETRY_LEAST && now > -ASYMMETRY_LEAST)
			break;
		last = last ? last : now;
		if ((now > 0) != (last > 0))
			break;
		begin = h;
	}
	if (begin == report->hop_count)
		return;
	const struct trace_hop *hop = &report->hops[begin];
	int difference = asymmetry_of(report, begin);
	finding_add(findings, TRACE_FOUND_ASYMMETRY, false, hop->hops, &hop->routers[0].addr,
		    "from hop %u on the way back is about %d hops %s than the way there", hop->hops,
		    difference > 0 ? difference : -difference, difference > 0 ? "longer" : "shorter");
}

static void rewriting_judge(struct findings *findings, const struct trace_report *report)
{
	char was[ADDR_TEXT_MAX], is[ADDR_TEXT_MAX];
	for (size_t h = 0; h < report->hop_count; h++) {
		const struct trace_router *router = router_at(report, h);
		if (!router || !router->quote.known)
			continue;
		const struct trace_quote *quote = &router->quote;
		unsigned hop = report->hops[h].hops;
		if (quote->source_changed || (quote->port_changed && !quote->destination_changed)) {
			finding_add(findings, TRACE_FOUND_REWRITING, false, hop, &router->addr,
				    "before hop %u the source %s becomes %s: address translation", hop,
				    addr_format_port(&report->source, was),
				    addr_format_port(&quote->source, is));
			return;
		}
		if (quote->destination_changed) {
			finding_add(findings, TRACE_FOUND_REWRITING, false, hop, &router->addr,
				    "before hop %u the destination %s becomes %s: address translation", hop,
				    addr_format_port(&report->target, was),
				    addr_format_port(&quote->destination, is));
			return;
		}
		if (quote->class_changed) {
			finding_add(findings, TRACE_FOUND_REWRITING, false, hop, &router->addr,
				    "before hop %u the traffic class becomes 0x%02x", hop,
				    quote->traffic_class);
			return;
		}
	}
}

static void mpls_judge(struct findings *findings, const struct trace_report *report)
{
	unsigned first = 0, last = 0, hops = 0;
	for (size_t h = 0; h < report->hop_count; h++) {
		const struct trace_router *router = router_at(report, h);
		if (!router || !router->extensions.mpls_count)
			continue;
		first = first ? first : report->hops[h].hops;
		last = report->hops[h].hops;
		hops++;
	}
	if (hops == 1)
		finding_add(findings, TRACE_FOUND_MPLS, false, first, NULL, "hop %u switches by label (MPLS)",
			    first);
	else if (hops)
		finding_add(
		    findings, TRACE_FOUND_MPLS, false, first, NULL,
		    "hops %u to %u switch by label (MPLS): their round trips may include the way to the "
		    "tunnel's end",
		    first, last);
}

static void members_judge(struct findings *findings, const struct trace_report *report)
{
	for (size_t h = 0; h < report->hop_count; h++) {
		const struct trace_hop *hop = &report->hops[h];
		if (hop->router_count < 2)
			continue;
		bool flows = false;
		for (size_t r = 0; r < hop->router_count; r++)
			flows |= hop->routers[r].flows > 1;
		if (!flows)
			finding_add(findings, TRACE_FOUND_MEMBERS, false, hop->hops, NULL,
				    "hop %u has %zu routers for one flow: the path changed, or packets are "
				    "balanced one by one",
				    hop->hops, hop->router_count);
		else
			finding_add(findings, TRACE_FOUND_MEMBERS, false, hop->hops, NULL,
				    "hop %u has %zu equal-cost members%s", hop->hops, hop->router_count,
				    hop->complete ? " (95 % sure that there are no more)"
						  : " or more: not enough flows to tell");
	}
}

/* Flows that anybody answered behind a hop. */
static uint64_t flows_behind(const struct trace_report *report, size_t hop)
{
	uint64_t flows = 0;
	for (size_t h = hop + 1; h < report->hop_count; h++)
		for (size_t r = 0; r < report->hops[h].router_count; r++)
			flows |= report->hops[h].routers[r].flows;
	return flows;
}

static uint64_t flows_asked(const struct trace_hop *hop)
{
	return hop->asked >= 64 ? UINT64_MAX : ((uint64_t)1 << hop->asked) - 1;
}

/* Of several equal members one whose flows are never heard of again, while the others' are. */
static void bad_path_judge(struct findings *findings, const struct trace_report *report)
{
	char name[ADDR_TEXT_MAX];
	for (size_t h = 0; report->several_flows && h + 1 < report->hop_count; h++) {
		const struct trace_hop *hop = &report->hops[h];
		uint64_t beyond = flows_behind(report, h), common = flows_asked(&report->hops[h + 1]);
		for (size_t r = 0; hop->router_count > 1 && r < hop->router_count; r++) {
			uint64_t flows = hop->routers[r].flows & common;
			if (__builtin_popcountll(flows) < BAD_FLOWS || (flows & beyond) ||
			    !(beyond & ~flows & common))
				continue;
			finding_add(findings, TRACE_FOUND_BAD_PATH, true, hop->hops, &hop->routers[r].addr,
				    "%s at hop %u, one of %zu equal members, passes nothing on: its %d flows "
				    "are not heard of behind it",
				    addr_format(&hop->routers[r].addr, name), hop->hops, hop->router_count,
				    __builtin_popcountll(flows));
		}
	}
}

static void proxy_judge(struct findings *findings, const struct trace_report *report,
			const struct trace_report *other)
{
	if (!other || report->end != TRACE_END_REACHED || report->end_hops >= other->hop_count + 1)
		return;
	/* The other method passes routers at and behind the place where this one is answered in the target's name. */
	unsigned beyond = 0;
	for (size_t h = 0; h < other->hop_count; h++)
		if (other->hops[h].hops >= report->end_hops && other->hops[h].answered &&
		    other->hops[h].routers[0].kind == TRACE_EXPIRED)
			beyond = other->hops[h].hops;
	if (!beyond)
		return;
	finding_add(
	    findings, TRACE_FOUND_PROXY, true, report->end_hops, NULL,
	    "somebody at hop %u answers %s in the target's name, but %s passes hop %u on its way there: a "
	    "transparent proxy",
	    report->end_hops, trace_method_name(report->method), trace_method_name(other->method), beyond);
}

size_t trace_judge(const struct trace_report *report, const struct trace_report *other,
		   struct trace_finding *out, size_t max)
{
	struct findings findings = { out, max, 0 };
	struct path_loss loss;
	end_judge(&findings, report);
	proxy_judge(&findings, report, other);
	bad_path_judge(&findings, report);
	loss_judge(&findings, report, &loss);
	members_judge(&findings, report);
	rewriting_judge(&findings, report);
	limit_judge(&findings, report, &loss);
	silent_hops_judge(&findings, report);
	delay_judge(&findings, report);
	asymmetry_judge(&findings, report);
	mpls_judge(&findings, report);
	return findings.count;
}
