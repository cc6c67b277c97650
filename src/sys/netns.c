#include "ntsh/netns.h"

#include "sys/privilege.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* One process, one namespace: what setns(2) changes is as global as these. */
static int home_fd = -1;
static char current[256];
static char previous[256];

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

/* A name is one path component under /run/netns, so that "../x" cannot mean a file elsewhere. */
static bool is_name(const char *name)
{
	return *name && !strchr(name, '/') && strcmp(name, ".") && strcmp(name, "..");
}

static int namespace_open(const char *name)
{
	char path[sizeof current + 32];
	if (!is_name(name))
		return open(name, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof path, "/run/netns/%s", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT || !is_number(name))
		return fd;
	snprintf(path, sizeof path, "/proc/%s/ns/net", name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int open_failed(const char *name, int errnum, struct error *err)
{
	if (errnum == ENOENT && is_number(name))
		return error_set(err, STATUS_CANNOT, "ENOENT", NULL,
				 "there is neither a namespace nor a process %s", name);
	if (errnum == ENOENT)
		return error_set(err, STATUS_CANNOT, "ENOENT", "names are the files in /run/netns",
				 "there is no network namespace '%s'", name);
	return privilege_error(err, errnum, "cap_sys_admin,cap_sys_ptrace",
			       "network namespace '%s' cannot be opened", name);
}

int netns_enter(const char *name, struct error *err)
{
	if (!*name || strlen(name) >= sizeof current)
		return error_set(err, STATUS_USAGE, "EINVAL", NULL,
				 "'%.40s' is no name of a network namespace", name);
	if (home_fd < 0) {
		home_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		if (home_fd < 0)
			return error_errno(err, errno, "mount /proc",
					   "this process's own network namespace cannot be opened");
	}
	int fd = namespace_open(name);
	if (fd < 0)
		return open_failed(name, errno, err);
	int failed = setns(fd, CLONE_NEWNET) < 0 ? errno : 0;
	close(fd);
	if (failed == EINVAL)
		return error_set(err, STATUS_CANNOT, "EINVAL", NULL, "'%s' is no network namespace", name);
	if (failed)
		return privilege_error(err, failed, "cap_sys_admin",
				       "network namespace '%s' cannot be entered", name);
	/* name may be netns_current() itself. */
	snprintf(previous, sizeof previous, "%s", name);
	memcpy(current, previous, sizeof current);
	return 0;
}

int netns_leave(struct error *err)
{
	if (!*current)
		return 0;
	if (setns(home_fd, CLONE_NEWNET) < 0)
		return privilege_error(err, errno, "cap_sys_admin",
				       "the network namespace of the start cannot be entered again");
	*current = '\0';
	return 0;
}

int netns_try(void)
{
	/* Into the one that we are in: asks for the privilege and changes nothing. */
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	int failed = setns(fd, CLONE_NEWNET) < 0 ? errno : 0;
	close(fd);
	return failed;
}

const char *netns_current(void)
{
	return *current ? current : NULL;
}

const char *netns_etc_path(const char *file, char buf[256])
{
	if (*current && is_name(current)) {
		snprintf(buf, 256, "/etc/netns/%.120s/%.120s", current, file);
		if (access(buf, F_OK) == 0)
			return buf;
	}
	snprintf(buf, 256, "/etc/%.240s", file);
	return buf;
}

static int bind_etc_files(struct error *err)
{
	char folder[sizeof current + 16];
	snprintf(folder, sizeof folder, "/etc/netns/%s", current);
	DIR *dir = is_name(current) ? opendir(folder) : NULL;
	if (!dir)
		return 0;
	int failed = 0;
	const struct dirent *entry;
	while ((entry = readdir(dir)) && !failed) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		char from[sizeof folder + sizeof entry->d_name], to[sizeof entry->d_name + 8];
		snprintf(from, sizeof from, "%s/%s", folder, entry->d_name);
		snprintf(to, sizeof to, "/etc/%s", entry->d_name);
		/* A file that /etc does not have cannot be covered: ip-netns goes on then, too. */
		if (mount(from, to, "none", MS_BIND, NULL) < 0 && errno != ENOENT)
			failed = error_errno(err, errno, NULL, "%s cannot be put over %s", from, to);
	}
	closedir(dir);
	return failed;
}

int netns_prepare_child(struct error *err)
{
	if (!*current)
		return 0;
	if (unshare(CLONE_NEWNS) < 0)
		return privilege_error(err, errno, "cap_sys_admin", "a mount namespace cannot be made");
	/* Nothing mounted here may reach the machine's own mounts. */
	if (mount("", "/", "none", MS_SLAVE | MS_REC, NULL) < 0)
		return error_errno(err, errno, NULL, "mounts cannot be made private");
	/* /sys/class/net shows the namespace in which it was mounted; where /sys cannot be replaced the old view stays. */
	if (umount2("/sys", MNT_DETACH) == 0)
		(void)mount("sysfs", "/sys", "sysfs", 0, NULL);
	return bind_etc_files(err);
}
