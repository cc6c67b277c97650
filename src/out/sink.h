/* Where bytes leave the program: a buffer over write(2) that remembers the first failure. */
#ifndef OUT_SINK_H
#define OUT_SINK_H

#include <stdbool.h>
#include <stddef.h>

enum { SINK_CAPACITY = 64 * 1024 };

struct sink {
	int fd;
	int error; /* errno of the first write that failed; everything after it is dropped */
	size_t used;
	char bytes[SINK_CAPACITY];
};

void sink_write(struct sink *sink, const char *bytes, size_t length);
void sink_flush(struct sink *sink);

/* Writes straight to a descriptor, waiting for one that is not blocking. Returns 0 or the errno. */
int sink_write_fd(int fd, const char *bytes, size_t length);

#endif
