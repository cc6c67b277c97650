#include "sys/tracefs.h"

#include "base/mem.h"
#include "sys/privilege.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FSCONFIG_CREATE = 6, PATH_SIZE = 256 };

static const char prefix[] = "ntsh-";

struct tracefs {
	int root;      /* of the file system */
	int instances; /* its folder of instances */
	int pipe;
	bool made;
	char name[32]; /* of our instance */
};

/* A mount of our own: it is nowhere in the tree, and ends when its descriptor is closed. */
static int mount_unseen(void)
{
	int context = (int)syscall(SYS_fsopen, "tracefs", 1 /* FSOPEN_CLOEXEC */);
	if (context < 0)
		return -1;
	int root = syscall(SYS_fsconfig, context, FSCONFIG_CREATE, NULL, NULL, 0) < 0
		       ? -1
		       : (int)syscall(SYS_fsmount, context, 1 /* FSMOUNT_CLOEXEC */, 0);
	int errnum = errno;
	close(context);
	errno = errnum;
	return root;
}

static int open_root(int *instances)
{
	static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	for (size_t i = 0; i <= sizeof places / sizeof places[0]; i++) {
		int root = i < sizeof places / sizeof places[0]
			       ? open(places[i], O_PATH | O_DIRECTORY | O_CLOEXEC)
			       : mount_unseen();
		if (root < 0)
			continue;
		*instances = openat(root, "instances", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (*instances >= 0)
			return root;
		int errnum = errno;
		close(root);
		errno = errnum;
	}
	return -1;
}

/* Whoever made it is gone: it was killed before it could remove it. */
static void remove_left_behind(int instances)
{
	int copy = dup(instances);
	DIR *folder = copy >= 0 ? fdopendir(copy) : NULL;
	if (!folder)
		return;
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (strncmp(entry->d_name, prefix, sizeof prefix - 1) != 0)
			continue;
		long pid = strtol(entry->d_name + sizeof prefix - 1, NULL, 10);
		if (pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH)
			unlinkat(instances, entry->d_name, AT_REMOVEDIR);
	}
	closedir(folder);
}

static bool write_file(struct tracefs *tracefs, const char *name, const char *text)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof path, "%s/%s", tracefs->name, name);
	int fd = openat(tracefs->instances, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool written = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return written;
}

struct tracefs *tracefs_open(unsigned buffer_kb, struct error *err)
{
	struct tracefs *tracefs = NEW(struct tracefs);
	char size[32];
	tracefs->instances = tracefs->pipe = -1;
	snprintf(tracefs->name, sizeof tracefs->name, "%s%d", prefix, (int)getpid());
	tracefs->root = open_root(&tracefs->instances);
	if (tracefs->root >= 0)
		remove_left_behind(tracefs->instances);
	/* One of our own name is left from a process that had our number. */
	tracefs->made =
	    tracefs->root >= 0 && (mkdirat(tracefs->instances, tracefs->name, 0700) == 0 || errno == EEXIST);
	if (!tracefs->made) {
		int errnum = errno;
		tracefs_close(tracefs);
		if (errnum == EPERM || errnum == EACCES)
			privilege_error(err, errnum, "cap_dac_override,cap_sys_admin",
					"the kernel's tracepoints cannot be read");
		else
			error_errno(err, errnum, "the kernel needs CONFIG_TRACING",
				    "the kernel's tracepoints cannot be read");
		return NULL;
	}
	snprintf(size, sizeof size, "%u", buffer_kb);
	write_file(tracefs, "buffer_size_kb", size);
	write_file(tracefs, "options/context-info", "0");
	return tracefs;
}

bool tracefs_enable(struct tracefs *tracefs, const char *event)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof path, "events/%s/enable", event);
	return write_file(tracefs, path, "1");
}

int tracefs_start(struct tracefs *tracefs, struct error *err)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof path, "%s/trace_pipe", tracefs->name);
	tracefs->pipe = openat(tracefs->instances, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return tracefs->pipe >= 0 ? 0 : error_errno(err, errno, NULL, "the kernel's trace cannot be read");
}

int tracefs_fd(const struct tracefs *tracefs)
{
	return tracefs->pipe;
}

void tracefs_disable(struct tracefs *tracefs)
{
	write_file(tracefs, "events/enable", "0");
}

void tracefs_close(struct tracefs *tracefs)
{
	if (!tracefs)
		return;
	if (tracefs->made)
		tracefs_disable(tracefs);
	if (tracefs->pipe >= 0)
		close(tracefs->pipe);
	if (tracefs->made)
		unlinkat(tracefs->instances, tracefs->name, AT_REMOVEDIR);
	if (tracefs->instances >= 0)
		close(tracefs->instances);
	if (tracefs->root >= 0)
		close(tracefs->root);
	free(tracefs);
}
