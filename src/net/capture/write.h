/* A writer of capture files: the buffer that its two formats fill. */
#ifndef NET_CAPTURE_WRITE_H
#define NET_CAPTURE_WRITE_H

#include "ntsh/capture_write.h"

#include <string.h>

enum { WRITE_BUFFER = 1024 * 1024, WRITE_INTERFACES_MAX = 1024, WRITE_SNAPLEN = 262144 };

struct capture_writer {
	struct capture_write_request request;
	char *path, *filter, *file; /* as given; of the file that is being written */
	int fd;
	bool failed;
	uint8_t *buffer;
	size_t used;
	uint64_t file_bytes, total_bytes, files; /* file_bytes: written and waiting */
	ns_t file_began, newest;
	char **kept; /* ring: names, the oldest first */
	size_t kept_count;

	/* pcapng: interfaces that the current file describes. */
	struct {
		uint32_t number; /* in the file */
		bool written, drops_known;
		uint64_t drops;
	} interfaces[WRITE_INTERFACES_MAX];
	uint32_t interface_count;
};

/* Room for length bytes in the buffer; NULL when what is there cannot be written. */
uint8_t *write_room(struct capture_writer *writer, size_t length, struct error *err);

/* What a file begins with, what a frame is, what a file ends with. */
int write_pcap_begin(struct capture_writer *writer, struct error *err);
int write_pcap_frame(struct capture_writer *writer, const struct capture_frame *frame, struct error *err);
int write_pcapng_begin(struct capture_writer *writer, struct error *err);
int write_pcapng_frame(struct capture_writer *writer, const struct capture_frame *frame,
		       const struct capture_interface *interface, struct error *err);
int write_pcapng_end(struct capture_writer *writer, struct error *err);

/* Of the buffer's first length bytes those that are whole records. first: the buffer begins a file. */
size_t write_whole(const struct capture_writer *writer, size_t length, bool first);

#endif
