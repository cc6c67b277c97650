#include "ntsh/sweep_show.h"

#include "ntsh/ping.h"

#include <stdio.h>
#include <string.h>

enum { LIST_MAX = 400, RANGES_MAX = 12 };
#define PROGRESS_EVERY (100 * NS_PER_MS)

struct show {
	struct call *call;
	struct sweep *sweep;
	struct targets *targets;
	struct loop_timer timer;
	bool done;
};

static void on_end(void *arg)
{
	((struct show *)arg)->done = true;
}

static void progress(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct show *show = arg;
	const struct sweep_report *report = sweep_report(show->sweep);
	uint64_t known = report->alive + report->silent + report->unreachable + report->refused;
	char text[96];
	snprintf(text, sizeof text, "%llu of %llu hosts answer", (unsigned long long)report->alive,
		 (unsigned long long)report->count);
	result_progress(show->call->result, (double)known / (double)report->count, NS_NONE, text);
	loop_timer_start(loop, timer, clock_mono() + PROGRESS_EVERY, progress, show);
}

static void host_put(struct show *show, const struct target *target, const struct sweep_host *host)
{
	struct result *result = show->call->result;
	bool error = host->state == SWEEP_UNREACHABLE, refused = host->state == SWEEP_REFUSED;
	const struct addr *from = error ? sweep_reporter(show->sweep, host->reporter) : NULL;
	const char *says = error     ? icmp_describe(target->addr.family, host->icmp_type, host->icmp_code)
			   : refused ? strerror(host->errnum)
				     : NULL;
	result_row_open(result);
	result_put(result, "address", value_address(&target->addr));
	result_put(result, "name", value_text(target->name));
	result_put(result, "state", value_text(sweep_state_name((enum sweep_state)host->state)));
	result_put(result, "rtt_ms", value_time(host->best));
	result_put(result, "avg_ms",
		   value_time(host->answered ? host->total / (ns_t)host->answered : NS_NONE));
	result_put(result, "worst_ms", value_time(host->worst));
	result_put(result, "sent", value_count(host->sent));
	result_put(result, "answered", value_count(host->answered));
	result_put(result, "loss_percent",
		   host->sent ? value_percent(100.0 * (double)host->lost / (double)host->sent)
			      : value_none());
	result_put(result, "duplicates", value_count(host->duplicates));
	result_put(result, "ttl", host->hops >= 0 ? value_count((uint64_t)host->hops) : value_none());
	result_put(result, "from", value_address(from));
	result_put(result, "says", value_text(says));
	result_row_close(result);
}

/* clang-format off */
static const struct column once_columns[] = {
	{ "address", "ADDRESS", ALIGN_LEFT, 0, false, false },
	{ "name", "NAME", ALIGN_LEFT, 0, false, true },
	{ "state", "STATE", ALIGN_LEFT, 0, false, false },
	{ "rtt_ms", "RTT", ALIGN_RIGHT, 8, false, false },
	{ "ttl", "TTL", ALIGN_RIGHT, 3, false, false },
	{ "says", "SAYS", ALIGN_WHOLE, 0, true, false },
};
static const struct column round_columns[] = {
	{ "address", "ADDRESS", ALIGN_LEFT, 0, false, false },
	{ "name", "NAME", ALIGN_LEFT, 0, false, true },
	{ "state", "STATE", ALIGN_LEFT, 0, false, false },
	{ "sent", "SENT", ALIGN_RIGHT, 4, false, false },
	{ "loss_percent", "LOSS", ALIGN_RIGHT, 6, false, false },
	{ "rtt_ms", "BEST", ALIGN_RIGHT, 8, false, false },
	{ "avg_ms", "AVG", ALIGN_RIGHT, 8, false, false },
	{ "worst_ms", "WORST", ALIGN_RIGHT, 8, false, false },
};
/* clang-format on */

static void hosts_put(struct show *show, const struct sweep_report *report, bool rounds)
{
	static const struct table once = { .name = "hosts",
					   .columns = once_columns,
					   .column_count = sizeof once_columns / sizeof *once_columns },
				  several = { .name = "hosts",
					      .columns = round_columns,
					      .column_count = sizeof round_columns / sizeof *round_columns },
				  silent = { .name = "silent" };
	struct result *result = show->call->result;
	result_list_open(result, rounds ? &several : &once);
	for (uint64_t i = 0; i < report->count; i++) {
		struct target target = targets_get(show->targets, i);
		if (report->hosts[i].state != SWEEP_SILENT && report->hosts[i].state != SWEEP_UNKNOWN)
			host_put(show, &target, &report->hosts[i]);
	}
	result_list_close(result);
	result_list_open(result, &silent);
	for (uint64_t i = 0; i < report->count; i++) {
		if (report->hosts[i].state != SWEEP_SILENT)
			continue;
		struct target target = targets_get(show->targets, i);
		result_row_open(result);
		result_put(result, "address", value_address(&target.addr));
		result_put(result, "name", value_text(target.name));
		result_row_close(result);
	}
	result_list_close(result);
}

