#include "out/sink.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

int sink_write_fd(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t written = write(fd, bytes, length);
		if (written >= 0) {
			bytes += written;
			length -= (size_t)written;
		} else if (errno == EAGAIN) {
			struct pollfd wait = { .fd = fd, .events = POLLOUT };
			poll(&wait, 1, -1);
		} else if (errno != EINTR) {
			return errno;
		}
	}
	return 0;
}

void sink_flush(struct sink *sink)
{
	if (sink->used && !sink->error)
		sink->error = sink_write_fd(sink->fd, sink->bytes, sink->used);
	sink->used = 0;
}

void sink_write(struct sink *sink, const char *bytes, size_t length)
{
	if (length > SINK_CAPACITY - sink->used)
		sink_flush(sink);
	if (length >= SINK_CAPACITY) {
		if (!sink->error)
			sink->error = sink_write_fd(sink->fd, bytes, length);
		return;
	}
	memcpy(sink->bytes + sink->used, bytes, length);
	sink->used += length;
}
