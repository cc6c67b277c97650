/* Small files of the kernel and of /etc, read whole. */
#ifndef SYS_FILE_H
#define SYS_FILE_H

#include "base/buf.h"

/* Appends the content of path to out, as far as out's maximum allows (out->overflow tells). Returns 0, or -1 with errno. */
int file_read(const char *path, struct buf *out);

/* The same, relative to an open folder (or AT_FDCWD). */
int file_read_at(int folder, const char *path, struct buf *out);

/* Writes a file whole or not at all (a new one, moved into its place). Returns 0, or -1 with errno. */
int file_write(const char *path, const void *bytes, size_t length);

/* Writes into a file that is there, in one call, as the kernel's own files want it. Returns 0, or -1 with errno. */
int file_overwrite(const char *path, const char *bytes, size_t length);

#endif
