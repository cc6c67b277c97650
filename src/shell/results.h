/* What earlier commands measured, by number: $1.rtt_ms.p99 is from the first command of the session, ${-1.loss_percent} from the last. */
#ifndef SHELL_RESULTS_H
#define SHELL_RESULTS_H

#include "ntsh/command.h"
#include "ntsh/error.h"

#include <stdint.h>

enum { RESULTS_MAX = 1000, RESULTS_BYTES = 16 * 1024 * 1024 };

struct kept_result {
	const struct command *command;
	char *what; /* as it was executed */
	int status;
	char *json; /* the whole object; NULL: it was too large to keep, or had to make room */
	size_t length;
};

/* The newest RESULTS_MAX results, of RESULTS_BYTES together; the oldest make room. Zero it before use. */
struct results {
	struct kept_result *ring;
	uint64_t count; /* all that ever came: the number of the newest */
	size_t bytes;
};

/* Keeps one; text is copied. json may be NULL. */
void results_add(struct results *results, const struct command *command, const char *what, int status,
		 const char *json, size_t length);
void results_release(struct results *results);

/* The result of that number (from 1; from -1 backwards), NULL: none, or gone. */
const struct kept_result *results_find(const struct results *results, int64_t number);

/* The value of "NUMBER.PATH", several ones separated by blanks, as they stand in the JSON. Static storage. NULL: name is no such thing, or
 * there is no such result or value. */
const char *results_value(const struct results *results, const char *name);

#endif
