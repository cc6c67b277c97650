#include "shell/dispatch.h"

#include "base/buf.h"
#include "base/mem.h"
#include "ntsh/netns.h"
#include "opt/opt.h"
#include "shell/find.h"
#include "shell/globals.h"
#include "shell/guide.h"
#include "shell/points.h"
#include "shell/usage.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WHAT_MAX = 64 * 1024 };

/* One command on its way. */
struct job {
	struct shell *shell;
	const struct script *script;
	const struct words *words;
	struct found found;
	const char *name;
	void *args;
	struct opt_store store;
	struct settings settings;
	struct out_style style;
	struct error error;
	size_t place; /* of the word at fault */
	ns_t began;
	bool help, entered;
};

struct out_style dispatch_style(const struct shell *shell, int fd)
{
	struct out_style style = { 0 };
	out_style_detect(&style, fd);
	style.json = shell->style.json;
	style.color = shell->style.color;
	style.verbose = shell->style.verbose;
	style.quiet = shell->style.quiet;
	style.progress = shell->style.progress;
	return style;
}

ns_t dispatch_deadline(const struct shell *shell, ns_t timeout)
{
	ns_t own = timeout == NS_NEVER ? NS_NEVER : clock_mono() + timeout;
	return own < shell->deadline ? own : shell->deadline;
}

/* --json and --netns count before everything else is read: a usage error is reported as JSON too, and interfaces are those of the
 * namespace. */
static void job_peek(struct job *job)
{
	if (job->found.builtin && job->found.builtin->raw)
		return;
	for (int i = job->found.words; i < job->words->count; i++) {
		const char *word = job->words->items[i];
		if (!strcmp(word, "--"))
			return;
		if (!strcmp(word, "--json"))
			job->settings.json = job->style.json = true;
		else if (!strcmp(word, "--netns") && i + 1 < job->words->count)
			job->settings.netns = job->words->items[i + 1];
		else if (!strncmp(word, "--netns=", 8))
			job->settings.netns = word + 8;
	}
}

static int job_enter(struct job *job)
{
	const char *wanted = job->settings.netns, *current = netns_current();
	if (!wanted || (current && !strcmp(wanted, current)))
		return 0;
	if (netns_enter(wanted, &job->error))
		return -1;
	job->entered = true;
	return 0;
}

static void job_leave(struct job *job)
{
	const char *session = job->shell->settings.netns;
	if (!job->entered)
		return;
	struct error error = ERROR_INIT;
	if (session ? netns_enter(session, &error) : netns_leave(&error))
		report_error(job->shell, job->script, NOWHERE, job->name, &error);
}

/* Options and arguments, of a command or a built-in alike. */
struct shape {
	const struct option *options;
	size_t args_size;
	const void *defaults;
	bool raw;
};

static struct shape found_shape(const struct found *found)
{
	const struct command *command = found->command;
	const struct builtin *builtin = found->builtin;
	if (command)
		return (struct shape){ command->options, command->args_size, command->defaults, false };
	return (struct shape){ builtin->options, builtin->args_size, builtin->defaults, builtin->raw };
}

/* Behind the last word: what is missing would stand there. */
static size_t job_end(const struct job *job)
{
	int last = job->words->count - 1;
	return job->words->offsets[last] + strlen(job->words->items[last]) + 1;
}

static int job_parse(struct job *job)
{
	struct shape shape = found_shape(&job->found);
	int bad = -1, count = job->words->count - job->found.words;
	const char *const *argv = (const char *const *)job->words->items + job->found.words;
	job->args = mem_alloc(shape.args_size);
	if (shape.defaults)
		memcpy(job->args, shape.defaults, shape.args_size);
	if (shape.raw) {
		job->help = count == 1 && (!strcmp(argv[0], "-h") || !strcmp(argv[0], "--help"));
		memcpy(job->args, &(struct option_list){ (const char **)argv, (size_t)count },
		       sizeof(struct option_list));
		return 0;
	}
	struct globals globals = { 0 };
	struct opt_common common = { globals_common, &globals };
	if (opt_parse_with(shape.options, job->args, &common, count, argv, &job->store, &job->help, &bad,
			   &job->error)) {
		if (bad >= 0 && bad < count)
			job->place = job->words->offsets[job->found.words + bad];
		else if (job->settings.interactive)
			job->place = job_end(job);
		return -1;
	}
	globals_apply(&globals, &job->settings, &job->style);
	return 0;
}

static void words_join(struct buf *out, const struct words *words)
{
	for (int i = 0; words && i < words->count; i++) {
		if (i)
			buf_add_char(out, ' ');
		buf_add_text(out, words->items[i]);
	}
}

static void job_keep_result(struct job *job, const struct result *result, int status)
{
	struct buf what = BUF_INIT(WHAT_MAX);
	size_t length = 0;
	if (!job->shell->keep_results || !job->found.command)
		return;
	const char *json = result_json(result, &length);
	words_join(&what, job->words);
	results_add(&job->shell->results, job->found.command, buf_text(&what), status, json, length);
	buf_release(&what);
}

