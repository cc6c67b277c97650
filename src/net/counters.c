#include "net/counters_read.h"

#include "ntsh/clock.h"

#include "base/buf.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Far above what any kernel has (about 500), so that a wrong file cannot fill memory. */
enum { COUNTERS_MAX = 4096, FILE_MAX = 256 * 1024 };

void counter_keep(struct counters *out, const char *group, const char *separator, const char *name, size_t length,
		  uint64_t value)
{
	if (out->count >= COUNTERS_MAX)
		return;
	if (out->count % 128 == 0)
		out->items = mem_resize(out->items, out->count + 128, sizeof *out->items);
	struct counter *counter = &out->items[out->count++];
	snprintf(counter->name, sizeof counter->name, "%s%s%.*s", group, separator, (int)length, name);
	counter->value = value;
}

/* The next word of a line: its length, 0 at the end of the line. *at is moved to it. */
static size_t word_next(const char **at)
{
	*at += strspn(*at, " \t");
	return strcspn(*at, " \t\n");
}

static const char *line_next(const char *line)
{
	line += strcspn(line, "\n");
	return *line ? line + 1 : line;
}

static void pair_read(const char *names, const char *values, size_t group_length, struct counters *out)
{
	char group[64];
	snprintf(group, sizeof group, "%.*s", (int)group_length, names);
	names += group_length + 1;
	values += group_length + 1;
	for (;;) {
		size_t name_length = word_next(&names), value_length = word_next(&values);
		if (!name_length || !value_length)
			return;
		counter_keep(out, group, ".", names, name_length, strtoull(values, NULL, 10));
		names += name_length;
		values += value_length;
	}
}

void counters_read_pairs(const char *text, struct counters *out)
{
	while (*text) {
		const char *values = line_next(text);
		size_t length = strcspn(text, ":\n");
		if (text[length] == ':' && !strncmp(text, values, length + 1)) {
			pair_read(text, values, length, out);
			text = line_next(values);
		} else {
			text = values;
		}
	}
}

void counters_read_lines(const char *text, struct counters *out)
{
	for (; *text; text = line_next(text)) {
		const char *name = text;
		size_t length = word_next(&name);
		const char *value = name + length;
		if (length && word_next(&value))
			counter_keep(out, "", "", name, length, strtoull(value, NULL, 10));
	}
}

int counters_read(struct counters *out, struct error *err)
{
	static const struct {
		const char *path;
		void (*read)(const char *text, struct counters *out);
		bool needed;
	} files[] = {
		{ "/proc/net/snmp", counters_read_pairs, true },
		{ "/proc/net/netstat", counters_read_pairs, false },
		{ "/proc/net/snmp6", counters_read_lines, false },
	};
	*out = (struct counters){ .at = clock_mono() };
	struct buf text = BUF_INIT(FILE_MAX);
	int failed = 0;
	for (size_t i = 0; i < sizeof files / sizeof files[0] && !failed; i++) {
		buf_clear(&text);
		if (file_read(files[i].path, &text) == 0)
			files[i].read(buf_text(&text), out);
		else if (files[i].needed)
			failed = error_errno(err, errno, "mount /proc", "%s cannot be read", files[i].path);
	}
	buf_release(&text);
	if (failed)
		counters_free(out);
	return failed;
}

void counters_free(struct counters *counters)
{
	free(counters->items);
	*counters = (struct counters){ 0 };
}

uint64_t counters_get(const struct counters *counters, const char *name)
{
	for (size_t i = 0; i < counters->count; i++)
		if (!strcmp(counters->items[i].name, name))
			return counters->items[i].value;
	return 0;
}

int counters_tcp_pages(int64_t *pages)
{
	struct buf text = BUF_INIT(FILE_MAX);
	const char *line =
	    file_read("/proc/net/sockstat", &text) == 0 ? strstr(buf_text(&text), "TCP: ") : NULL;
	const char *mem = line ? strstr(line, " mem ") : NULL;
	bool found = mem && mem < line + strcspn(line, "\n");
	if (found)
		*pages = strtoll(mem + 5, NULL, 10);
	buf_release(&text);
	return found ? 0 : -1;
}

bool sysctl_path(const char *name, char *path, size_t size)
{
	static const char root[] = "/proc/sys/";
	size_t length = strlen(name);
	if (!length || sizeof root + length > size || strstr(name, ".."))
		return false;
	memcpy(path, root, sizeof root - 1);
	for (size_t i = 0; i <= length; i++)
		path[sizeof root - 1 + i] = name[i] == '.' ? '/' : name[i] == '/' ? '.' : name[i];
	return true;
}

int sysctl_read_int(const char *name, int index, int64_t *out)
{
	char path[256];
	if (!sysctl_path(name, path, sizeof path))
		return -1;
	struct buf text = BUF_INIT(4096);
	int failed = file_read(path, &text);
	const char *at = buf_text(&text);
	char *end = NULL;
	for (int i = 0; i <= index && !failed; i++) {
		*out = strtoll(at, &end, 10);
		failed = end == at ? -1 : 0;
		at = end;
	}
	buf_release(&text);
	return failed;
}