/* Is b the address behind a? */
static bool follows(const struct addr *a, const struct addr *b)
{
	size_t length = addr_length(a->family);
	struct addr next = *a;
	for (size_t i = length; i-- > 0 && ++next.bytes[i] == 0;)
		continue;
	return a->family == b->family && addr_equal(&next, b);
}

/* "10.0.0.5, 10.0.0.9 to 10.0.0.20 and others". */
static void silent_list(const struct show *show, const struct sweep_report *report, char text[LIST_MAX])
{
	size_t used = 0, ranges = 0;
	text[0] = '\0';
	for (uint64_t i = 0; i < report->count; i++) {
		char first[ADDR_TEXT_MAX], last[ADDR_TEXT_MAX];
		if (report->hosts[i].state != SWEEP_SILENT)
			continue;
		if (ranges++ == RANGES_MAX || used > LIST_MAX - 2 * ADDR_TEXT_MAX) {
			snprintf(text + used, LIST_MAX - used, " and others");
			return;
		}
		struct target begin = targets_get(show->targets, i), end = begin;
		for (; i + 1 < report->count && report->hosts[i + 1].state == SWEEP_SILENT; i++) {
			struct target next = targets_get(show->targets, i + 1);
			if (!follows(&end.addr, &next.addr))
				break;
			end = next;
		}
		bool many = !addr_equal(&begin.addr, &end.addr);
		used += (size_t)snprintf(text + used, LIST_MAX - used, "%s%s%s%s", used ? ", " : "",
					 addr_format(&begin.addr, first), many ? " to " : "",
					 many ? addr_format(&end.addr, last) : "");
	}
}

static void failures_put(struct show *show)
{
	static const struct table table = { .name = "failures", .line = "{name}: {says}" };
	struct result *result = show->call->result;
	result_list_open(result, &table);
	for (size_t i = 0; i < targets_failure_count(show->targets); i++) {
		const struct target_failure *failure = targets_failure(show->targets, i);
		result_row_open(result);
		result_put(result, "name", value_text(failure->name));
		result_put(result, "says", value_text(failure->error.message));
		result_row_close(result);
	}
	result_list_close(result);
}

static void sums_put(struct show *show, const struct sweep_report *report)
{
	struct result *result = show->call->result;
	char list[LIST_MAX];
	silent_list(show, report, list);
	result_put(result, "method", value_text(report->raw ? "raw socket" : "ping socket"));
	result_put(result, "hosts_total", value_count(report->count));
	result_put(result, "hosts_alive", value_count(report->alive));
	result_put(result, "hosts_silent", value_count(report->silent));
	result_put(result, "hosts_unreachable", value_count(report->unreachable));
	result_put(result, "hosts_refused", value_count(report->refused));
	result_put(result, "sent", value_count(report->sent));
	result_put(result, "received", value_count(report->answered));
	result_put(result, "duplicates", value_count(report->duplicates));
	result_put(result, "silent_list", value_text(*list ? list : NULL));
	result_put(result, "took_ms", value_time(report->took));
	result_gap(result);
	result_line(result,
		    report->alive == report->count ? TONE_GOOD
		    : report->alive                ? TONE_WARN
						   : TONE_BAD,
		    "{hosts_alive} of {hosts_total} hosts answer{hosts_silent?, {hosts_silent} are "
		    "silent}{hosts_unreachable?, "
		    "{hosts_unreachable} unreachable}{hosts_refused?, to {hosts_refused} this machine "
		    "refused to send}, in "
		    "{took_ms}");
	if (*list)
		result_line(result, TONE_PLAIN, "silent: {silent_list}");
}

/* True when each word is one host: then each counts. */
static bool each_counts(const struct option_list *words)
{
	for (size_t i = 0; i < words->count; i++) {
		struct target_word word;
		if (target_word_read(words->items[i], &word, NULL) < 0 || word.kind == TARGET_FILE ||
		    (word.kind == TARGET_ADDRESSES && word.count > 1))
			return false;
	}
	return true;
}

enum status sweep_show_run(struct call *call, struct sweep_request *request, const struct option_list *words)
{
	struct show show = { .call = call };
	show.targets = targets_read(call->loop, words, NULL, call->settings->family, call->error);
	if (!show.targets)
		return call->error->status;
	request->targets = show.targets;
	show.sweep = sweep_start(call->loop, request, on_end, &show, call->error);
	if (!show.sweep) {
		targets_free(show.targets);
		return call->error->status;
	}
	loop_timer_start(call->loop, &show.timer, clock_mono() + PROGRESS_EVERY, progress, &show);
	enum loop_end end = loop_run(call->loop, &show.done);
	loop_timer_stop(call->loop, &show.timer);
	result_progress(call->result, 0, NS_NONE, NULL);
	const struct sweep_report *report = sweep_report(show.sweep);
	hosts_put(&show, report, request->rounds > 0);
	failures_put(&show);
	sums_put(&show, report);
	bool good =
	    report->alive &&
	    (!each_counts(words) || (report->alive == report->count && !targets_failure_count(show.targets)));
	sweep_free(show.sweep);
	targets_free(show.targets);
	return end == LOOP_INTERRUPTED ? STATUS_INTERRUPTED : good ? STATUS_OK : STATUS_BAD;
}
