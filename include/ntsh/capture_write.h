/* Writing capture files that every program opens: classic pcap, or pcapng (several interfaces, names, drops).
 *
 * Ring files, by one rule: with a limit of size or time the files are numbered, "NAME_00001_20261124181500.pcap"; the next one
 * begins before the packet that would break the limit, and with a number of files the oldest is removed. */
#ifndef NTSH_CAPTURE_WRITE_H
#define NTSH_CAPTURE_WRITE_H

#include "ntsh/capture.h"

/* Takes bytes that are to go into a pipe. Returns 0, or an errno. */
typedef int capture_sink_fn(const uint8_t *bytes, size_t length, void *arg);

struct capture_write_request {
	const char *path;         /* not used with a sink */
	capture_sink_fn *sink;    /* instead of a file, or NULL */
	void *arg;
	enum capture_format format;
	bool nanoseconds;         /* stamps in ns, else in us */
	uint32_t link;            /* of files without any packet, and of classic files as a whole */
	uint32_t snaplen;         /* as stated in the file; 0: 262144 */
	const char *filter;       /* stated in pcapng, or NULL */
	/* Described at the beginning of each pcapng file, with their numbers; others follow before their first packet. */
	const struct capture_interface *interfaces[CAPTURE_LIVE_MAX];
	size_t interface_count;
	uint64_t file_bytes;      /* 0: no limit */
	ns_t file_time;           /* of packet time; 0: no limit */
	uint64_t files;           /* kept; 0: all */
	ns_t began;               /* stamp of the first packet, for a ring file's name; 0 or NS_NONE: now */
	const char *not_over;     /* a file that must not be written over, as it is being read; NULL: none */
};

struct capture_writer;

/* Returns NULL with err. An existing file is replaced. */
struct capture_writer *capture_writer_open(const struct capture_write_request *request, struct error *err);

/* interface describes where the frame comes from (frame->interface is its number). Frames wait in a buffer. Returns 0, or -1 with err:
 * the file is then cut behind its last whole packet, and nothing more is written. */
int capture_writer_put(struct capture_writer *writer, const struct capture_frame *frame,
		       const struct capture_interface *interface, struct error *err);

/* Hands what waits to the kernel. */
int capture_writer_flush(struct capture_writer *writer, struct error *err);

/* The drops of an interface, for pcapng; before the closing. */
void capture_writer_drops(struct capture_writer *writer, size_t index, uint64_t drops);

/* Writes the rest and frees the writer. NULL is fine. Returns 0, or -1 with err. */
int capture_writer_close(struct capture_writer *writer, struct error *err);

/* Files begun and bytes written (or waiting) so far, and the newest file's name. */
uint64_t capture_writer_files(const struct capture_writer *writer);
uint64_t capture_writer_bytes(const struct capture_writer *writer);
const char *capture_writer_path(const struct capture_writer *writer);

/* pcapng when the name ends in .pcapng or .ntar, else classic. */
enum capture_format capture_format_of(const char *path);

#endif
