/* Time: signed 64-bit nanoseconds everywhere. A double never holds a time.
 *
 * Durations and deadlines are on CLOCK_MONOTONIC; kernel packet stamps and what is shown as a date
 * are on CLOCK_REALTIME. The two are never mixed: the names say which. */
#ifndef NTSH_CLOCK_H
#define NTSH_CLOCK_H

#include <stddef.h>
#include <stdint.h>

typedef int64_t ns_t;

#define NS_PER_US ((ns_t)1000)
#define NS_PER_MS ((ns_t)1000000)
#define NS_PER_S ((ns_t)1000000000)

/* No deadline; no value measured. */
#define NS_NEVER INT64_MAX
#define NS_NONE INT64_MIN

ns_t clock_mono(void); /* CLOCK_MONOTONIC */
ns_t clock_real(void); /* CLOCK_REALTIME, since 1970 */

/* CLOCK_REALTIME minus CLOCK_MONOTONIC now, to bring a kernel stamp onto the monotonic axis. Read it close to
 * the event: a stepped clock changes it. */
ns_t clock_real_offset(void);

/* For qsort: the shorter first. */
int ns_compare(const void *a, const void *b);

/* From one moment to a later one; 0 when it is not later, NS_NONE when one of them is not known. */
ns_t ns_between(ns_t from, ns_t to);

/* "2026-11-20T23:10:05.123456Z" (RFC 3339, UTC, microseconds). buf takes at least 28 bytes. Returns buf. */
enum { CLOCK_TEXT_MAX = 40 };
char *clock_format_rfc3339(ns_t real, char buf[CLOCK_TEXT_MAX]);

#endif
