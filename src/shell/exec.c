#include "shell/exec.h"

#include "base/mem.h"
#include "shell/child.h"
#include "shell/dispatch.h"
#include "shell/expect.h"
#include "shell/points.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NUMBER_MAX = 16, OUTPUT_MODE = 0666 };

/* --- variables --- */

static const char *variable_get(const char *name, void *arg)
{
	static char number[NUMBER_MAX];
	const struct shell *shell = arg;
	if (strchr(name, '.'))
		return results_value(&shell->results, name);
	if (name[0] >= '0' && name[0] <= '9') {
		int index = name[0] - '0';
		return index < shell->argc ? shell->argv[index] : NULL;
	}
	if (!strcmp(name, "?") || !strcmp(name, "#")) {
		int value = *name == '?' ? shell->status : shell->argc ? shell->argc - 1 : 0;
		snprintf(number, sizeof number, "%d", value);
		return number;
	}
	return vars_get(&shell->vars, name);
}

static const char *variable_nearest(const char *name, void *arg)
{
	const struct shell *shell = arg;
	return vars_nearest(&shell->vars, name);
}

struct expand_env exec_env(struct shell *shell)
{
	return (struct expand_env){ variable_get, shell, shell->argc, shell->argv, variable_nearest };
}

int exec_expand(struct shell *shell, const struct script *script, const struct node *node, size_t from,
		size_t to, struct words *words)
{
	struct expand_env env = exec_env(shell);
	struct error error = ERROR_INIT;
	size_t place = 0;
	for (size_t i = from; i < to; i++)
		if (expand_word(script->text, node->words[i], &env, words, &place, &error))
			return dispatch_failure(shell, NULL, words, script, place, &error);
	return STATUS_OK;
}

/* --- elements --- */

static int exec_command(struct shell *shell, const struct script *script, const struct node *node)
{
	struct words words = { 0 };
	int status = exec_expand(shell, script, node, 0, node->count, &words);
	if (!status && words.count) /* nothing but empty variables is nothing to do */
		status = dispatch_words(shell, &words, script);
	words_release(&words);
	return status;
}

/* Our text into a program. The status is ours when it is bad, else the program's; that the program wanted no more is no
 * failure. */
static int exec_pipe(struct shell *shell, const struct script *script, const struct node *node)
{
	int ends[2];
	struct error error = ERROR_INIT;
	struct child child;
	if (pipe2(ends, O_CLOEXEC)) {
		error_errno(&error, errno, NULL, "no pipe can be made");
		return dispatch_failure(shell, NULL, NULL, script, node->pipe.begin, &error);
	}
	int failed = child_start(shell, &child, script->text + node->pipe.begin,
				 node->pipe.end - node->pipe.begin, ends[0], -1, &error);
	close(ends[0]);
	if (failed) {
		close(ends[1]);
		return dispatch_failure(shell, NULL, NULL, script, node->pipe.begin, &error);
	}
	struct out_style before = shell->style;
	shell->style = dispatch_style(shell, ends[1]);
	shell->style.progress = false; /* the screen is the program's */
	int status = exec_command(shell, script, node);
	if (status == STATUS_CANNOT && shell->output_broken)
		status = STATUS_OK;
	shell->style = before;
	close(ends[1]);
	bool interrupted;
	bool stopping = loop_cancelled(shell->loop) != LOOP_DONE;
	int outside = child_wait(shell, &child, stopping, &interrupted);
	if (interrupted)
		return STATUS_INTERRUPTED;
	return status ? status : outside;
}

