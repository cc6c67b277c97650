/* libedit, loaded on first use, and only here. el_wgets is the outer call; our loop runs inside its EL_GETCFN. */
#include "shell/prompt_edit.h"

#include "base/dynlib.h"
#include "base/mem.h"
#include "ntsh/loop.h"
#include "shell/prompt_bindings.h"
#include "shell/prompt_keys.h"
#include "shell/prompt_text.h"
#include "shell/terminfo.h"

#include <errno.h>
#include <histedit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { CTRL_C = 3, CTRL_Z = 26, LINE_MAX_CELLS = 256 * 1024 };

/* A paste's first byte may come alone over a slow line; a person cannot type its second within this time. */
static const ns_t held_patience = 40 * NS_PER_MS;

struct edit {
	struct loop *loop;
	struct edit_hooks hooks;
	EditLine *el;
	FILE *out;
	bool moving; /* the terminal can move its cursor: escape sequences are understood */
	const wchar_t *prompt;
	struct keys keys;
	struct loop_timer held;
	bool reading, wake, readable, resized, continued, pasted;
	enum edit_end end;
	char *show;        /* to be printed once the caret is at the end */
	int show_back;     /* how far the caret must go back then */
	size_t history_at; /* entries behind the one shown: 0 is the newest */
	wchar_t *history_text;
};

static struct {
	__typeof__(&el_init) init;
	__typeof__(&el_end) end;
	__typeof__(&el_wset) wset;
	__typeof__(&el_wget) wget;
	__typeof__(&el_wgets) wgets;
	__typeof__(&el_wline) wline;
	__typeof__(&el_winsertstr) winsertstr;
	__typeof__(&el_deletestr) deletestr;
	__typeof__(&el_cursor) cursor;
	__typeof__(&el_wpush) wpush;
	__typeof__(&el_source) source;
	__typeof__(&el_resize) resize;
} lib;

static int edit_load(struct error *err)
{
	static const struct dynlib_symbol symbols[] = {
		{ "el_init", &lib.init },
		{ "el_end", &lib.end },
		{ "el_wset", &lib.wset },
		{ "el_wget", &lib.wget },
		{ "el_wgets", &lib.wgets },
		{ "el_wline", &lib.wline },
		{ "el_winsertstr", &lib.winsertstr },
		{ "el_deletestr", &lib.deletestr },
		{ "el_cursor", &lib.cursor },
		{ "el_wpush", &lib.wpush },
		{ "el_source", &lib.source },
		{ "el_resize", &lib.resize },
	};
	return dynlib_load(NTSH_SONAME_EDIT, "libedit2", symbols, sizeof symbols / sizeof *symbols, err);
}

static struct edit *edit_of(EditLine *el)
{
	void *data = NULL;
	lib.wget(el, EL_CLIENTDATA, &data);
	return data;
}

static void edit_escape(struct edit *edit, const char *sequence)
{
	if (!edit->moving)
		return;
	fputs(sequence, edit->out);
	fflush(edit->out);
}

/* --- the screen --- */

static size_t edit_columns(void)
{
	size_t columns, rows;
	edit_size(&columns, &rows);
	return columns;
}

/* Takes what is shown of the line off the screen: libedit's own idea of where the cursor is may be wrong by now. EL_REFRESH draws it
 * again from here. */
static void edit_erase(struct edit *edit, size_t columns)
{
	const LineInfoW *line = lib.wline(edit->el);
	size_t caret = (size_t)(line->cursor - line->buffer);
	size_t rows = prompt_caret_row(prompt_width(edit->prompt), line->buffer, caret, columns);
	if (edit->moving && rows)
		fprintf(edit->out, "\033[%zuA", rows);
	fputs(edit->moving ? "\r\033[J" : "\r", edit->out);
}

static void edit_redraw(struct edit *edit, size_t columns)
{
	edit_erase(edit, columns);
	lib.wset(edit->el, EL_REFRESH);
}

static void edit_mode(struct edit *edit, bool on)
{
	lib.wset(edit->el, EL_PREP_TERM, on ? 1 : 0);
	edit_escape(edit, on ? "\033[?2004h" : "\033[?2004l");
}

/* Ctrl-Z: as other programs do. The kernel ignores it where nobody could continue us (a session of our own). */
static void edit_suspend(struct edit *edit)
{
	fputs("\r\n", edit->out);
	edit_mode(edit, false);
	kill(0, SIGTSTP);
	edit_mode(edit, true);
	edit_redraw(edit, 0);
}

