/* Counters that /proc keeps beside the protocols' own: softnet_stat and sockstat; and the reading of the last look. */
#include "ntsh/stats.h"

#include "base/buf.h"
#include "net/counters_read.h"
#include "sys/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { FILE_BYTES = 256 * 1024, PATH_BYTES = 512 };

/* One line of hexadecimal columns for each CPU (net/core/net-procfs.c): 0 processed, 1 dropped, 2 time_squeeze, 9 received_rps, 10
 * flow_limit_count. */
static void softnet_read(const char *text, struct counters *out)
{
	static const struct {
		unsigned column;
		const char *name;
	} columns[] = { { 0, "Processed" },
			{ 1, "Dropped" },
			{ 2, "TimeSqueeze" },
			{ 9, "ReceivedRps" },
			{ 10, "FlowLimit" } };
	uint64_t sums[5] = { 0 };
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		const char *at = text;
		for (unsigned column = 0; column < 16 && *at && *at != '\n'; column++) {
			char *end;
			uint64_t value = strtoull(at, &end, 16);
			if (end == at)
				break;
			for (size_t i = 0; i < 5; i++)
				if (columns[i].column == column)
					sums[i] += value;
			at = end + strspn(end, " \t");
		}
	}
	for (size_t i = 0; i < 5; i++)
		counter_keep(out, "Softnet", ".", columns[i].name, strlen(columns[i].name), sums[i]);
}

/* "TCP: inuse 5 orphan 0 tw 0 alloc 7 mem 1" */
static void sockstat_read(const char *text, struct counters *out)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		char group[32];
		size_t length = strcspn(text, ":\n");
		if (text[length] != ':' || length > 20)
			continue;
		snprintf(group, sizeof group, "Sock.%.*s", (int)length, text);
		const char *at = text + length + 1;
		for (;;) {
			at += strspn(at, " ");
			size_t word = strcspn(at, " \n");
			const char *value = at + word + strspn(at + word, " ");
			if (!word || *value < '0' || *value > '9')
				break;
			counter_keep(out, group, ".", at, word, strtoull(value, NULL, 10));
			at = value + strcspn(value, " \n");
		}
	}
}

int stats_read(struct counters *out, struct error *err)
{
	static const struct {
		const char *path;
		void (*read)(const char *text, struct counters *out);
	} files[] = { { "/proc/net/softnet_stat", softnet_read },
		      { "/proc/net/sockstat", sockstat_read },
		      { "/proc/net/sockstat6", sockstat_read } };
	if (counters_read(out, err) < 0)
		return -1;
	struct buf text = BUF_INIT(FILE_BYTES);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		buf_clear(&text);
		if (file_read(files[i].path, &text) == 0)
			files[i].read(buf_text(&text), out);
	}
	buf_release(&text);
	return 0;
}

double stats_uptime(void)
{
	struct timespec now;
	if (clock_gettime(CLOCK_BOOTTIME, &now) < 0)
		return 0;
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* --- the last look --- */

/* One file for each namespace: its inode tells them apart. */
static bool last_path(char path[PATH_BYTES], bool make)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char folder[PATH_BYTES];
	struct stat netns;
	if (state && *state == '/')
		snprintf(folder, sizeof folder, "%s/ntsh", state);
	else if (home && *home == '/')
		snprintf(folder, sizeof folder, "%s/.local/state/ntsh", home);
	else
		return false;
	if (stat("/proc/thread-self/ns/net", &netns) < 0)
		return false;
	for (char *slash = folder + 1; make && (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(folder, 0700);
		*slash = '/';
	}
	if (make)
		(void)mkdir(folder, 0700);
	return snprintf(path, PATH_BYTES, "%s/stats-%llu", folder, (unsigned long long)netns.st_ino) <
	       PATH_BYTES;
}

static void boot_id(char out[64])
{
	struct buf text = BUF_INIT(60);
	out[0] = '\0';
	if (file_read("/proc/sys/kernel/random/boot_id", &text) == 0)
		snprintf(out, 64, "%.*s", (int)strcspn(buf_text(&text), "\n"), buf_text(&text));
	buf_release(&text);
}

/* The first line is "# BOOT_ID NANOSECONDS" (CLOCK_BOOTTIME); then nstat's form, so that the same reader takes it. */
int stats_last_load(struct counters *out, ns_t *age)
{
	char path[PATH_BYTES], boot[64], was[64] = "";
	struct buf text = BUF_INIT(FILE_BYTES);
	double then = 0;
	*out = (struct counters){ 0 };
	boot_id(boot);
	int failed = !last_path(path, false) || file_read(path, &text) < 0 ||
		     sscanf(buf_text(&text), "# %63s %lf", was, &then) != 2 || strcmp(boot, was) != 0;
	double passed = stats_uptime() - then;
	if (!failed && passed > 0) {
		stats_read_text(buf_text(&text), out, NULL);
		*age = (ns_t)(passed * 1e9);
	}
	buf_release(&text);
	return failed || passed <= 0 ? -1 : 0;
}

void stats_last_save(const struct counters *now)
{
	char path[PATH_BYTES], boot[64];
	struct buf text = BUF_INIT(FILE_BYTES);
	if (!last_path(path, true))
		return;
	boot_id(boot);
	buf_printf(&text, "# %s %.9f\n", boot, stats_uptime());
	for (size_t i = 0; i < now->count; i++) {
		/* nstat writes group and name as one word. */
		char name[64];
		size_t used = 0;
		if (strncmp(now->items[i].name, "Sock.", 5) == 0)
			continue; /* states, not counters */
		for (const char *at = now->items[i].name; *at && used + 1 < sizeof name; at++)
			if (*at != '.')
				name[used++] = *at;
		name[used] = '\0';
		buf_printf(&text, "%s %llu\n", name, (unsigned long long)now->items[i].value);
	}
	(void)file_write(path, buf_text(&text), text.length);
	buf_release(&text);
}