/* What shells do among themselves (set, echo) is worth a point only when it fails. */
static void job_point(struct job *job, const struct result *result, int status)
{
	struct shell *shell = job->shell;
	if (!points_wanted(shell) || (!job->found.command && !status))
		return;
	struct buf what = BUF_INIT(WHAT_MAX);
	size_t length = 0;
	const char *json = result && job->found.command ? result_json(result, &length) : NULL;
	struct json *tree = json ? json_read(json, length, NULL) : NULL;
	words_join(&what, job->words);
	struct point point = { .what = buf_text(&what),
			       .status = status,
			       .elapsed = clock_mono() - job->began,
			       .message = error_is_set(&job->error) ? job->error.message : NULL,
			       .tree = tree };
	points_add(shell, job->script, job->words->offsets ? job->words->offsets[0] : NOWHERE, &point);
	json_free(tree);
	buf_release(&what);
}

bool dispatch_interrupted(struct shell *shell)
{
	if (loop_cancelled(shell->loop) != LOOP_INTERRUPTED)
		return false;
	/* A command that never ran the loop left the signal waiting, and it would hit the next one. */
	loop_sleep(shell->loop, 0);
	return true;
}

/* A Ctrl-C makes every answer a partial one. */
static enum status job_status(const struct job *job, enum status status)
{
	if (error_is_set(&job->error))
		status = job->error.status;
	if (dispatch_interrupted(job->shell))
		status = STATUS_INTERRUPTED;
	return status;
}

static enum status job_run(struct job *job, struct result *result)
{
	struct call call = { job->found.command, &job->settings, job->shell->loop, result, &job->error };
	enum status status;
	if (job->help) {
		status = usage_show(&call, job->found.builtin);
	} else if (job->found.builtin) {
		status = job->found.builtin->run(job->shell, &call, job->args);
	} else {
		status = job->found.command->run(&call, job->args);
		if (loop_cancelled(call.loop) == LOOP_TIMEOUT)
			result_note(result, "stopped by the timeout (-t)");
	}
	return job_status(job, status);
}

static int job_finish(struct job *job, struct result *result, enum status status)
{
	if (result) {
		job->shell->output_broken = result_broken(result);
		status = result_finish(result, status, &job->error);
		job->shell->output_broken |= result_broken(result);
		job_keep_result(job, result, (int)status);
	}
	job_point(job, result, (int)status);
	if (result)
		result_free(result);
	if (error_is_set(&job->error))
		report_error(job->shell, job->script, job->place, job->name, &job->error);
	return (int)status;
}

static int job_execute(struct job *job)
{
	bool silent = job->found.builtin && !job->found.builtin->fields;
	job_peek(job);
	int failed = job_enter(job) || job_parse(job);
	loop_rearm(job->shell->loop, dispatch_deadline(job->shell, job->settings.timeout));
	struct result *result = NULL;
	if (!silent || failed || job->help) {
		result = result_new(&job->style, job->name, job->words->count,
				    (const char *const *)job->words->items);
		if (job->shell->keep_results && job->found.command)
			result_keep_json(result);
	}
	enum status status = failed ? job->error.status : job_run(job, result);
	int final = job_finish(job, result, status);
	job_leave(job);
	opt_store_release(&job->store);
	free(job->args);
	return final;
}

int dispatch_failure(struct shell *shell, const char *name, const struct words *words,
		     const struct script *script, size_t offset, struct error *err)
{
	if (points_wanted(shell)) {
		struct buf what = BUF_INIT(WHAT_MAX);
		words_join(&what, words);
		struct point point = { .what = what.length ? buf_text(&what)
					       : name      ? name
							   : "ntsh",
				       .status = (int)err->status,
				       .message = err->message };
		points_add(shell, script, offset, &point);
		buf_release(&what);
	}
	if (shell->style.json) {
		const char *said = name ? name : words && words->count ? words->items[0] : "ntsh";
		struct result *result = result_new(&shell->style, said, words ? words->count : 0,
						   words ? (const char *const *)words->items : NULL);
		result_finish(result, err->status, err);
		result_free(result);
	}
	report_error(shell, script, offset, name, err);
	return (int)err->status;
}

int dispatch_words(struct shell *shell, const struct words *words, const struct script *script)
{
	struct job job = { .shell = shell,
			   .script = script,
			   .words = words,
			   .settings = shell->settings,
			   .style = shell->style,
			   .error = ERROR_INIT,
			   .place = NOWHERE,
			   .began = clock_mono() };
	shell->output_broken = false;
	/* who reads the answer in a pager or a file is not to be asked */
	job.settings.interactive = job.settings.interactive && isatty(job.style.fd);
	if (find_command(words->count, (const char *const *)words->items, shell->abbreviations, &job.found,
			 &job.error))
		return dispatch_failure(shell, NULL, words, script,
					words->offsets ? words->offsets[0] : NOWHERE, &job.error);
	job.name = job.found.command ? job.found.command->name : job.found.builtin->name;
	if (guide_wanted(shell, words))
		return guide_run(shell);
	shell->commands++;
	return job_execute(&job);
}
