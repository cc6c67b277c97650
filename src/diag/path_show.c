#include "ntsh/path_show.h"

#include "ntsh/live.h"
#include "ntsh/names.h"
#include "ntsh/trace_show.h"

#include <stdio.h>
#include <string.h>

enum { HISTORY_COLUMNS = 30, LIVE_FINDINGS = 4, WIDE = 110 };
#define PAINT_EVERY (200 * NS_PER_MS)
#define NAMES_PATIENCE (300 * NS_PER_MS)

/* clang-format off */
static const struct column all_columns[] = {
	{ "hop", "HOP", ALIGN_RIGHT, 3, false, false },
	{ "address", "ROUTER", ALIGN_LEFT, 0, false, false },
	{ "name", "NAME", ALIGN_LEFT, 0, false, true },
	{ "loss_percent", "LOSS", ALIGN_RIGHT, 6, false, false },
	{ "sent", "SENT", ALIGN_RIGHT, 4, false, false },
	{ "best_ms", "BEST", ALIGN_RIGHT, 8, false, false },
	{ "p50_ms", "P50", ALIGN_RIGHT, 8, false, false },
	{ "p95_ms", "P95", ALIGN_RIGHT, 8, false, false },
	{ "worst_ms", "WORST", ALIGN_RIGHT, 8, false, false },
	{ "jitter_ms", "JITTER", ALIGN_RIGHT, 8, false, false },
};
static const struct column picture_columns[] = {
	{ "hop", "HOP", ALIGN_RIGHT, 3, false, false },
	{ "router", "ROUTER", ALIGN_LEFT, 0, false, true },
	{ "loss_percent", "LOSS", ALIGN_RIGHT, 6, false, false },
	{ "p50_ms", "P50", ALIGN_RIGHT, 8, false, false },
	{ "p95_ms", "P95", ALIGN_RIGHT, 8, false, false },
	{ "history", "HISTORY", ALIGN_LEFT, HISTORY_COLUMNS, false, false },
};
static const struct column number_columns[] = {
	{ "hop", "HOP", ALIGN_RIGHT, 3, false, false },
	{ "router", "ROUTER", ALIGN_LEFT, 0, false, true },
	{ "loss_percent", "LOSS", ALIGN_RIGHT, 6, false, false },
	{ "sent", "SENT", ALIGN_RIGHT, 4, false, false },
	{ "last_ms", "LAST", ALIGN_RIGHT, 8, false, false },
	{ "best_ms", "BEST", ALIGN_RIGHT, 8, false, false },
	{ "p50_ms", "P50", ALIGN_RIGHT, 8, false, false },
	{ "p95_ms", "P95", ALIGN_RIGHT, 8, false, false },
	{ "worst_ms", "WORST", ALIGN_RIGHT, 8, false, false },
};
/* clang-format on */
#define TABLE(array)                                                                                         \
	{                                                                                                    \
		.name = "hops", .columns = array, .column_count = sizeof array / sizeof *array               \
	}
static const struct table all_table = TABLE(all_columns), picture_table = TABLE(picture_columns),
			  number_table = TABLE(number_columns);

struct show {
	struct call *call;
	struct path_request *request;
	const struct path_show *how;
	struct path *path;
	struct names *names;
	struct live *live;
	struct loop_timer timer;
	bool done, rows;
	bool numbers, unnamed, paused, restart; /* as keys have it */
	struct error error;
};

static void on_probe(const struct path_probe *probe, void *arg)
{
	struct show *show = arg;
	struct result *result = show->call->result;
	if (!show->rows)
		return;
	result_row_open(result);
	result_put(result, "hop", value_count(probe->hops));
	result_put(result, "seq", value_count(probe->number));
	result_put(result, "address", value_address(&probe->from));
	result_put(result, "rtt_ms", value_time(probe->rtt));
	result_put(result, "late", value_flag(probe->late));
	result_row_close(result);
	show->done |= result_broken(result);
}

static void on_seen(const struct addr *addr, void *arg)
{
	struct show *show = arg;
	if (show->names)
		names_want(show->names, addr);
}

static void on_end(void *arg)
{
	((struct show *)arg)->done = true;
}

static const struct path_events events = { on_probe, on_seen, on_end };

/* --- a hop --- */

