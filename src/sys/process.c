#include "ntsh/process.h"

#include "base/buf.h"
#include "sys/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX_BYTES = 16384 };

/* Reads /proc/PID/NAME into text. Returns 0, or -1. */
static int read_of(uint32_t pid, const char *name, struct buf *text)
{
	char path[96];
	snprintf(path, sizeof path, "/proc/%u/%s", pid, name);
	buf_clear(text);
	return file_read(path, text);
}

/* How many entries a folder has that do not begin with a dot; fn (may be NULL) is called for each. -1 when it cannot be read. */
static int64_t folder_walk(uint32_t pid, const char *name,
			   void (*fn)(uint32_t pid, const char *name, void *arg), void *arg)
{
	char path[96];
	int64_t count = 0;
	snprintf(path, sizeof path, "/proc/%u/%s", pid, name);
	DIR *folder = opendir(path);
	if (!folder)
		return -1;
	for (const struct dirent *entry; (entry = readdir(folder));) {
		if (entry->d_name[0] == '.')
			continue;
		count++;
		if (fn)
			fn(pid, entry->d_name, arg);
	}
	closedir(folder);
	return count;
}

/* schedstat: time on a CPU, time waiting for one (ns), times run (Documentation/scheduler/sched-stats.rst). */
static void thread_add(uint32_t pid, const char *thread, void *arg)
{
	struct process_state *state = arg;
	char name[64], *end;
	struct buf text = BUF_INIT(256);
	snprintf(name, sizeof name, "task/%.20s/schedstat", thread);
	if (read_of(pid, name, &text) == 0) {
		long long ran = strtoll(buf_text(&text), &end, 10);
		long long waited = strtoll(end, NULL, 10);
		state->run_time = (state->run_time == NS_NONE ? 0 : state->run_time) + ran;
		state->run_delay = (state->run_delay == NS_NONE ? 0 : state->run_delay) + waited;
	}
	buf_release(&text);
}

/* The state is the first letter behind the name, which may hold anything, parentheses included. */
static bool is_stopped(const char *stat)
{
	const char *close = strrchr(stat, ')');
	return close && close[1] == ' ' && (close[2] == 'T' || close[2] == 't');
}

static int64_t files_limit(const char *limits)
{
	const char *line = strstr(limits, "Max open files");
	char *end;
	if (!line)
		return -1;
	line += sizeof "Max open files" - 1;
	long long soft = strtoll(line, &end, 10);
	return end == line ? -1 : soft;
}

int process_read(uint32_t pid, struct process_state *out)
{
	struct buf text = BUF_INIT(FILE_MAX_BYTES);
	*out = (struct process_state){ .run_delay = NS_NONE, .run_time = NS_NONE, .files_limit = -1 };
	if (read_of(pid, "stat", &text) < 0) {
		buf_release(&text);
		return -1;
	}
	out->stopped = is_stopped(buf_text(&text));
	if (read_of(pid, "limits", &text) == 0)
		out->files_limit = files_limit(buf_text(&text));
	buf_release(&text);
	folder_walk(pid, "task", thread_add, out);
	out->files = folder_walk(pid, "fd", NULL, NULL);
	return 0;
}

uint64_t machine_cpu_stall(void)
{
	struct buf text = BUF_INIT(1024);
	(void)file_read("/proc/pressure/cpu", &text);
	const char *total = strstr(buf_text(&text), "total=");
	uint64_t stalled = total ? strtoull(total + 6, NULL, 10) : 0;
	buf_release(&text);
	return stalled;
}
