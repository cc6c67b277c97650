/* What the kernel and the system around it offer to this user. */
#include "net/machine_parts.h"

#include "base/buf.h"
#include "base/dynlib.h"
#include "ntsh/counters.h"
#include "ntsh/lookup.h"
#include "ntsh/netns.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

void try_netns(struct ability *ability, const char *path)
{
	int failed = netns_try();
	if (failed)
		ability_denied(ability, failed, "cap_sys_admin,cap_sys_ptrace", path);
	else
		ability_set(ability, ABILITY_YES, NULL, "open to this user");
}

void try_tracefs(struct ability *ability, const char *path)
{
	static const char *const roots[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	char file[96];
	int errnum = ENOENT;
	for (size_t i = 0; i < 2; i++) {
		snprintf(file, sizeof file, "%s/events/skb/kfree_skb/format", roots[i]);
		int fd = open(file, O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			close(fd);
			ability_set(ability, ABILITY_YES, NULL, "readable at %s", roots[i]);
			return;
		}
		if (errno != ENOENT)
			errnum = errno;
	}
	if (errnum == EACCES || errnum == EPERM)
		ability_denied(ability, errnum, "cap_dac_read_search,cap_perfmon", path);
	else
		ability_set(ability, ABILITY_NO, "mount -t tracefs tracefs /sys/kernel/tracing",
			    "not mounted");
}

void try_perf(struct ability *ability, const char *path)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof attr,
					.config = PERF_COUNT_SW_DUMMY };
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0) {
		ability_denied(ability, errno, "cap_perfmon", path);
		return;
	}
	close(fd);
	ability_set(ability, ABILITY_YES, NULL, "events of the whole machine");
}

void try_bpf(struct ability *ability, const char *path)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	attr.map_type = BPF_MAP_TYPE_HASH;
	attr.key_size = attr.value_size = 4;
	attr.max_entries = 1;
	int fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr);
	if (fd < 0) {
		ability_denied(ability, errno, "cap_bpf,cap_perfmon", path);
		return;
	}
	close(fd);
	bool types = access("/sys/kernel/btf/vmlinux", R_OK) == 0;
	ability_set(ability, types ? ABILITY_YES : ABILITY_PARTLY, NULL, "maps can be made%s",
		    types ? ", the kernel's types are known" : "; the kernel has no type information (BTF)");
}

void try_owners(struct ability *ability, const char *path)
{
	/* The first process: somebody else's, unless we are root. */
	if (access("/proc/1/fd", R_OK | X_OK) == 0)
		ability_set(ability, ABILITY_YES, NULL, "descriptors of all processes are readable");
	else
		ability_denied(ability, errno, "cap_dac_read_search,cap_sys_ptrace", path);
}

void try_resolver(struct ability *ability, const char *path)
{
	(void)path;
	struct resolv_conf conf;
	char file[256], first[ADDR_TEXT_MAX];
	netns_etc_path("resolv.conf", file);
	if (resolv_conf_read(&conf, NULL) < 0 || conf.missing)
		ability_set(ability, ABILITY_NO, "echo 'nameserver ADDRESS' >> /etc/resolv.conf",
			    "%s names no server: programs ask 127.0.0.1", file);
	else
		ability_set(ability, ABILITY_YES, NULL, "%d in %s, first %s", conf.server_count, file,
			    addr_format(&conf.servers[0], first));
}

void try_locale(struct ability *ability, const char *path)
{
	(void)path;
	/* locale(7): the first of these that is set decides. */
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value = NULL;
	for (size_t i = 0; i < 3 && !(value && *value); i++)
		value = getenv(names[i]);
	if (value && (strcasestr(value, "utf-8") || strcasestr(value, "utf8")))
		ability_set(ability, ABILITY_YES, NULL, "locale %.80s", value);
	else
		ability_set(ability, ABILITY_PARTLY, "export LC_ALL=C.UTF-8",
			    "locale %.80s: bars and sparklines are drawn with ASCII",
			    value && *value ? value : "C");
}

void try_files(struct ability *ability, const char *path)
{
	(void)path;
	struct rlimit limit = { 0 };
	getrlimit(RLIMIT_NOFILE, &limit);
	bool enough = limit.rlim_max >= 4096;
	ability_set(ability, enough ? ABILITY_YES : ABILITY_PARTLY, enough ? NULL : "ulimit -Hn 65536",
		    "%llu now, %llu at most", (unsigned long long)limit.rlim_cur,
		    (unsigned long long)limit.rlim_max);
}

void try_clock_source(struct ability *ability, const char *path)
{
	(void)path;
	struct buf text = BUF_INIT(64);
	(void)file_read("/sys/devices/system/clocksource/clocksource0/current_clocksource", &text);
	const char *name = text.length ? buf_text(&text) : "unknown";
	int length = (int)strcspn(name, "\n");
	/* These are read by slow I/O: each time stamp costs a microsecond. */
	bool slow = !strncmp(name, "acpi_pm", 7) || !strncmp(name, "hpet", 4) || !strncmp(name, "jiffies", 7);
	ability_set(ability, slow ? ABILITY_PARTLY : ABILITY_YES, NULL, "%.*s%s", length, name,
		    slow ? ": reading it takes about a microsecond" : "");
	buf_release(&text);
}

void try_clock_sync(struct ability *ability, const char *path)
{
	(void)path;
	struct timex timex = { 0 };
	int state = adjtimex(&timex);
	long unit = timex.status & STA_NANO ? 1000 : 1;
	if (state < 0 || state == TIME_ERROR || timex.status & STA_UNSYNC)
		ability_set(ability, ABILITY_NO, "timedatectl set-ntp true",
			    "nobody disciplines it: dates may be wrong, round trips are not affected");
	else
		ability_set(ability, ABILITY_YES, NULL, "offset %ld us, error at most %ld us",
			    timex.offset / unit, timex.maxerror);
}

static void try_library(struct ability *ability, const char *soname, const char *package)
{
	struct error err = ERROR_INIT;
	if (dynlib_load(soname, package, NULL, 0, &err) == 0)
		ability_set(ability, ABILITY_YES, NULL, "%s", soname);
	else
		ability_set(ability, ABILITY_NO, err.hint, "%s", err.message);
}

void try_curl(struct ability *ability, const char *path)
{
	(void)path;
	try_library(ability, NTSH_SONAME_CURL, "libcurl4");
}

void try_openssl(struct ability *ability, const char *path)
{
	(void)path;
	try_library(ability, NTSH_SONAME_SSL, "libssl3");
}

void try_cares(struct ability *ability, const char *path)
{
	(void)path;
	try_library(ability, NTSH_SONAME_CARES, "libc-ares2");
}

void try_edit(struct ability *ability, const char *path)
{
	(void)path;
	try_library(ability, NTSH_SONAME_EDIT, "libedit2");
}
