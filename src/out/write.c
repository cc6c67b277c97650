#include "out/out.h"

#include <errno.h>
#include <unistd.h>

bool out_write(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;
	while (length) {
		ssize_t wrote = write(fd, at, length);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return false;
		at += wrote;
		length -= (size_t)wrote;
	}
	return true;
}