static void times_put(struct result *result, const struct path_hop *hop)
{
	struct rtt_stats stats;
	path_stats(hop, &stats);
	result_put(result, "last_ms", value_time(hop->last));
	result_put(result, "best_ms", value_time(hop->best));
	result_put(result, "avg_ms", value_time(hop->timed ? hop->total / (ns_t)hop->timed : NS_NONE));
	result_put(result, "p50_ms", value_time(stats.p50));
	result_put(result, "p95_ms", value_time(stats.p95));
	result_put(result, "worst_ms", value_time(hop->worst));
	result_put(result, "jitter_ms", value_time(stats.jitter));
}

static void hop_put(const struct show *show, struct result *result, const struct path_hop *hop, bool live)
{
	char picture[4 * HISTORY_COLUMNS + 1], text[ADDR_TEXT_MAX];
	ns_t latest[HISTORY_COLUMNS];
	struct value routers[PATH_ROUTERS_MAX];
	const struct addr *addr = hop->router_count ? &hop->routers[hop->latest].addr : NULL;
	const char *name = addr && show->names ? names_get(show->names, addr) : NULL;
	size_t count = path_latest(hop, latest, HISTORY_COLUMNS);
	result_row_open(result);
	result_put(result, "hop", value_count(hop->hops));
	result_put(result, "address", value_address(addr));
	result_put(result, "name", value_text(name));
	if (live)
		result_put(result, "router",
			   value_text(name && !show->unnamed ? name
				      : addr                 ? addr_format(addr, text)
							     : NULL));
	for (size_t r = 0; r < hop->router_count; r++)
		routers[r] = value_address(&hop->routers[r].addr);
	result_put_list(result, "routers", routers, hop->router_count);
	result_put(result, "loss_percent",
		   hop->sent > hop->waiting ? value_percent(path_loss_percent(hop)) : value_none());
	result_put(result, "sent", value_count(hop->sent - hop->waiting));
	result_put(result, "answered", value_count(hop->answered));
	result_put(result, "limits_icmp", value_flag(hop->paced));
	times_put(result, hop);
	result_put(result, "history",
		   value_text(result_spark_text(result, latest, count, HISTORY_COLUMNS, picture)));
	result_row_close(result);
}

/* --- the live screen --- */

static void picture_hops(struct show *show, struct result *frame, const struct path_report *report,
			 unsigned height)
{
	size_t skip = report->hop_count > height ? report->hop_count - height : 0;
	result_list_open(frame, show->numbers ? &number_table : &picture_table);
	for (size_t h = skip; h < report->hop_count; h++)
		hop_put(show, frame, &report->hops[h], true);
	result_list_close(frame);
}

static void paint(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct show *show = arg;
	struct trace_finding findings[LIVE_FINDINGS];
	const struct path_report *report = path_report(show->path);
	struct result *frame = live_frame(show->live);
	size_t count = report->rounds > 1 ? path_judge(report, findings, LIVE_FINDINGS) : 0;
	unsigned height = live_height(show->live), used = 5 + (unsigned)count;
	result_put(frame, "host", value_text(show->how->host));
	result_put(frame, "address", value_address(&report->target));
	result_put(frame, "method", value_text(trace_method_name(report->method)));
	result_put(frame, "rounds", value_count(report->rounds));
	result_put(frame, "paused", value_flag(show->paused));
	result_line(frame, TONE_STRONG, "{host} ({address}) by {method}\t{paused?paused, }round {rounds}");
	picture_hops(show, frame, report, height > used + 1 ? height - used : 1);
	result_gap(frame);
	trace_show_findings(frame, findings, count);
	result_line(frame, TONE_FAINT,
		    "q quit  p pause  r begin anew  d numbers or picture  n names  m method");
	live_paint(show->live);
	if (loop)
		loop_timer_start(loop, timer, clock_mono() + PAINT_EVERY, paint, show);
}

static void on_key(int key, void *arg)
{
	struct show *show = arg;
	switch (key) {
	case 'q':
	case 'Q':
		show->done = true;
		return;
	case 'p':
	case ' ':
		show->paused = !show->paused;
		path_pause(show->path, show->paused);
		break;
	case 'r':
		path_reset(show->path);
		break;
	case 'd':
		show->numbers = !show->numbers;
		break;
	case 'n':
		show->unnamed = !show->unnamed;
		break;
	case 'm':
		show->done = show->restart = true;
		return;
	default:
		return;
	}
	paint(NULL, NULL, show);
}

/* --- the result --- */

