#include "sys/sysfs.h"

#include "ntsh/netns.h"

#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The mount of the namespace entered last; -1: none was made. One process, one namespace. */
static int mount_fd = -1;
static ino_t mount_namespace;

/* glibc has the calls only since 2.36. */
static int mount_make(void)
{
	int context = (int)syscall(SYS_fsopen, "sysfs", FSOPEN_CLOEXEC);
	if (context < 0)
		return -1;
	int fd = -1;
	if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		fd = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	close(context);
	return fd;
}

/* A descriptor that stays open: the root of the sysfs to look at. -1 with errno. */
static int root_fd(void)
{
	static int plain = -1;
	struct stat own;
	if (!netns_current()) {
		if (plain < 0)
			plain = open("/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
		return plain;
	}
	if (stat("/proc/self/ns/net", &own) < 0)
		return -1;
	if (mount_fd >= 0 && mount_namespace == own.st_ino)
		return mount_fd;
	if (mount_fd >= 0)
		close(mount_fd);
	mount_fd = mount_make();
	mount_namespace = own.st_ino;
	return mount_fd;
}

int sysfs_read(const char *path, struct buf *out)
{
	int root = root_fd();
	return root < 0 ? -1 : file_read_at(root, path, out);
}

int sysfs_list(const char *path, sysfs_entry_fn *fn, void *arg)
{
	int root = root_fd();
	int fd = root < 0 ? -1 : openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		int failed = errno;
		if (fd >= 0)
			close(fd);
		errno = failed;
		return -1;
	}
	const struct dirent *entry;
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			fn(entry->d_name, arg);
	closedir(dir);
	return 0;
}
