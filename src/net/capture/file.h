/* Capture files: what their two formats share. */
#ifndef NET_CAPTURE_FILE_H
#define NET_CAPTURE_FILE_H

#include "net/capture/source.h"

#include <string.h>

/* libpcap's own limit for what one packet may hold; what claims more is damaged. */
enum { CAPTURE_FRAME_MAX = 256 * 1024, CAPTURE_INTERFACES_MAX = 65536 };

/* How stamps of an interface become nanoseconds. */
struct capture_ticks {
	uint64_t per_second; /* 0: 2^shift a second */
	unsigned shift;
	int64_t offset; /* seconds to be added */
};

struct capture {
	struct source source;
	struct capture_info info;
	bool swapped, over;
	int (*next)(struct capture *capture, struct capture_frame *frame, struct error *err);

	struct capture_interface *interfaces;
	struct capture_ticks *ticks;
	size_t interface_count, interface_capacity;

	/* pcap */
	uint32_t record_header;
	ns_t fraction; /* ns in a unit of the stamp's second half */

	/* pcapng */
	size_t section_base; /* index of the section's first interface */
	char *texts[3];      /* hardware, os, application */
};

static inline uint32_t capture_u32(const struct capture *capture, const uint8_t *at)
{
	uint32_t value;
	memcpy(&value, at, sizeof value);
	return capture->swapped ? __builtin_bswap32(value) : value;
}

static inline uint16_t capture_u16(const struct capture *capture, const uint8_t *at)
{
	uint16_t value;
	memcpy(&value, at, sizeof value);
	return capture->swapped ? __builtin_bswap16(value) : value;
}

/* A zeroed interface more, or NULL when there are too many. */
struct capture_interface *capture_add_interface(struct capture *capture, struct capture_ticks **ticks);

/* Ends the reading: the file ends within a record (or cannot be read on). Returns 0 or, for what cannot be read, -1 with err. */
int capture_is_cut(struct capture *capture, struct error *err);

/* Ends the reading: what stands at this offset cannot be. Returns -1. */
int capture_is_damaged(struct capture *capture, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Each reads its file's beginning, and sets capture->next. Returns 0; 1 when the file is of another format; -1 with err. */
int capture_begin_pcap(struct capture *capture, struct error *err);
int capture_begin_pcapng(struct capture *capture);

#endif
