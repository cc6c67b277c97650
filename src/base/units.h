/* Numbers with units, both ways: what the user writes, and what people read. */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include "ntsh/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- reading: the whole text must be one number. Returns 0; UNITS_SYNTAX when it is none; UNITS_RANGE when it does not
 * fit into 64 bits. --- */
enum { UNITS_SYNTAX = -1, UNITS_RANGE = -2 };

/* "20", "-3", "0x10", "1.5k", "2M", "1G": powers of 1000. A fraction must come out whole. */
int units_read_count(const char *text, int64_t *out);

/* "1500", "64K", "1.5M", "2GiB": powers of 1024; "B", "KB", "KiB" are understood as well. */
int units_read_bytes(const char *text, int64_t *out);

/* "500ms", "2s", "1.5m", "1h30m", "100us", "2 s"; ns us ms s m/min h d; a bare number is seconds. Out in ns. */
int units_read_duration(const char *text, ns_t *out);

/* --- writing for people: three significant digits, zeros behind the point only when they were measured. Each writes at most
 * UNITS_TEXT_MAX bytes with NUL and returns buf. --- */
enum { UNITS_TEXT_MAX = 48 };

char *units_format_time(ns_t ns, bool utf8, char buf[UNITS_TEXT_MAX]);  /* "21.3 ms", "1.84 s", "2 min 3 s" */
char *units_format_seconds(uint64_t seconds, char buf[UNITS_TEXT_MAX]); /* "1 h 5 min" */
char *units_format_bytes(uint64_t bytes, char buf[UNITS_TEXT_MAX]);     /* "1.43 MiB" */
char *units_format_rate(double per_second, const char *unit,
			char buf[UNITS_TEXT_MAX]);                    /* "12.3 Mbit/s" for unit "bit/s" */
char *units_format_percent(double percent, char buf[UNITS_TEXT_MAX]); /* "0.75 %"; "100 %" only for 100 */
char *units_format_count(uint64_t count, char buf[UNITS_TEXT_MAX]);   /* "1,074,974" */
char *units_format_real(double real, char buf[UNITS_TEXT_MAX]);       /* "0.0123", "12.3", "1234" */
char *units_format_date(ns_t real, char buf[UNITS_TEXT_MAX]); /* local: "2026-11-20 23:10:05 +01:00" */

/* A duration as the user would have to write it: "500ms", "1.5s", "2m". */
char *units_format_duration_word(ns_t ns, char buf[UNITS_TEXT_MAX]);

#endif
