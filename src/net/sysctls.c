#include "ntsh/sysctls.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/counters_read.h"
#include "sys/file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 8, NAMES_MAX = 20000 };

/* --- entries of the page --- */

static const char *line_end(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));
	return newline ? newline : end;
}

static void copy_until(char *out, size_t size, const char *at, const char *end)
{
	size_t length = (size_t)(end - at);
	if (length >= size)
		length = size - 1;
	memcpy(out, at, length);
	out[length] = '\0';
}

/* "Default: `60`. Unit: seconds." */
static void facts_read(const char *at, const char *end, struct sysctl_entry *out)
{
	const char *unit = memmem(at, (size_t)(end - at), "Unit: ", 6);
	const char *stop = unit ? unit : end;
	while (out->default_count < SYSCTL_DEFAULTS_MAX) {
		const char *open = memchr(at, '`', (size_t)(stop - at));
		const char *close = open ? memchr(open + 1, '`', (size_t)(stop - open - 1)) : NULL;
		if (!close)
			break;
		copy_until(out->defaults[out->default_count++], sizeof out->defaults[0], open + 1, close);
		at = close + 1;
	}
	if (unit)
		copy_until(out->unit, sizeof out->unit, unit + 6, end[-1] == '.' ? end - 1 : end);
}

static bool starts(const char *at, const char *end, const char *word)
{
	size_t length = strlen(word);
	return (size_t)(end - at) >= length && memcmp(at, word, length) == 0;
}

bool sysctl_entry_next(const char **at, const char *end, struct sysctl_entry *out)
{
	static const char when[] = "When to touch it: ";
	const char *line = *at;
	while (line < end && !starts(line, end, "### "))
		line = line_end(line, end) + 1;
	if (line >= end)
		return false;
	*out = (struct sysctl_entry){ .default_count = 0 };
	const char *stop = line_end(line, end);
	const char *bar = memmem(line, (size_t)(stop - line), " | ", 3);
	copy_until(out->name, sizeof out->name, line + 4, bar ? bar : stop);
	for (line = stop + 1; line < end && !starts(line, end, "### "); line = line_end(line, end) + 1) {
		stop = line_end(line, end);
		if (starts(line, stop, "Default: "))
			facts_read(line, stop, out);
		else if (starts(line, stop, when))
			copy_until(out->when, sizeof out->when, line + sizeof when - 1, stop);
		else if (stop > line && !*out->what)
			copy_until(out->what, sizeof out->what, line, stop);
	}
	*at = line < end ? line : end;
	return true;
}

/* Is the entry's name that of name, when "all" or "default" stands for its interface? */
static bool speaks_for(const char *entry, const char *name)
{
	static const char *const places[] = { ".all.", ".default." };
	for (size_t i = 0; i < 2; i++) {
		const char *place = strstr(entry, places[i]);
		size_t head = place ? (size_t)(place - entry) + 1 : 0;
		const char *tail = place ? place + strlen(places[i]) - 1 : NULL;
		if (place && strncmp(entry, name, head) == 0 && strlen(name) > head + strlen(tail) &&
		    strcmp(name + strlen(name) - strlen(tail), tail) == 0)
			return true;
	}
	return false;
}

bool sysctl_entry_find(const char *page, const char *end, const char *name, struct sysctl_entry *out,
		       char *full)
{
	const char *at;
	snprintf(full, SYSCTL_NAME_MAX, "%s", name);
	for (at = page; sysctl_entry_next(&at, end, out);) {
		const char *dot = strrchr(out->name, '.');
		bool shortly = !strchr(name, '.') && dot && strcmp(dot + 1, name) == 0;
		if (shortly)
			snprintf(full, SYSCTL_NAME_MAX, "%s", out->name);
		if (shortly || strcmp(out->name, name) == 0)
			return true;
	}
	for (at = page; sysctl_entry_next(&at, end, out);)
		if (speaks_for(out->name, name))
			return true;
	return false;
}

