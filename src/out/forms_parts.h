/* The forms among themselves. */
#ifndef OUT_FORMS_PARTS_H
#define OUT_FORMS_PARTS_H

#include "base/buf.h"
#include "out/forms.h"
#include "out/out.h"

#include <stdint.h>

enum { FORM_TEXT_MAX = 16 * 1024 * 1024, FORM_SENTENCE_MAX = 512 };

/* --- what a point says --- */

/* One line that says why a point is not good: its message, the error, the verdict, the check that failed. "" when nobody says. Returns buf. */
const char *point_reason(const struct point *point, char buf[FORM_SENTENCE_MAX]);

/* Calls fn for every number and flag of the result outside lists, with its dotted path. */
typedef void point_number_fn(const char *path, double number, void *arg);
void point_numbers(const struct point *point, point_number_fn *fn, void *arg);

/* --- TAP 14: a line a point, at once --- */
void tap_begin(int fd);
void tap_point(int fd, uint64_t number, const struct point *point);
void tap_end(int fd, uint64_t count);

/* --- JUnit XML: streamed into a file whose totals are filled in at the end --- */
struct junit;
struct junit *junit_open(const char *file, struct error *err);
void junit_point(struct junit *junit, const struct point *point);
int junit_close(struct junit *junit, struct error *err);

/* --- Nagios: one line in the end --- */
struct nagios {
	uint64_t commands, checks, bad;
	char reason[FORM_SENTENCE_MAX]; /* of the first point that is not good */
	char summary[FORM_SENTENCE_MAX];
	struct buf data; /* of the first command that failed, else of the last that measured numbers */
};
void nagios_begin(struct nagios *nagios);
void nagios_point(struct nagios *nagios, const struct point *point);
int nagios_end(struct nagios *nagios, int fd, int worst);

/* --- Prometheus text exposition 0.0.4: families together, in the end --- */
struct prometheus {
	struct buf text; /* lines, each ended by NUL */
	size_t count;
};
void prometheus_begin(struct prometheus *prometheus);
void prometheus_point(struct prometheus *prometheus, const struct point *point);
void prometheus_end(struct prometheus *prometheus, int fd);

#endif