/* Leaves the line standing with ^C behind it. */
static void edit_show_interrupt(struct edit *edit)
{
	const LineInfoW *line = lib.wline(edit->el);
	edit_erase(edit, edit_columns());
	lib.cursor(edit->el, (int)(line->lastchar - line->cursor));
	lib.wset(edit->el, EL_REFRESH);
	fputs("^C", edit->out);
	fflush(edit->out);
}

/* --- waiting for keys --- */

static void edit_on_input(struct loop *loop, int fd, uint32_t events, void *arg)
{
	struct edit *edit = arg;
	(void)loop, (void)fd, (void)events;
	edit->readable = edit->wake = true;
}

static void edit_on_held(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct edit *edit = arg;
	(void)loop, (void)timer;
	keys_flush(&edit->keys);
	edit->wake = true;
}

static void edit_on_signal(struct loop *loop, int signo, void *arg)
{
	struct edit *edit = arg;
	(void)loop;
	edit->resized |= signo == SIGWINCH;
	edit->continued |= signo == SIGCONT;
	edit->wake = true;
}

/* One byte at a time: what was typed ahead stays in the terminal for the program that the line starts. */
static enum keys_event edit_take(struct edit *edit)
{
	unsigned char byte;
	ssize_t got = read(STDIN_FILENO, &byte, 1);
	if (got == 1)
		return keys_byte(&edit->keys, byte);
	if (got == 0 || (errno != EINTR && errno != EAGAIN))
		edit->end = EDIT_GONE;
	return KEYS_NOTHING;
}

static void edit_wait(struct edit *edit)
{
	edit->wake = edit->readable = false;
	if (keys_held(&edit->keys))
		loop_timer_start(edit->loop, &edit->held, clock_mono() + held_patience, edit_on_held, edit);
	enum loop_end end = loop_run(edit->loop, &edit->wake);
	loop_timer_stop(edit->loop, &edit->held);
	if (end == LOOP_DONE)
		return;
	loop_rearm(edit->loop, NS_NEVER);
	edit->end = *edit->hooks.terminated || end == LOOP_IDLE ? EDIT_GONE : EDIT_INTERRUPTED;
}

static void edit_after_signals(struct edit *edit)
{
	if (edit->continued) {
		edit->continued = false;
		edit_mode(edit, false);
		edit_mode(edit, true);
		edit_redraw(edit, 0);
	}
	if (edit->resized) {
		edit->resized = false;
		lib.resize(edit->el);
		edit_redraw(edit, edit_columns());
	}
}

/* Some of libedit's vi commands leave the caret outside the line ($ on an empty one, n that finds nothing), and the next
 * one would then write there. el_cursor brings it back. */
static void edit_caret_guard(struct edit *edit)
{
	const LineInfoW *line = lib.wline(edit->el);
	if (line->cursor < line->buffer)
		lib.cursor(edit->el, 1);
	else if (line->cursor > line->lastchar)
		lib.cursor(edit->el, -1);
}

/* EL_GETCFN: 1 and a character, or 0 for the end of the line's editing (edit->end says why). */
static int edit_getc(EditLine *el, wchar_t *out)
{
	struct edit *edit = edit_of(el);
	edit_caret_guard(edit);
	for (;;) {
		if (keys_next(&edit->keys, out)) {
			if (*out == CTRL_C)
				edit->end = EDIT_INTERRUPTED;
			else if (*out == CTRL_Z)
				edit_suspend(edit);
			else
				return 1;
		}
		if (edit->end != EDIT_LINE)
			return 0;
		if (edit->keys.ready_at < edit->keys.ready_count)
			continue;
		edit_wait(edit);
		edit_after_signals(edit);
		if (!edit->readable || edit->end != EDIT_LINE)
			continue;
		enum keys_event event = edit_take(edit);
		if (event == KEYS_BAD)
			edit_escape(edit, "\a");
		if (event == KEYS_PASTE) {
			edit->pasted = true;
			*out = PROMPT_LATER_KEY[0];
			return 1;
		}
	}
}

/* --- keys of ours --- */

