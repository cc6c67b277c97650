#include "shell/prompt.h"

#include "base/buf.h"
#include "base/mem.h"
#include "ntsh/loop.h"
#include "ntsh/netns.h"
#include "shell/complete_values.h"
#include "shell/hint.h"
#include "shell/prompt_edit.h"
#include "shell/prompt_text.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { PROMPT_LINE_MAX = 4 * 1024 * 1024, PROMPT_SHOW_MAX = 1024 * 1024 };

struct prompt {
	struct shell *shell;
	struct edit *edit; /* NULL: no libedit */
	struct history history;
	struct complete_places places;
	struct complete_world world;
	struct termios terminal; /* as it was when we began */
	FILE *out;               /* for what is no result: standard output unless that goes into a file */
	bool has_terminal, color;
};

/* --- Tab and ? --- */

static struct hint_screen prompt_screen(const struct prompt *prompt)
{
	struct hint_screen screen = { .color = prompt->color, .utf8 = prompt->shell->style.utf8 };
	edit_size(&screen.columns, &screen.rows);
	return screen;
}

static void prompt_look(struct prompt *prompt, struct complete *complete, const char *line, size_t caret)
{
	prompt->world.vars = &prompt->shell->vars;
	const struct kept_result *last = results_find(&prompt->shell->results, -1);
	prompt->world.last = last ? last->command : NULL;
	prompt->world.abbreviate = prompt->shell->abbreviations;
	complete_line(complete, &prompt->world, line, caret);
}

static char *prompt_shown(struct buf *text)
{
	char *result = text->length ? mem_strdup(buf_text(text)) : NULL;
	buf_release(text);
	return result;
}

static void prompt_on_tab(void *arg, const char *line, size_t caret, struct edit_reply *reply)
{
	struct prompt *prompt = arg;
	struct complete complete;
	struct hint_screen screen = prompt_screen(prompt);
	prompt_look(prompt, &complete, line, caret);
	reply->insert = complete_insert(&complete);
	if (reply->insert)
		reply->remove_from = complete.start;
	if (!reply->insert || complete_choices(&complete) > 1) {
		struct buf text = BUF_INIT(PROMPT_SHOW_MAX);
		if (complete.count)
			hint_list(&text, &complete, &screen);
		else
			hint_usage(&text, &complete, &screen);
		reply->show = prompt_shown(&text);
		reply->bell = !reply->show;
	}
	complete_release(&complete);
}

static void prompt_on_question(void *arg, const char *line, size_t caret, struct edit_reply *reply)
{
	struct prompt *prompt = arg;
	struct complete complete;
	struct hint_screen screen = prompt_screen(prompt);
	if (complete_question_is_text(line, caret)) {
		reply->insert = mem_strdup("?");
		return;
	}
	struct buf text = BUF_INIT(PROMPT_SHOW_MAX);
	prompt_look(prompt, &complete, line, caret);
	hint_explain(&text, &complete, &screen);
	complete_release(&complete);
	reply->show = prompt_shown(&text);
}

/* --- lines --- */

static enum edit_end prompt_read(struct prompt *prompt, bool continued, struct buf *line)
{
	wchar_t text[PROMPT_TEXT_MAX];
	struct shell *shell = prompt->shell;
	prompt_text(text, shell->settings.netns, shell->status, continued, prompt->color);
	if (prompt->edit)
		return edit_read(prompt->edit, text, line);
	return edit_plain_read(shell->loop, &shell->terminated, text, line);
}

/* An outside program may leave the terminal in any mode. */
static void prompt_recover_terminal(struct prompt *prompt)
{
	struct termios now;
	if (!prompt->has_terminal || tcgetattr(STDIN_FILENO, &now) < 0)
		return;
	const tcflag_t local = ICANON | ECHO | ISIG;
	if ((now.c_lflag & local) != (prompt->terminal.c_lflag & local) ||
	    (now.c_oflag & OPOST) != (prompt->terminal.c_oflag & OPOST))
		tcsetattr(STDIN_FILENO, TCSADRAIN, &prompt->terminal);
}

/* The cursor may stand behind "^C", or behind an outside program's unfinished line. A row full of blanks moves it to a new row exactly
 * when it does not stand in the first column. */
static void prompt_recover_column(struct prompt *prompt, const char *line)
{
	const char *term = getenv("TERM");
	bool interrupted = prompt->shell->status == STATUS_INTERRUPTED;
	if (!interrupted && !strpbrk(line, "!|"))
		return;
	if (term && strcmp(term, "dumb") != 0)
		fprintf(prompt->out, "%*s\r", (int)prompt_screen(prompt).columns, "");
	else if (interrupted)
		fputs("\n", prompt->out);
	fflush(prompt->out);
}

static void prompt_remember(struct prompt *prompt, const char *line)
{
	struct error error = ERROR_INIT;
	if (history_add(&prompt->history, line, &error) < 0 && prompt->shell->settings.verbose)
		out_error(&prompt->shell->style, "history", &error);
}