static void result_show(struct show *show, const struct path_report *report)
{
	struct result *result = show->call->result;
	struct trace_finding findings[TRACE_FINDINGS_MAX];
	struct addr source = report->source;
	bool kernel = report->kernel_stamped, program = report->user_stamped;
	source.port = 0;
	result_put(result, "method", value_text(trace_method_name(report->method)));
	result_put(result, "port", report->target.port ? value_integer(report->target.port) : value_none());
	result_put(result, "source", value_address(&source));
	result_put(result, "clock",
		   value_text(kernel && program ? "both"
			      : kernel          ? "kernel"
			      : program         ? "program"
						: NULL));
	result_put(result, "rounds", value_count(report->rounds));
	result_put(result, "took_ms", value_time(report->took));
	result_put(result, "reached", value_flag(report->reached));
	result_line(result, TONE_FAINT,
		    "to {address} by {method}{port? port {port}}, from {source}, {rounds} rounds");
	result_list_open(result, &all_table);
	for (size_t h = 0; h < report->hop_count; h++)
		hop_put(show, result, &report->hops[h], false);
	result_list_close(result);
	result_gap(result);
	trace_show_findings(result, findings, path_judge(report, findings, TRACE_FINDINGS_MAX));
}

static enum loop_end watch(struct show *show)
{
	static const enum trace_method next[] = { [TRACE_UDP] = TRACE_TCP,
						  [TRACE_ICMP] = TRACE_UDP,
						  [TRACE_TCP] = TRACE_ICMP,
						  [TRACE_UDPLITE] = TRACE_ICMP };
	struct loop *loop = show->call->loop;
	enum loop_end end = LOOP_DONE;
	do {
		show->done = show->restart = false;
		if (show->live)
			loop_timer_start(loop, &show->timer, 0, paint, show);
		end = loop_run(loop, &show->done);
		loop_timer_stop(loop, &show->timer);
		if (!show->restart || end != LOOP_DONE)
			break;
		struct path_request request = *show->request;
		request.method = next[request.method];
		struct path *path = path_start(loop, &request, &events, show, NULL);
		if (!path)
			continue; /* the old one goes on */
		path_free(show->path);
		show->path = path;
		show->request->method = request.method;
	} while (true);
	return end;
}

/* Without the right to ICMP it goes on with UDP, unless ICMP was asked for. */
static struct path *path_begin(struct show *show)
{
	struct call *call = show->call;
	struct path *path = path_start(call->loop, show->request, &events, show, call->error);
	bool denied = !strcmp(call->error->code, "EACCES") || !strcmp(call->error->code, "EPERM");
	if (path || !denied || show->request->method != TRACE_ICMP || show->how->icmp_only)
		return path;
	show->request->method = TRACE_UDP;
	path = path_start(call->loop, show->request, &events, show, NULL);
	if (!path)
		return NULL;
	result_note(call->result,
		    "measured by UDP: neither ping sockets nor raw sockets are open to this user; %s",
		    call->error->hint);
	error_clear(call->error);
	return path;
}

enum status path_show_run(struct call *call, struct path_request *request, const struct path_show *how)
{
	static const struct table probes = { .name = "probes" };
	struct show show = { .call = call, .request = request, .how = how };
	bool endless = !request->count && !(how->rows && call->settings->json);
	show.live = how->report ? NULL : live_open(call->result, call->loop, on_key, &show);
	if (endless && !show.live)
		request->count = how->unattended;
	show.names = how->numeric ? NULL : names_new(call->loop);
	show.path = path_begin(&show);
	if (!show.path) {
		live_close(show.live, false);
		names_free(show.names);
		return call->error->status;
	}
	show.rows = how->rows && call->settings->json;
	if (!request->count && show.rows)
		result_live(call->result);
	if (show.rows)
		result_list_open(call->result, &probes);
	enum loop_end end = watch(&show);
	if (show.rows)
		result_list_close(call->result);
	live_close(show.live, false);
	if (show.names && end == LOOP_DONE)
		names_wait(show.names, NAMES_PATIENCE);
	const struct path_report *report = path_report(show.path);
	if (how->member)
		result_open(call->result, how->member);
	result_show(&show, report);
	if (how->member)
		result_close(call->result);
	bool answered = report->reached && report->hop_count && report->hops[report->hop_count - 1].answered;
	path_free(show.path);
	names_free(show.names);
	return end == LOOP_INTERRUPTED && !show.live ? STATUS_INTERRUPTED : answered ? STATUS_OK : STATUS_BAD;
}