static void edit_insert(struct edit *edit, const wchar_t *text)
{
	const LineInfoW *line = lib.wline(edit->el);
	if ((size_t)(line->lastchar - line->buffer) + wcslen(text) > LINE_MAX_CELLS)
		edit_escape(edit, "\a");
	else if (*text)
		lib.winsertstr(edit->el, text);
}

static void edit_apply(struct edit *edit, const char *before, const struct edit_reply *reply)
{
	size_t caret = strlen(before);
	if (reply->remove_from < caret) {
		wchar_t *gone = keys_widen(before + reply->remove_from);
		lib.deletestr(edit->el, (int)wcslen(gone));
		free(gone);
	}
	if (reply->insert) {
		wchar_t *text = keys_widen(reply->insert);
		edit_insert(edit, text);
		free(text);
	}
}

/* Printing below must begin under the line's last row, and only libedit can bring the cursor there: the caret goes to the end, libedit
 * redraws, and then finds the later key. */
static unsigned char edit_key(EditLine *el, edit_key_fn *fn)
{
	struct edit *edit = edit_of(el);
	struct edit_reply reply = { .remove_from = SIZE_MAX };
	const LineInfoW *line = lib.wline(el);
	char *before = keys_narrow(line->buffer, (size_t)(line->cursor - line->buffer));
	fn(edit->hooks.arg, before, strlen(before), &reply);
	edit_apply(edit, before, &reply);
	free(before);
	free(reply.insert);
	if (reply.show) {
		line = lib.wline(el);
		free(edit->show);
		edit->show = reply.show;
		edit->show_back = (int)(line->lastchar - line->cursor);
		lib.cursor(el, edit->show_back);
		lib.wpush(el, PROMPT_LATER_KEY);
	}
	if (reply.bell)
		edit_escape(edit, "\a");
	return CC_REFRESH;
}

static unsigned char edit_on_tab(EditLine *el, int key __attribute__((unused)))
{
	return edit_key(el, edit_of(el)->hooks.complete);
}

static unsigned char edit_on_question(EditLine *el, int key __attribute__((unused)))
{
	return edit_key(el, edit_of(el)->hooks.explain);
}

static unsigned char edit_on_later(EditLine *el, int key __attribute__((unused)))
{
	struct edit *edit = edit_of(el);
	if (edit->pasted) {
		edit->pasted = false;
		wchar_t *text = keys_paste_text(&edit->keys);
		if (text)
			edit_insert(edit, text);
		else
			edit_escape(edit, "\a");
		free(text);
		keys_paste_done(&edit->keys);
		return CC_REFRESH;
	}
	if (!edit->show)
		return CC_NORM;
	fprintf(edit->out, "\r\n%s", edit->show);
	free(edit->show);
	edit->show = NULL;
	lib.cursor(el, -edit->show_back);
	lib.wset(el, EL_REFRESH);
	return CC_NORM;
}

/* --- the lines before --- */

/* EL_HIST: libedit walks our own list. Its NEXT is older. */
static int edit_on_history(void *arg, HistEventW *event, int operation, ...)
{
	struct edit *edit = arg;
	const struct history *history = edit->hooks.history;
	size_t at = edit->history_at;
	if (operation == H_GETSIZE) {
		event->num = (int)history->count;
		return 0;
	}
	if (operation == H_FIRST)
		at = 0;
	else if (operation == H_LAST)
		at = history->count - 1;
	else if (operation == H_NEXT)
		at++;
	else if (operation == H_PREV)
		at--;
	else if (operation != H_CURR)
		return -1;
	if (at >= history->count)
		return -1;
	size_t index = history->count - 1 - at;
	edit->history_at = at;
	free(edit->history_text);
	edit->history_text = keys_widen(history->lines[index]);
	event->num = (int)(history->first_number + index);
	event->str = edit->history_text;
	return 0;
}

/* --- its life --- */

static wchar_t *edit_on_prompt(EditLine *el)
{
	return (wchar_t *)edit_of(el)->prompt;
}

static void edit_bind(EditLine *el, const struct prompt_binding *binding)
{
	for (; binding->keys; binding++) {
		if (binding->alternate)
			lib.wset(el, EL_BIND, L"-a", binding->keys, binding->function, NULL);
		else
			lib.wset(el, EL_BIND, binding->keys, binding->function, NULL);
	}
}

/* libedit falls back to the dumbest terminal when terminfo does not know this one: a new terminal, an old server. Nearly all of them
 * understand what xterm does. */
