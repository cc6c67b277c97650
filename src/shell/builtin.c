/* The small ones, and the registry. */
#include "base/buf.h"
#include "shell/batch.h"
#include "shell/builtins.h"
#include "shell/shell.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { SOURCE_DEPTH_MAX = 16, ECHO_MAX = 4 << 20, EXIT_MAX = 255, HISTORY_MAX = 1000000 };
#define SLEEP_MAX (365 * 24 * 3600 * NS_PER_S)

/* --- echo --- */

static const struct option echo_table[] = { { STYLE_OPERAND, OPT_TEXT, 0, "word", "WORD",
					      "what to print, with single blanks between", 0,
					      .flags = OPTION_REPEAT },
					    OPTION_END };

/* As it is, not wrapped: the words are the user's own. Control bytes are escaped all the same, they may come from a variable. */
static enum status echo_run(struct shell *shell, struct call *call, const void *args)
{
	(void)shell;
	const struct option_list *words = args;
	struct buf text = BUF_INIT(ECHO_MAX);
	for (size_t i = 0; i < words->count; i++)
		buf_printf(&text, "%s%s", i ? " " : "", words->items[i]);
	result_put(call->result, "text", value_text_n(buf_text(&text), text.length));
	result_line(call->result, TONE_PLAIN, "{text}");
	buf_release(&text);
	return STATUS_OK;
}

static const struct field echo_fields[] = {
	{ "text", KIND_TEXT, "the words, with single blanks between" },
	{ .path = NULL },
};

const struct builtin builtin_echo = {
	.name = "echo",
	.summary = "print words",
	.usage = "echo [WORD...]",
	.options = echo_table,
	.args_size = sizeof(struct option_list),
	.raw = true,
	.fields = echo_fields,
	.run = echo_run,
};

/* --- sleep --- */

struct sleep_args {
	ns_t duration;
};

static const struct option sleep_table[] = {
	{ STYLE_OPERAND, OPT_DURATION, 0, "duration", "DURATION", "500ms, 2s, 1m; a bare number is seconds",
	  offsetof(struct sleep_args, duration), .min = 0, .max = SLEEP_MAX, .flags = OPTION_REQUIRED },
	OPTION_END
};

static enum status sleep_run(struct shell *shell, struct call *call, const void *args)
{
	const struct sleep_args *sleep_args = args;
	ns_t began = clock_mono();
	loop_sleep(shell->loop, sleep_args->duration);
	result_put(call->result, "slept_ms", value_time(clock_mono() - began));
	return STATUS_OK;
}

static const struct field sleep_fields[] = {
	{ "slept_ms", KIND_TIME, "how long it was" },
	{ .path = NULL },
};

const struct builtin builtin_sleep = {
	.name = "sleep",
	.summary = "wait",
	.usage = "sleep DURATION",
	.options = sleep_table,
	.args_size = sizeof(struct sleep_args),
	.fields = sleep_fields,
	.run = sleep_run,
};

/* --- exit --- */

struct exit_args {
	int64_t status;
};

static const struct option exit_table[] = {
	{ STYLE_OPERAND, OPT_COUNT, 0, "status", "STATUS",
	  "exit status of ntsh; without it that of the last command, in a batch the worst",
	  offsetof(struct exit_args, status), .min = 0, .max = EXIT_MAX },
	OPTION_END
};

static const struct exit_args exit_defaults = { -1 };

static enum status exit_run(struct shell *shell, struct call *call, const void *args)
{
	(void)call;
	const struct exit_args *exit_args = args;
	shell->leaving = true;
	if (exit_args->status >= 0)
		shell->leave_status = (int)exit_args->status;
	else
		shell->leave_status = shell->settings.interactive || shell->status > shell->worst
					  ? shell->status
					  : shell->worst;
	return (enum status)shell->status;
}

const struct builtin builtin_exit = {
	.name = "exit",
	.summary = "leave the shell",
	.usage = "exit [STATUS]",
	.options = exit_table,
	.args_size = sizeof(struct exit_args),
	.defaults = &exit_defaults,
	.run = exit_run,
};

/* --- source --- */

static const struct option source_table[] = {
	{ STYLE_OPERAND, OPT_FILE, 0, "file", "FILE", "a batch file (- is standard input)", 0,
	  .flags = OPTION_REQUIRED },
	{ STYLE_OPERAND, OPT_TEXT, 0, "arg", "ARG", "what its $1, $2 and so on are", sizeof(const char *),
	  .flags = OPTION_REPEAT },
	OPTION_END
};

