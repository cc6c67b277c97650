/* From the counts of a watched path to sentences. */
#include "ntsh/path.h"
#include "ntsh/path_loss.h"

#include "base/units.h"
#include "net/findings.h"

#include <stdio.h>
#include <string.h>

/* Waiting in queues: what a hop's median is above its best. Less is noise, or the router's own business. */
#define QUEUE_LEAST (5 * NS_PER_MS)
#define STEP_LEAST (5 * NS_PER_MS)

static const struct addr *router_of(const struct path_hop *hop)
{
	return hop->router_count ? &hop->routers[hop->latest].addr : NULL;
}

static void end_judge(struct findings *findings, const struct path_report *report)
{
	char target[ADDR_TEXT_MAX], name[ADDR_TEXT_MAX], loss[UNITS_TEXT_MAX], time[UNITS_TEXT_MAX];
	const struct path_hop *last = report->hop_count ? &report->hops[report->hop_count - 1] : NULL;
	struct rtt_stats stats;
	addr_format(&report->target, target);
	if (!last) {
		int errnum = report->hops[0].errnum;
		if (errnum)
			finding_add(findings, TRACE_FOUND_END, true, 0, NULL,
				    "this machine refused to send: %s", strerror(errnum));
		else
			finding_add(findings, TRACE_FOUND_END, true, 0, NULL,
				    "nothing answers, not even the first hop");
		return;
	}
	path_stats(last, &stats);
	units_format_percent(path_loss_percent(last), loss);
	units_format_time(stats.p50, false, time);
	addr_format(router_of(last), name);
	if (report->reached)
		finding_add(findings, TRACE_FOUND_END, last->answered == 0, last->hops, router_of(last),
			    "%s answers at hop %u: %s lost, median %s", target, last->hops, loss, time);
	else if (report->ended_by_other)
		finding_add(findings, TRACE_FOUND_END, true, last->hops, router_of(last),
			    "%s says at hop %u: %s", name, last->hops,
			    icmp_describe(report->target.family, last->icmp_type, last->icmp_code));
	else
		finding_add(findings, TRACE_FOUND_END, true, last->hops, router_of(last),
			    "behind hop %u (%s) nothing answers", last->hops, name);
}

static void loss_judge(struct findings *findings, const struct path_report *report, struct path_loss *loss)
{
	struct path_count counts[PATH_LOSS_MAX];
	unsigned numbers[PATH_LOSS_MAX] = { 0 };
	for (size_t h = 0; h < report->hop_count; h++) {
		const struct path_hop *hop = &report->hops[h];
		numbers[h] = hop->hops;
		counts[h] = (struct path_count){ hop->judged_sent, hop->judged_answered };
	}
	path_loss_find(counts, report->hop_count, loss);
	if (loss->found && !report->ended_by_other)
		finding_add_loss(findings, loss, numbers, router_of(&report->hops[loss->begin]),
				 report->reached ? "the target" : "the last hop");
}

static void quiet_judge(struct findings *findings, const struct path_report *report,
			const struct path_loss *loss)
{
	bool limits[PATH_LOSS_MAX] = { false }, silent[PATH_LOSS_MAX] = { false };
	unsigned hops[PATH_LOSS_MAX];
	char list[FINDINGS_LIST_MAX];
	size_t limited = 0, quiet = 0;
	for (size_t h = 0; h < report->hop_count; h++) {
		const struct path_hop *hop = &report->hops[h];
		hops[h] = hop->hops;
		silent[h] = !hop->answered && hop->sent > hop->waiting;
		limits[h] = !silent[h] && (hop->paced || loss->limits[h]);
		limited += limits[h];
		quiet += silent[h];
	}
	if (limited) {
		findings_list(hops, limits, report->hop_count, list);
		finding_add(findings, TRACE_FOUND_LIMIT, false, 0, NULL, "%s %s %s ICMP: not a fault",
			    limited == 1 ? "hop" : "hops", list, limited == 1 ? "limits its" : "limit their");
	}
	if (quiet) {
		findings_list(hops, silent, report->hop_count, list);
		finding_add(findings, TRACE_FOUND_SILENT_HOPS, false, 0, NULL,
			    "%s %s never answer%s, those behind do: not a fault", quiet == 1 ? "hop" : "hops",
			    list, quiet == 1 ? "s" : "");
	}
}