static void prompt_execute(struct prompt *prompt, const char *line, size_t length)
{
	struct shell *shell = prompt->shell;
	prompt_remember(prompt, line);
	shell_execute_line(shell, line, length, &(struct origin){ .line = 1 });
	loop_rearm(shell->loop, NS_NEVER);
	fflush(stdout);
	prompt_recover_terminal(prompt);
	prompt_recover_column(prompt, line);
}

/* A paste of several lines was one edit, and is executed line by line: each is shown above what it prints. Ctrl-C ends all. */
static void prompt_execute_lines(struct prompt *prompt, char *text)
{
	struct shell *shell = prompt->shell;
	bool several = false;
	for (char *begin = text, *end; *begin && !shell->leaving && !shell->terminated; begin = end) {
		end = strchr(begin, '\n');
		while (end && shell_line_incomplete(begin, (size_t)(end - begin)))
			end = strchr(end + 1, '\n');
		size_t length = end ? (size_t)(end - begin) : strlen(begin);
		end = end ? end + 1 : begin + length;
		several |= *end != '\0';
		if (strspn(begin, " \t") == length)
			continue;
		char *line = mem_strndup(begin, length);
		if (several) {
			fprintf(prompt->out, "%s> %s%s\n", prompt->color ? "\033[2m" : "", line,
				prompt->color ? "\033[m" : "");
			fflush(prompt->out);
		}
		prompt_execute(prompt, line, length);
		free(line);
		if (shell->status == STATUS_INTERRUPTED)
			break;
	}
}

/* Reads until the line is whole. Returns false when there will be none any more. */
static bool prompt_turn(struct prompt *prompt)
{
	struct buf line = BUF_INIT(PROMPT_LINE_MAX);
	enum edit_end end = prompt_read(prompt, false, &line);
	while (end == EDIT_LINE && shell_line_incomplete(buf_text(&line), line.length)) {
		buf_add_char(&line, '\n');
		end = prompt_read(prompt, true, &line);
	}
	if (end == EDIT_INTERRUPTED)
		prompt->shell->status = STATUS_INTERRUPTED;
	else if (end == EDIT_LINE || (end == EDIT_END && line.length))
		prompt_execute_lines(prompt, line.bytes ? line.bytes : (char[]){ "" });
	bool more = end == EDIT_LINE || end == EDIT_INTERRUPTED || (end == EDIT_END && line.length);
	buf_release(&line);
	return more && !prompt->shell->leaving && !prompt->shell->terminated;
}

/* --- begin and end --- */

static void prompt_banner(const struct prompt *prompt)
{
	const char *strong = prompt->color ? "\033[1m" : "", *plain = prompt->color ? "\033[m" : "";
	fprintf(prompt->out, "%sntsh %s%s, the network troubleshooting shell.\n", strong, NTSH_VERSION,
		plain);
	fprintf(prompt->out, "help lists what it can do, ? what may come next; to begin: %sdiagnose URL%s\n",
		strong, plain);
	fflush(prompt->out);
}

static void prompt_begin(struct prompt *prompt)
{
	struct shell *shell = prompt->shell;
	struct error error = ERROR_INIT;
	setlocale(LC_CTYPE, "");
	prompt->out = isatty(STDOUT_FILENO) ? stdout : stderr;
	prompt->has_terminal = tcgetattr(STDIN_FILENO, &prompt->terminal) == 0;
	prompt->color = shell->style.color == OUT_COLOR_ALWAYS ||
			(shell->style.color == OUT_COLOR_AUTO && isatty(STDOUT_FILENO));
	if (history_open(&prompt->history, &error) < 0 && shell->settings.verbose)
		out_error(&shell->style, "history", &error);
	shell->history_each = history_each;
	shell->history_arg = &prompt->history;
	prompt->places = complete_places_usual;
	prompt->places.history = &prompt->history;
	prompt->world = (struct complete_world){ .values = complete_values, .arg = &prompt->places };
	struct edit_hooks hooks = { prompt, prompt_on_tab, prompt_on_question, &prompt->history,
				    &shell->terminated };
	error_clear(&error);
	prompt->edit = edit_new(shell->loop, &hooks, &error);
	if (!prompt->edit)
		out_error(&shell->style, NULL, &error);
	if (!shell->settings.quiet && !shell->settings.json)
		prompt_banner(prompt);
}

enum status prompt_run(struct shell *shell)
{
	struct prompt prompt = { .shell = shell };
	prompt_begin(&prompt);
	while (prompt_turn(&prompt))
		;
	edit_free(prompt.edit);
	shell->history_each = NULL;
	history_close(&prompt.history);
	if (shell->terminated)
		return STATUS_INTERRUPTED;
	return (enum status)(shell->leaving ? shell->leave_status : shell->status);
}