/* A file ends at its first status that is not 0, also when it is read from the prompt. */
static enum status source_run(struct shell *shell, struct call *call, const void *args)
{
	const struct option_list *words = args;
	if (!words->count) {
		error_set(call->error, STATUS_USAGE, "EUSAGE", "write: source FILE [ARG...]",
			  "a file is missing");
		return STATUS_USAGE;
	}
	if (shell->depth == SOURCE_DEPTH_MAX) {
		error_set(call->error, STATUS_USAGE, "EUSAGE", "does it source itself?",
			  "files are nested deeper than %d", SOURCE_DEPTH_MAX);
		return STATUS_USAGE;
	}
	bool stops = shell->stops;
	int worst = shell->worst;
	shell->stops = !shell->keep_going;
	shell->worst = STATUS_OK;
	shell->depth++;
	batch_file(shell, words->items[0], (int)words->count, words->items);
	shell->depth--;
	shell->stops = stops;
	int status = shell->worst;
	shell->worst = worst; /* whether the file's failure counts is for the line that sources it to say */
	return (enum status)status;
}

const struct builtin builtin_source = {
	.name = "source",
	.summary = "execute the commands in a file",
	.usage = "source FILE [ARG...]",
	.options = source_table,
	.args_size = sizeof(const char *) + sizeof(struct option_list),
	.raw = true,
	.run = source_run,
};

/* --- history --- */

struct history_args {
	int64_t newest;
};

static const struct option history_table[] = {
	{ STYLE_OPERAND, OPT_COUNT, 0, "count", "COUNT", "only the newest lines",
	  offsetof(struct history_args, newest), .min = 1, .max = HISTORY_MAX },
	OPTION_END
};

static const struct column history_columns[] = {
	{ "number", NULL, ALIGN_RIGHT, 5, false, false },
	{ "line", NULL, ALIGN_LEFT, 0, false, false },
};
static const struct table history_list = {
	.name = "lines", .columns = history_columns, .column_count = 2, .no_heading = true
};

static void history_line(unsigned number, const char *line, void *arg)
{
	struct result *result = arg;
	result_row_open(result);
	result_put(result, "number", value_count(number));
	result_put(result, "line", value_text(line));
	result_row_close(result);
}

static enum status history_run(struct shell *shell, struct call *call, const void *args)
{
	const struct history_args *history_args = args;
	if (!shell->history_each) {
		error_set(call->error, STATUS_USAGE, "EUSAGE", "it is kept at the prompt",
			  "a batch has no history");
		return STATUS_USAGE;
	}
	result_list_open(call->result, &history_list);
	shell->history_each(shell->history_arg,
			    history_args->newest ? (size_t)history_args->newest : SIZE_MAX, history_line,
			    call->result);
	result_list_close(call->result);
	return STATUS_OK;
}

static const struct field history_fields[] = {
	{ "lines", KIND_NONE, "what was typed, oldest first" },
	{ "lines[].number", KIND_COUNT, "number of the line" },
	{ "lines[].line", KIND_TEXT, "the line" },
	{ .path = NULL },
};

const struct builtin builtin_history = {
	.name = "history",
	.summary = "show the lines that were typed",
	.usage = "history [COUNT]",
	.options = history_table,
	.args_size = sizeof(struct history_args),
	.fields = history_fields,
	.run = history_run,
};

/* --- what the parser knows by name --- */

static const struct option no_options[] = { OPTION_END };

const struct builtin builtin_repeat = {
	.name = "repeat",
	.summary = "run a command several times",
	.usage = "repeat N [every DURATION] COMMAND",
	.options = no_options,
};

const struct builtin builtin_watch = {
	.name = "watch",
	.summary = "run a command again and again",
	.usage = "watch [DURATION] COMMAND",
	.options = no_options,
};

const struct builtin builtin_foreach = {
	.name = "foreach",
	.summary = "run a command for each of several words",
	.usage = "foreach NAME in WORD... [parallel N] do COMMAND",
	.options = no_options,
};

const struct builtin *const builtin_registry[] = {
	&builtin_echo,    &builtin_exit,
	&builtin_expect,  &builtin_foreach,
	&builtin_history, &builtin_netns_all,
	&builtin_repeat,  &builtin_results,
	&builtin_set,     &builtin_sleep,
	&builtin_source,  &builtin_unset,
	&builtin_watch,   NULL,
};
