/* The kernel's network settings (/proc/sys/net), and what is known of them: the entries of the topic's page, which `explain` shows as well. */
#ifndef NTSH_SYSCTLS_H
#define NTSH_SYSCTLS_H

#include "ntsh/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { SYSCTL_NAME_MAX = 128, SYSCTL_VALUE_MAX = 1024, SYSCTL_DEFAULTS_MAX = 3, SYSCTL_TEXT_MAX = 400 };

/* One entry: "### NAME | short", "Default: `A` or `B`. Unit: U.", what it does, "When to touch it: ...". */
struct sysctl_entry {
	char name[SYSCTL_NAME_MAX];
	char defaults[SYSCTL_DEFAULTS_MAX][64]; /* of older and newer kernels */
	unsigned default_count;                 /* 0: worked out by the kernel */
	char unit[40];
	char what[SYSCTL_TEXT_MAX], when[SYSCTL_TEXT_MAX];
};

/* Reads the entry at *at (up to end), and moves *at behind it. Returns false when no more come. */
bool sysctl_entry_next(const char **at, const char *end, struct sysctl_entry *out);

/* Finds the entry that speaks for name: "net.ipv4.conf.eth0.rp_filter" is spoken for by that of "all" or "default". A short name ("tcp_sack") will
 * do. full (SYSCTL_NAME_MAX bytes) gets the whole name. Returns false when there is none; full is then name. */
bool sysctl_entry_find(const char *page, const char *end, const char *name, struct sysctl_entry *out, char *full);

/* Does value (blanks squeezed) equal one of the defaults? True when there is no known one. */
bool sysctl_is_default(const struct sysctl_entry *entry, const char *value);

/* Reads a setting; blanks and newlines become single blanks. Returns 0, or -1 with err (ENOENT: there is none of that name here). */
int sysctl_read(const char *name, char value[SYSCTL_VALUE_MAX], struct error *err);

/* Writes it. Returns 0, or -1 with err: why the kernel refuses, and what to do. */
int sysctl_write(const char *name, const char *value, struct error *err);

/* Names under net. that fit a pattern with * and ?, or hold it as a part; sorted as the folders are. Returns how many. */
typedef void sysctl_name_fn(const char *name, void *arg);
size_t sysctl_names(const char *pattern, sysctl_name_fn *fn, void *arg);

#endif