static EditLine *edit_init(FILE *out)
{
	const char *term = getenv("TERM");
	if (!term || !*term || terminfo_known(term) || !terminfo_known("xterm"))
		return lib.init("ntsh", stdin, out, stderr);
	char *real = mem_strdup(term);
	setenv("TERM", "xterm", 1);
	EditLine *el = lib.init("ntsh", stdin, out, stderr);
	setenv("TERM", real, 1);
	free(real);
	return el;
}

static int edit_signals(struct edit *edit, loop_signal_fn *fn, struct error *err)
{
	if (loop_on_signal(edit->loop, SIGWINCH, fn, edit, err) < 0)
		return -1;
	return loop_on_signal(edit->loop, SIGCONT, fn, edit, err);
}

struct edit *edit_new(struct loop *loop, const struct edit_hooks *hooks, struct error *err)
{
	if (edit_load(err) < 0)
		return NULL;
	const char *term = getenv("TERM");
	struct edit *edit = NEW(struct edit);
	*edit = (struct edit){ .loop = loop, .hooks = *hooks, .prompt = L"", .keys = KEYS_INIT };
	edit->out = isatty(STDOUT_FILENO) ? stdout : stderr;
	edit->moving = term && *term && strcmp(term, "dumb") != 0;
	edit->el = edit_init(edit->out);
	if (!edit->el || edit_signals(edit, edit_on_signal, err) < 0) {
		if (!edit->el)
			error_set(err, STATUS_CANNOT, "ENOTTY", NULL, "libedit cannot use this terminal");
		edit_free(edit);
		return NULL;
	}
	EditLine *el = edit->el;
	lib.wset(el, EL_CLIENTDATA, edit);
	lib.wset(el, EL_SIGNAL, 0);
	lib.wset(el, EL_PROMPT_ESC, edit_on_prompt, (int)PROMPT_MARK);
	lib.wset(el, EL_GETCFN, edit_getc);
	lib.wset(el, EL_HIST, edit_on_history, edit);
	lib.wset(el, EL_ADDFN, L"ntsh-complete", L"Complete the word", edit_on_tab);
	lib.wset(el, EL_ADDFN, L"ntsh-explain", L"Show what may come next", edit_on_question);
	lib.wset(el, EL_ADDFN, L"ntsh-later", L"Go on after redrawing", edit_on_later);
	lib.wset(el, EL_EDITOR, L"emacs");
	edit_bind(el, prompt_bindings_usual);
	lib.source(el, NULL);
	edit_bind(el, prompt_bindings_ours);
	lib.wset(el, EL_SETTY, L"-d", L"-isig", L"-ixon", NULL);
	return edit;
}

void edit_free(struct edit *edit)
{
	if (!edit)
		return;
	edit_signals(edit, NULL, NULL);
	if (edit->el)
		lib.end(edit->el);
	keys_release(&edit->keys);
	free(edit->show);
	free(edit->history_text);
	free(edit);
}

enum edit_end edit_read(struct edit *edit, const wchar_t *prompt, struct buf *line)
{
	edit->prompt = prompt;
	edit->end = EDIT_LINE;
	edit->continued = false;
	if (edit->resized)
		lib.resize(edit->el);
	edit->resized = false;
	if (loop_watch(edit->loop, STDIN_FILENO, EPOLLIN, edit_on_input, edit, NULL) < 0)
		return EDIT_GONE;
	edit_mode(
	    edit,
	    true); /* libedit itself would show the prompt first: keys typed in between would be echoed twice */
	int count = 0;
	const wchar_t *text = lib.wgets(edit->el, &count);
	if (edit->end == EDIT_INTERRUPTED)
		edit_show_interrupt(edit);
	edit_escape(edit, "\033[?2004l");
	loop_unwatch(edit->loop, STDIN_FILENO);
	if (edit->end != EDIT_LINE || !text) {
		fputs("\r\n", edit->out);
		fflush(edit->out);
		return edit->end == EDIT_LINE ? EDIT_END : edit->end;
	}
	size_t length = count > 0 ? (size_t)count : 0;
	if (length && text[length - 1] == L'\n')
		length--;
	char *bytes = keys_narrow(text, length);
	buf_add_text(line, bytes);
	free(bytes);
	return EDIT_LINE;
}
