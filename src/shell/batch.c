#include "shell/batch.h"

#include "shell/dispatch.h"
#include "shell/lex.h"
#include "shell/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SUMMARY_MAX = 512 };

/* --- lines --- */

struct batch {
	struct shell *shell;
	struct reader reader;
	struct origin origin;
	struct buf text; /* one logical line */
};

static int batch_fail(struct batch *batch, size_t offset, struct error *err)
{
	struct script script = { &batch->origin, buf_text(&batch->text), batch->text.length };
	batch->shell->status = dispatch_failure(batch->shell, NULL, NULL, &script, offset, err);
	if (batch->shell->status > batch->shell->worst)
		batch->shell->worst = batch->shell->status;
	return -1;
}

static int batch_check_text(struct batch *batch, size_t from)
{
	struct error error = ERROR_INIT;
	const char *bytes = buf_text(&batch->text) + from;
	size_t length = batch->text.length - from, place = lex_binary(bytes, length);
	if (place == length)
		return 0;
	error_set(&error, STATUS_USAGE, "ESYNTAX", "a batch is a text file",
		  "this is no text (byte 0x%02x in column %zu)", (unsigned char)bytes[place], place + 1);
	return batch_fail(batch, from + place, &error);
}

/* Reads one logical line: with what continues it. Returns 1, 0 at the end, -1 after an error. */
static int batch_read(struct batch *batch)
{
	struct lex_scan scan = { 0 };
	struct error error = ERROR_INIT;
	buf_clear(&batch->text);
	batch->origin.line = batch->reader.line + 1;
	for (;;) {
		size_t from = batch->text.length;
		switch (reader_next(&batch->reader, &batch->text, &error)) {
		case READER_EOF:
			return batch->text.length > 0;
		case READER_CANCELLED:
			batch->shell->status = batch->shell->worst = STATUS_INTERRUPTED;
			return -1;
		case READER_FAILED:
			return batch_fail(batch, NOWHERE, &error);
		case READER_LINE:
			break;
		}
		if (batch_check_text(batch, from))
			return -1;
		lex_scan(&scan, buf_text(&batch->text) + from, batch->text.length - from);
		if (!lex_scan_open(&scan))
			return 1;
		buf_add_char(&batch->text, '\n');
		lex_scan(&scan, "\n", 1);
	}
}

static void batch_skip_mark(struct batch *batch)
{
	static const char mark[] = "\xef\xbb\xbf";
	if (batch->origin.line == 1 && batch->text.length >= 3 && !memcmp(batch->text.bytes, mark, 3))
		memset(batch->text.bytes, ' ', 3);
}

static int batch_run(struct batch *batch)
{
	struct shell *shell = batch->shell;
	for (;;) {
		loop_rearm(shell->loop, shell->deadline);
		int got = batch_read(batch);
		if (got <= 0)
			break;
		batch_skip_mark(batch);
		shell_execute_line(shell, buf_text(&batch->text), batch->text.length, &batch->origin);
		if (shell->leaving || shell->terminated || shell->status == STATUS_INTERRUPTED ||
		    (shell->stops && shell->status)) {
			if (!shell->depth)
				shell->stopped_line = batch->origin.line;
			break;
		}
	}
	buf_release(&batch->text);
	reader_release(&batch->reader);
	return shell->status;
}

/* --- sources --- */

int batch_text(struct shell *shell, const char *name, const char *text)
{
	struct batch batch = {
		.shell = shell,
		.reader = { .loop = shell->loop, .fd = -1, .text = text, .text_length = strlen(text) },
		.origin = { name, 1 },
		.text = BUF_INIT(READER_LINE_MAX)
	};
	return batch_run(&batch);
}

static int batch_open(struct shell *shell, const char *file)
{
	struct error error = ERROR_INIT;
	if (!strcmp(file, "-"))
		return STDIN_FILENO;
	int fd =
	    open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* a FIFO is waited for in the loop */
	if (fd < 0) {
		error_errno(&error, errno, NULL, "\"%s\" cannot be read", file);
		shell->status = dispatch_failure(shell, NULL, NULL, NULL, NOWHERE, &error);
		if (shell->status > shell->worst)
			shell->worst = shell->status;
	}
	return fd;
}

int batch_file(struct shell *shell, const char *file, int argc, const char *const *argv)
{
	int fd = batch_open(shell, file);
	if (fd < 0)
		return shell->status;
	int outer_argc = shell->argc;
	const char *const *outer_argv = shell->argv;
	shell->argc = argc;
	shell->argv = argv;
	struct batch batch = { .shell = shell,
			       .reader = { .loop = shell->loop, .fd = fd },
			       .origin = { fd == STDIN_FILENO ? "standard input" : file, 1 },
			       .text = BUF_INIT(READER_LINE_MAX) };
	batch_run(&batch);
	shell->argc = outer_argc;
	shell->argv = outer_argv;
	if (fd != STDIN_FILENO)
		close(fd);
	return shell->status;
}

/* --- the last line --- */

static void add_count(struct buf *line, uint64_t count, const char *what)
{
	buf_printf(line, "%" PRIu64 " %s%s", count, what, count == 1 ? "" : "s");
}

void batch_summary(const struct shell *shell)
{
	struct buf line = BUF_INIT(SUMMARY_MAX);
	buf_add_text(&line, "ntsh: ");
	add_count(&line, shell->commands, "command");
	if (shell->checks) {
		buf_add_text(&line, ", ");
		add_count(&line, shell->checks, "check");
	}
	if (!shell->worst)
		buf_add_text(&line, ": all good");
	else if (shell->worst == STATUS_INTERRUPTED)
		buf_add_text(&line, ": interrupted");
	else if (shell->failed_checks)
		buf_printf(&line, ": %" PRIu64 " failed", shell->failed_checks);
	else
		buf_add_text(&line, ": not all good");
	if (shell->worst)
		buf_printf(&line, ", worst status %d", shell->worst);
	if (shell->worst && shell->stopped_line)
		buf_printf(&line, ", ended at line %u", shell->stopped_line);
	buf_add_char(&line, '\n');
	if (write(STDERR_FILENO, line.bytes, line.length) < 0)
		buf_clear(&line); /* nobody is left to be told */
	buf_release(&line);
}
