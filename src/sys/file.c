#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int file_read(const char *path, struct buf *out)
{
	return file_read_at(AT_FDCWD, path, out);
}

int file_read_at(int folder, const char *path, struct buf *out)
{
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	char bytes[8192];
	ssize_t got;
	while ((got = read(fd, bytes, sizeof bytes)) > 0 && !out->overflow)
		buf_add(out, bytes, (size_t)got);
	int errnum = got < 0 ? errno : 0;
	close(fd);
	errno = errnum;
	return errnum ? -1 : 0;
}

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t wrote = write(fd, bytes, length);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return -1;
		bytes += wrote;
		length -= (size_t)wrote;
	}
	return 0;
}

int file_write(const char *path, const void *bytes, size_t length)
{
	char fresh[4096];
	int named = snprintf(fresh, sizeof fresh, "%s.XXXXXX", path);
	if (named < 0 || (size_t)named >= sizeof fresh) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int fd = mkostemp(fresh, O_CLOEXEC);
	if (fd < 0)
		return -1;
	int failed = write_all(fd, bytes, length);
	failed |= close(fd);
	if (!failed)
		failed = rename(fresh, path);
	int errnum = errno;
	if (failed)
		unlink(fresh);
	errno = errnum;
	return failed ? -1 : 0;
}

int file_overwrite(const char *path, const char *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int errnum = write(fd, bytes, length) < 0 ? errno : 0;
	close(fd);
	errno = errnum;
	return errnum ? -1 : 0;
}