typedef ns_t measure_fn(const struct path_hop *hop);

static ns_t best_of(const struct path_hop *hop)
{
	return hop->best;
}

static ns_t queue_of(const struct path_hop *hop)
{
	struct rtt_stats stats;
	path_stats(hop, &stats);
	return stats.count < 4 ? NS_NONE : stats.p50 - stats.min;
}

struct step {
	ns_t step, total;
	size_t from, to; /* equal: before the first hop that answers */
};

/* The largest step of what no later hop undercuts: what is added there persists to the end. */
static struct step step_find(const struct path_report *report, measure_fn *measure)
{
	ns_t least[PATH_LOSS_MAX] = { 0 }, after = NS_NEVER, before = 0;
	struct step found = { .total = NS_NONE };
	size_t last = report->hop_count;
	for (size_t h = report->hop_count; h-- > 0;) {
		ns_t value = measure(&report->hops[h]);
		least[h] = value == NS_NONE ? NS_NONE : value < after ? value : after;
		after = least[h] == NS_NONE ? after : least[h];
		found.total = found.total == NS_NONE ? least[h] : found.total;
	}
	for (size_t h = 0; h < report->hop_count; h++) {
		if (least[h] == NS_NONE)
			continue;
		if (least[h] - before > found.step) {
			found.step = least[h] - before;
			found.to = h;
			found.from = last < report->hop_count ? last : h;
		}
		before = least[h];
		last = h;
	}
	return found;
}

static void place_write(const struct path_report *report, const struct step *step, char *text, size_t size)
{
	unsigned to = report->hops[step->to].hops;
	if (step->from == step->to)
		snprintf(text, size, "up to hop %u", to);
	else
		snprintf(text, size, "between hop %u and %u", report->hops[step->from].hops, to);
}

static void delay_judge(struct findings *findings, const struct path_report *report)
{
	char part[UNITS_TEXT_MAX], whole[UNITS_TEXT_MAX], place[64];
	struct step queue = step_find(report, queue_of), base = step_find(report, best_of);
	if (queue.step >= QUEUE_LEAST && queue.step >= queue.total / 2) {
		const struct path_hop *hop = &report->hops[queue.to];
		place_write(report, &queue, place, sizeof place);
		finding_add(findings, TRACE_FOUND_QUEUE, true, hop->hops, router_of(hop),
			    "packets wait in a queue %s: the median is %s above the best from there on",
			    place, units_format_time(queue.step, false, part));
	}
	if (base.step >= STEP_LEAST && base.step >= base.total / 2) {
		const struct path_hop *hop = &report->hops[base.to];
		place_write(report, &base, place, sizeof place);
		units_format_time(base.step, false, part);
		finding_add(findings, TRACE_FOUND_DELAY, false, hop->hops, router_of(hop),
			    "%s of the %s are added %s", part, units_format_time(base.total, false, whole),
			    place);
	}
}

static void change_judge(struct findings *findings, const struct path_report *report)
{
	for (size_t h = 0; h < report->hop_count; h++)
		if (report->hops[h].router_count > 1) {
			finding_add(findings, TRACE_FOUND_MEMBERS, false, report->hops[h].hops,
				    router_of(&report->hops[h]),
				    "hop %u is not always the same router: the path changed, or packets are "
				    "balanced one by one",
				    report->hops[h].hops);
			return;
		}
}

size_t path_judge(const struct path_report *report, struct trace_finding *out, size_t max)
{
	struct findings findings = { out, max, 0 };
	struct path_loss loss;
	end_judge(&findings, report);
	/* What somebody refuses is not lost, and not late. */
	loss_judge(&findings, report, &loss);
	if (!report->ended_by_other)
		delay_judge(&findings, report);
	quiet_judge(&findings, report, &loss);
	change_judge(&findings, report);
	return findings.count;
}