bool sysctl_is_default(const struct sysctl_entry *entry, const char *value)
{
	for (unsigned i = 0; i < entry->default_count; i++)
		if (strcmp(entry->defaults[i], value) == 0)
			return true;
	return !entry->default_count;
}

/* --- values --- */

int sysctl_read(const char *name, char value[SYSCTL_VALUE_MAX], struct error *err)
{
	char path[SYSCTL_NAME_MAX + 16];
	struct buf text = BUF_INIT(SYSCTL_VALUE_MAX - 1);
	size_t used = 0;
	int failed = sysctl_path(name, path, sizeof path) ? 0 : ENOENT;
	if (!failed && file_read(path, &text) < 0)
		failed = errno;
	for (const char *at = buf_text(&text); *at && !failed && used + 1 < SYSCTL_VALUE_MAX; at++) {
		bool blank = isspace((unsigned char)*at);
		if (!blank || (used && value[used - 1] != ' '))
			value[used++] = blank ? ' ' : *at;
	}
	while (used && value[used - 1] == ' ')
		used--;
	value[used] = '\0';
	buf_release(&text);
	if (failed == ENOENT || failed == EISDIR)
		return error_set(
		    err, STATUS_USAGE, "ENOENT",
		    "sysctl 'PART*' lists what there is; some exist in newer kernels, or with a module, only",
		    "there is no setting '%.100s' here", name);
	return failed ? error_errno(err, failed, "root may read it", "%s cannot be read", name) : 0;
}

int sysctl_write(const char *name, const char *value, struct error *err)
{
	char path[SYSCTL_NAME_MAX + 16], old[SYSCTL_VALUE_MAX];
	if (sysctl_read(name, old, err) < 0)
		return -1;
	if (!sysctl_path(name, path, sizeof path) || file_overwrite(path, value, strlen(value)) == 0)
		return 0;
	switch (errno) {
	case EINVAL:
	case ERANGE:
		return error_set(err, STATUS_USAGE, "EINVAL", "sysctl NAME shows what it holds, and its unit",
				 "the kernel does not take '%.100s' for %s (now '%.100s')", value, name, old);
	case EACCES:
	case EPERM:
	case EROFS:
		return error_errno(
		    err, errno,
		    "run it as root of this namespace; some settings belong to the whole machine and are "
		    "read-only in others",
		    "%s cannot be changed", name);
	default:
		return error_errno(err, errno, NULL, "%s cannot be changed", name);
	}
}

/* --- names --- */

struct names {
	const char *pattern;
	sysctl_name_fn *fn;
	void *arg;
	size_t count;
};

static bool name_fits(const char *pattern, const char *name)
{
	if (strpbrk(pattern, "*?["))
		return fnmatch(pattern, name, 0) == 0;
	return strstr(name, pattern) != NULL;
}

static void names_walk(struct names *names, const char *path, const char *prefix, unsigned depth)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		char below[512], name[SYSCTL_NAME_MAX];
		const char *own = entries[i]->d_name;
		snprintf(below, sizeof below, "%s/%s", path, own);
		size_t used = (size_t)snprintf(name, sizeof name, "%s.", prefix);
		for (const char *at = own; *at && used + 1 < sizeof name; at++)
			name[used++] =
			    *at == '.' ? '/' : *at; /* as sysctl(8) writes an interface's own dot */
		name[used < sizeof name ? used : sizeof name - 1] = '\0';
		if (own[0] != '.' && entries[i]->d_type == DT_DIR && depth < DEPTH_MAX) {
			names_walk(names, below, name, depth + 1);
		} else if (own[0] != '.' && entries[i]->d_type == DT_REG && names->count < NAMES_MAX &&
			   name_fits(names->pattern, name)) {
			names->count++;
			names->fn(name, names->arg);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

size_t sysctl_names(const char *pattern, sysctl_name_fn *fn, void *arg)
{
	struct names names = { .pattern = pattern, .fn = fn, .arg = arg };
	names_walk(&names, "/proc/sys/net", "net", 0);
	return names.count;
}
