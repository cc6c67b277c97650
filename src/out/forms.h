/* Output forms for scripts: what a batch comes to as TAP, JUnit XML, one line for Nagios, or Prometheus text. Each command and each check is a
 * point; points go in once, in the order in which they ended, and are streamed where the form allows it. */
#ifndef OUT_FORMS_H
#define OUT_FORMS_H

#include "base/json.h"
#include "ntsh/clock.h"
#include "ntsh/error.h"

#include <stdbool.h>
#include <stddef.h>

/* What stands on standard output. FORM_RESULTS: the results themselves, as text or JSON. */
enum form { FORM_RESULTS, FORM_TAP, FORM_NAGIOS, FORM_PROMETHEUS };

/* One command or check that ended. Text is borrowed for the call. */
struct point {
	const char *what;  /* as it was written: "ping -c 3 gw" */
	const char *where; /* "morning.nt:3", or "" */
	int status;        /* enum status, or an outside program's */
	ns_t elapsed;
	const char *message;     /* why it is not good, one line; NULL or "": the result says, or nobody */
	bool check;              /* an `expect` */
	const struct json *tree; /* the JSON object of the command; NULL: none, or too large to keep */
};

struct forms;

/* junit: the file for JUnit XML, or NULL. It is written beside its place and takes its name when it is whole. fd: standard output. Returns NULL with
 * err (STATUS_CANNOT) when the file cannot be written. */
struct forms *forms_open(enum form form, const char *junit, int fd, struct error *err);

void forms_point(struct forms *forms, const struct point *point);

/* Writes what comes last and frees it. worst: the batch's exit status. Returns the process's exit status: worst, or what the form prescribes (Nagios: 0
 * OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN); STATUS_CANNOT with err when something could not be written. */
int forms_close(struct forms *forms, int worst, struct error *err);

#endif
