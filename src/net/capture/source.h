/* The bytes of a capture file, unpacked, through one large buffer. */
#ifndef NET_CAPTURE_SOURCE_H
#define NET_CAPTURE_SOURCE_H

#include "ntsh/capture.h"

/* A record must fit: 256 KiB is libpcap's own limit for a packet; pcapng blocks may be longer by their options. */
enum { SOURCE_BUFFER = 1024 * 1024, SOURCE_PIECE_MAX = SOURCE_BUFFER / 2 };

struct unpacker;

struct source {
	int fd;
	struct loop *loop; /* to wait in, or NULL */
	int read_error;    /* errno, or -1 when the packed data is damaged */
	bool end;
	enum capture_packing packing;
	struct unpacker *unpacker;
	uint8_t *buffer, *at, *filled; /* unread bytes: [at, filled) */
	uint64_t consumed;             /* bytes before `buffer` */
};

/* Takes fd over. loop: what to run while there is nothing to read yet (a pipe); NULL: read(2) waits. Returns 0, or -1 with err: the library that unpacks is missing. */
int source_open(struct source *source, int fd, struct loop *loop, const char *path, struct error *err);
void source_close(struct source *source);

/* Reads until length bytes (at most SOURCE_PIECE_MAX) are there, or the file ends. */
bool source_fill(struct source *source, size_t length);

/* True when the next length bytes are at source->at, in one piece. */
static inline bool source_need(struct source *source, size_t length)
{
	return (size_t)(source->filled - source->at) >= length || source_fill(source, length);
}

/* Steps over length bytes, however many. False when the file ends before. */
bool source_skip(struct source *source, uint64_t length);

static inline uint64_t source_offset(const struct source *source)
{
	return source->consumed + (uint64_t)(source->at - source->buffer);
}

/* --- unpack.c --- */

/* Loads the library for the packing; what was read from fd so far is given. Returns NULL with err. */
struct unpacker *unpacker_open(enum capture_packing packing, int fd, const uint8_t *begun, size_t length,
			       struct error *err);

/* As read(2): unpacked bytes; 0 at the end; -1 with errno, EBADMSG for damaged data. */
ssize_t unpacker_read(struct unpacker *unpacker, uint8_t *out, size_t size);
void unpacker_close(struct unpacker *unpacker);

#endif
