/* The output layer as the shell sees it: one `struct result` per command, rendered by one of the renderers. */
#ifndef OUT_OUT_H
#define OUT_OUT_H

#include "ntsh/command.h"

#include <stdbool.h>

enum out_color { OUT_COLOR_AUTO, OUT_COLOR_ALWAYS, OUT_COLOR_NEVER };

/* Where and how results appear. fd: standard output or what stands for it (a pipe into `| program`, a `> file`). width 0: the terminal's
 * (asked at each use, so that a resize counts), 80 when there is none - and unlimited when fd is no terminal. */
struct out_style {
	int fd;
	bool json;
	enum out_color color; /* AUTO: a terminal, TERM not dumb, NO_COLOR not set (no-color.org) */
	bool utf8;            /* the locale's */
	unsigned width;
	int verbose;
	bool quiet;    /* text: only the answer (headline, or the last line) and errors */
	bool progress; /* standard error is a terminal and the shell allows it */
};

/* Fills in what the environment says (isatty, TERM, NO_COLOR, LC_*). */
void out_style_detect(struct out_style *style, int fd);

/* Begins a result: writes what comes first. argv is shown in JSON. */
struct result *result_new(const struct out_style *style, const char *command, int argc,
			  const char *const *argv);

/* Ends it: closes what is open (after an error or an interruption too), writes status, error and elapsed time, flushes. With JSON,
 * err goes into the object AND the caller still prints the one line on standard error. Returns the final status:
 * STATUS_CANNOT when the output could not be written (err is filled then, but EPIPE stays silent), else status. */
enum status result_finish(struct result *result, enum status status, struct error *err);
void result_free(struct result *result);

/* The finished JSON text of the result (also kept in text mode, bounded to 1 MiB; NULL beyond), for `expect` and `$?`-like look-ups
 * of the shell. Kept only when asked for by result_keep_json before the first value. */
void result_keep_json(struct result *result);
const char *result_json(const struct result *result, size_t *length);

/* One line on standard error: "ntsh: COMMAND: MESSAGE; HINT", escaped, in the error's tone on a terminal. command may be NULL. */
void out_error(const struct out_style *style, const char *command, const struct error *err);

/* Writes all of it, past signals. Returns false, with errno, when it cannot be written. */
bool out_write(int fd, const void *bytes, size_t length);

/* Escapes control bytes, invalid UTF-8 and (when the locale is not UTF-8) everything beyond ASCII, as \xNN, \n, \e, \u200e (direction and
 * zero-width characters too). Writes at most size bytes with NUL, never splits an escape; returns buf. */
char *out_escape(char *buf, size_t size, const char *bytes, size_t length, bool utf8);

#endif
