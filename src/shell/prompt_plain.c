#include "ntsh/loop.h"
#include "shell/prompt_edit.h"
#include "shell/prompt_text.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct plain {
	bool readable;
};

static void plain_on_input(struct loop *loop, int fd, uint32_t events, void *arg)
{
	struct plain *plain = arg;
	(void)loop, (void)fd, (void)events;
	plain->readable = true;
}

static void plain_prompt(const wchar_t *prompt)
{
	FILE *out = isatty(STDOUT_FILENO) ? stdout : stderr;
	bool hidden = false;
	for (; *prompt; prompt++) {
		if (*prompt == PROMPT_MARK)
			hidden = !hidden;
		else if (!hidden)
			fputc((int)(*prompt & 0x7f), out);
	}
	fflush(out);
}

/* Takes what the terminal gives of the line. Returns EDIT_LINE when it is whole, EDIT_END or EDIT_GONE, or -1: more to come. */
static int plain_take(struct buf *line)
{
	char bytes[4096];
	ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
	if (got < 0)
		return errno == EINTR || errno == EAGAIN ? -1 : EDIT_GONE;
	if (got == 0)
		return line->length ? EDIT_LINE : EDIT_END;
	bool whole = bytes[got - 1] == '\n';
	buf_add(line, bytes, (size_t)got - whole);
	return whole ? EDIT_LINE : -1;
}

enum edit_end edit_plain_read(struct loop *loop, const int *terminated, const wchar_t *prompt,
			      struct buf *line)
{
	struct plain plain = { 0 };
	int end = -1;
	if (loop_watch(loop, STDIN_FILENO, EPOLLIN, plain_on_input, &plain, NULL) < 0)
		return EDIT_GONE;
	plain_prompt(prompt);
	while (end < 0) {
		plain.readable = false;
		enum loop_end why = loop_run(loop, &plain.readable);
		if (why == LOOP_DONE) {
			end = plain_take(line);
			continue;
		}
		loop_rearm(loop, NS_NEVER);
		end = *terminated || why == LOOP_IDLE ? EDIT_GONE : EDIT_INTERRUPTED;
	}
	loop_unwatch(loop, STDIN_FILENO);
	if (end != EDIT_LINE)
		fputc('\n', stderr);
	return (enum edit_end)end;
}

void edit_size(size_t *columns, size_t *rows)
{
	struct winsize size = { 0 };
	bool known = ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row;
	*columns = known ? size.ws_col : 80;
	*rows = known ? size.ws_row : 24;
}
