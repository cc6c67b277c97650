/* repeat, watch, foreach. */
#include "opt/opt.h"
#include "shell/dispatch.h"
#include "shell/exec.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REPEAT_MAX 1000000000
#define PARALLEL_MAX 256
#define INTERVAL_MAX (7 * 24 * 3600 * NS_PER_S)
#define WATCH_INTERVAL (2 * NS_PER_S)
#define WATCH_INTERVAL_MIN (10 * NS_PER_MS)

/* The runs of one element, at their times. */
struct rounds {
	ns_t interval, next, outer_deadline;
	int worst;
};

static void rounds_begin(struct shell *shell, struct rounds *rounds, ns_t interval)
{
	*rounds = (struct rounds){ interval, clock_mono(), shell->deadline, STATUS_OK };
	shell->deadline = dispatch_deadline(shell, shell->settings.timeout);
	loop_rearm(shell->loop, shell->deadline);
}

static int rounds_end(struct shell *shell, struct rounds *rounds)
{
	shell->deadline = rounds->outer_deadline;
	return rounds->worst;
}

/* One run. Returns false when there shall be no more: interrupted, time is up, nobody reads, wrong words (which stay
 * wrong). */
static bool rounds_run(struct shell *shell, struct rounds *rounds, const struct script *script,
		       const struct node *body)
{
	shell->status = exec_element(shell, script, body);
	if (shell->status > rounds->worst)
		rounds->worst = shell->status;
	if (shell->leaving || shell->terminated || shell->output_broken || shell->status == STATUS_USAGE)
		return false;
	if (shell->status == STATUS_INTERRUPTED || dispatch_interrupted(shell)) {
		rounds->worst = STATUS_INTERRUPTED;
		return false;
	}
	return clock_mono() < shell->deadline;
}

/* Until the next run is due; runs that were missed meanwhile are left out. */
static bool rounds_wait(struct shell *shell, struct rounds *rounds)
{
	ns_t now = clock_mono();
	if (!rounds->interval)
		return true;
	while (rounds->next <= now)
		rounds->next += rounds->interval * ((now - rounds->next) / rounds->interval + 1);
	loop_rearm(shell->loop, shell->deadline);
	enum loop_end end = loop_sleep(shell->loop, rounds->next - now);
	if (end == LOOP_INTERRUPTED)
		rounds->worst = STATUS_INTERRUPTED;
	return end == LOOP_DONE;
}

/* node->words[index] as a duration or a count. */
static int read_word(struct shell *shell, const struct script *script, const struct node *node, size_t index,
		     bool duration, int64_t *out)
{
	struct words words = { 0 };
	struct error error = ERROR_INIT;
	int status = exec_expand(shell, script, node, index, index + 1, &words);
	if (!status) {
		const char *text = words.count ? words.items[0] : "";
		int64_t most = node->kind == NODE_FOREACH ? PARALLEL_MAX : REPEAT_MAX;
		int failed = duration ? opt_read_duration(text, WATCH_INTERVAL_MIN, INTERVAL_MAX, out, &error)
				      : opt_read_count(text, 1, most, out, &error);
		if (failed)
			status = dispatch_failure(shell,
						  node->kind == NODE_WATCH     ? "watch"
						  : node->kind == NODE_FOREACH ? "foreach"
									       : "repeat",
						  &words, script, node->words[index].begin, &error);
	}
	words_release(&words);
	return status;
}

int exec_repeat(struct shell *shell, const struct script *script, const struct node *node)
{
	int64_t times = 0;
	ns_t interval = 0;
	int status = read_word(shell, script, node, 0, false, &times);
	if (!status && node->count > 1)
		status = read_word(shell, script, node, 1, true, &interval);
	if (status)
		return status;
	struct rounds rounds;
	rounds_begin(shell, &rounds, interval);
	for (int64_t i = 0; i < times; i++)
		if (!rounds_run(shell, &rounds, script, node->body) ||
		    (i + 1 < times && !rounds_wait(shell, &rounds)))
			break;
	return rounds_end(shell, &rounds);
}

/* At a terminal each run begins at the top of an empty screen, under a line that says what and when. */
static void watch_heading(const struct shell *shell, const struct script *script, const struct node *node)
{
	if (shell->style.json || !isatty(shell->style.fd))
		return;
	char what[160], heading[256], clock[16];
	out_escape(what, sizeof what, script->text + node->body->at.begin,
		   node->body->at.end - node->body->at.begin, shell->style.utf8);
	time_t now = time(NULL);
	struct tm local;
	strftime(clock, sizeof clock, "%H:%M:%S", localtime_r(&now, &local));
	int length =
	    snprintf(heading, sizeof heading, "\033[H\033[2J%s   %s   (Ctrl-C ends it)\n\n", clock, what);
	if (write(shell->style.fd, heading, (size_t)length) < 0)
		return; /* the command itself will find out, and say so */
}

int exec_watch(struct shell *shell, const struct script *script, const struct node *node)
{
	ns_t interval = WATCH_INTERVAL;
	int status = node->count ? read_word(shell, script, node, 0, true, &interval) : STATUS_OK;
	if (status)
		return status;
	struct rounds rounds;
	rounds_begin(shell, &rounds, interval);
	do {
		watch_heading(shell, script, node);
		rounds.worst = STATUS_OK; /* only the last run counts: watching is waiting for a change */
	} while (rounds_run(shell, &rounds, script, node->body) && rounds_wait(shell, &rounds));
	return rounds_end(shell, &rounds);
}

/* The last word is how many at once. Returns 0, or the status of the error that was reported. */
static int take_width(struct shell *shell, const struct script *script, const struct node *node,
		      int64_t *width)
{
	return read_word(shell, script, node, node->count - 1, false, width);
}

static void rounds_each(struct shell *shell, struct rounds *rounds, const struct script *script,
			const struct node *node, const char *name, const struct words *words)
{
	struct error error = ERROR_INIT;
	for (int i = 0; i < words->count; i++) {
		if (vars_set(&shell->vars, name, words->items[i], &error)) {
			rounds->worst =
			    dispatch_failure(shell, "foreach", words, script, node->words[0].begin, &error);
			break;
		}
		if (!rounds_run(shell, rounds, script, node->body) && shell->status != STATUS_USAGE)
			break;
	}
}

int exec_foreach(struct shell *shell, const struct script *script, const struct node *node)
{
	struct words name = { 0 }, words = { 0 };
	struct rounds rounds;
	int64_t width = 0;
	int status = exec_expand(shell, script, node, 0, 1, &name);
	if (!status)
		status = exec_expand(shell, script, node, 1, node->count - node->parallel, &words);
	if (!status && node->parallel)
		status = take_width(shell, script, node, &width);
	if (!status) {
		rounds_begin(shell, &rounds, 0);
		const char *variable = name.count ? name.items[0] : "";
		if (width)
			rounds.worst = exec_parallel(shell, script, node, variable, &words, (size_t)width);
		else
			rounds_each(shell, &rounds, script, node, variable, &words);
		status = rounds_end(shell, &rounds);
	}
	words_release(&name);
	words_release(&words);
	return status;
}