/* !program. With --json its output must not mix with the objects: it goes to standard error. */
static int exec_outside(struct shell *shell, const struct script *script, const struct node *node)
{
	struct error error = ERROR_INIT;
	struct child child;
	int output = shell->style.json ? STDERR_FILENO : shell->style.fd;
	loop_rearm(shell->loop, dispatch_deadline(shell, shell->settings.timeout));
	shell->commands++;
	if (child_start(shell, &child, script->text + node->text.begin, node->text.end - node->text.begin, -1,
			output, &error))
		return dispatch_failure(shell, NULL, NULL, script, node->at.begin, &error);
	bool interrupted;
	ns_t began = clock_mono();
	int status = child_wait(shell, &child, false, &interrupted);
	if (interrupted && !shell->settings.interactive)
		status = STATUS_INTERRUPTED;
	char *what = mem_strndup(script->text + node->at.begin, node->at.end - node->at.begin);
	points_add(shell, script, node->at.begin,
		   &(struct point){ .what = what, .status = status, .elapsed = clock_mono() - began });
	free(what);
	return status;
}

static int exec_body(struct shell *shell, const struct script *script, const struct node *node)
{
	switch (node->kind) {
	case NODE_COMMAND:
		return node->has_pipe ? exec_pipe(shell, script, node) : exec_command(shell, script, node);
	case NODE_OUTSIDE:
		return exec_outside(shell, script, node);
	case NODE_EXPECT:
		return expect_run(shell, script, node);
	case NODE_REPEAT:
		return exec_repeat(shell, script, node);
	case NODE_WATCH:
		return exec_watch(shell, script, node);
	case NODE_FOREACH:
		return exec_foreach(shell, script, node);
	}
	return STATUS_OK;
}

/* --- redirection --- */

/* A FIFO that nobody reads is an error (ENXIO), not a wait that no Ctrl-C can end. */
static int open_file(const char *name, bool append)
{
	int fd =
	    open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (append ? O_APPEND : O_TRUNC),
		 OUTPUT_MODE);
	if (fd >= 0)
		fcntl(fd, F_SETFL, append ? O_APPEND : 0);
	return fd;
}

static int open_output(struct shell *shell, const struct script *script, const struct node *node)
{
	struct expand_env env = exec_env(shell);
	struct words words = { 0 };
	struct error error = ERROR_INIT;
	size_t place = node->file.begin;
	int fd = -1;
	if (!expand_word(script->text, node->file, &env, &words, &place, &error)) {
		if (words.count != 1)
			error_set(&error, STATUS_USAGE, "EUSAGE", "write > \"$name\"",
				  "this must be one file");
		else
			fd = open_file(words.items[0], node->append);
		if (fd < 0 && !error_is_set(&error))
			error_errno(&error, errno, NULL, "\"%s\" cannot be written", words.items[0]);
	}
	words_release(&words);
	if (fd < 0)
		shell->status = dispatch_failure(shell, NULL, NULL, script, place, &error);
	return fd;
}

int exec_element(struct shell *shell, const struct script *script, const struct node *node)
{
	if (!node->has_file)
		return exec_body(shell, script, node);
	int fd = open_output(shell, script, node);
	if (fd < 0)
		return shell->status;
	struct out_style before = shell->style;
	shell->style = dispatch_style(shell, fd);
	int status = exec_body(shell, script, node);
	shell->style = before;
	if (close(fd) && status < STATUS_CANNOT) {
		struct error error = ERROR_INIT;
		error_errno(&error, errno, NULL, "the file cannot be written");
		status = dispatch_failure(shell, NULL, NULL, script, node->file.begin, &error);
	}
	return status;
}

int exec_line(struct shell *shell, const struct script *script, const struct node *line)
{
	for (const struct node *node = line; node; node = node->next) {
		bool skip =
		    (node->join == JOIN_AND && shell->status) || (node->join == JOIN_OR && !shell->status);
		if (!skip)
			shell->status = exec_element(shell, script, node);
		if (shell->leaving || shell->terminated || shell->status == STATUS_INTERRUPTED)
			break;
		bool joined = node->next && node->next->join != JOIN_ALWAYS;
		if (joined)
			continue;
		if (shell->status > shell->worst)
			shell->worst = shell->status;
		if (shell->status && shell->stops)
			break;
	}
	if (shell->status > shell->worst)
		shell->worst = shell->status;
	return shell->status;
}
