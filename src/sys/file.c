#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
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
