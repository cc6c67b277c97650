/* Errors: one finished sentence, what to do about it, and the exit status it means.
 *
 * Nothing below src/shell prints or exits: a function that can fail takes a `struct error *`,
 * fills it and returns -1 (or NULL). The shell turns it into the one line of DESIGN section 2,
 *     ntsh: COMMAND: MESSAGE; HINT
 * and the result layer into the "error" member of the JSON object. */
#ifndef NTSH_ERROR_H
#define NTSH_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/* Exit status of the program and of every command. */
enum status {
	STATUS_OK = 0,            /* it ran, and the answer is good */
	STATUS_BAD = 1,           /* it ran, and the answer is bad */
	STATUS_USAGE = 2,         /* the user's words are wrong */
	STATUS_CANNOT = 3,        /* it could not run */
	STATUS_INTERRUPTED = 130, /* Ctrl-C */
};

enum { ERROR_CODE_MAX = 32, ERROR_MESSAGE_MAX = 512, ERROR_HINT_MAX = 256, ERROR_TEXT_MAX = 256 };

/* code is the errno's name ("EPERM") or a word of ours in the same style ("EUSAGE"). */
struct error {
	enum status status;
	char code[ERROR_CODE_MAX];
	char message[ERROR_MESSAGE_MAX];
	char hint[ERROR_HINT_MAX];
	char text[ERROR_TEXT_MAX]; /* what of the user's is wrong (a filter), or "": shown below, with a caret at `at` */
	unsigned at;
};

#define ERROR_INIT { .status = STATUS_OK }

/* Fills err (NULL: nobody asked, nothing happens). hint may be NULL. The text is cut at the
 * array's size, never overrun. Always returns -1, so that callers may `return error_set(...)`. */
int error_set(struct error *err, enum status status, const char *code, const char *hint,
              const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same for a failed system call: code becomes the errno's name, status STATUS_CANNOT, and
 * ": " and the errno's text are appended to the message. */
int error_errno(struct error *err, int errnum, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* True when err holds an error. */
static inline bool error_is_set(const struct error *err)
{
	return err->status != STATUS_OK;
}

void error_clear(struct error *err);

/* Shows where in a text of the user's the error is: byte at of it. A long text is cut to what stands around the place. */
void error_point(struct error *err, const char *text, size_t at);

/* "EPERM" for EPERM; "EUNKNOWN" for what libc does not know. Static storage. */
const char *error_errno_name(int errnum);

#endif
