/* Captured packets, from a file or from interfaces, one after the other.
 *
 * Files: classic pcap in all its forms (either byte order, micro- and nanoseconds, the long record header of Kuznetzov's libpcap), pcapng
 * (several sections, interfaces, link types, resolutions), either of them compressed by gzip or zstd, or from a pipe. Reading them
 * needs no privilege and no library, except for compressed files. */
#ifndef NTSH_CAPTURE_H
#define NTSH_CAPTURE_H

#include "ntsh/clock.h"
#include "ntsh/error.h"
#include "ntsh/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture;

struct capture_frame {
	const uint8_t *bytes;      /* valid until the next call */
	uint32_t captured, length; /* captured <= length */
	uint32_t link;             /* LINKTYPE_ number (enum packet_link) */
	uint32_t interface;        /* index for capture_interface */
	ns_t time;                 /* CLOCK_REALTIME ns; NS_NONE when the file has no stamp (simple packet blocks) */
};

struct capture_interface {
	const char *name; /* NULL when the file does not say */
	uint32_t link, snaplen; /* snaplen 0: unlimited */
	int64_t resolution;     /* stamps a second, as written; 1000000000 for ns */
	uint64_t drops;         /* packets that the kernel or the interface dropped for want of room */
	bool drops_known;
};

enum capture_format { CAPTURE_PCAP, CAPTURE_PCAPNG };
enum capture_packing { CAPTURE_PLAIN, CAPTURE_GZIP, CAPTURE_ZSTD };

struct capture_info {
	enum capture_format format;
	enum capture_packing packing;
	bool big_endian, nanoseconds;
	unsigned version_major, version_minor;
	uint32_t sections;        /* pcapng, else 1 */
	uint64_t bytes;           /* read so far, unpacked */
	uint64_t frames;          /* delivered so far */
	bool cut;                 /* the file ended within a packet: whoever wrote it was killed, or the disk was full */
	const char *hardware, *os, *application; /* pcapng, or NULL */
};

/* Opens a file; "-" is standard input. Returns NULL with err: not there, not readable, no capture file (STATUS_CANNOT). */
struct capture *capture_open_file(const char *path, struct error *err);

/* The next frame: 1; 0 at the end (capture_info says whether it was cut); -1 with err when the rest is damaged, or cannot be
 * unpacked. After 0 or -1 nothing more comes. */
int capture_next(struct capture *capture, struct capture_frame *frame, struct error *err);

/* What is known so far. Valid until the next call. */
const struct capture_info *capture_info(const struct capture *capture);
size_t capture_interfaces(const struct capture *capture);
const struct capture_interface *capture_interface(const struct capture *capture, size_t index);

void capture_close(struct capture *capture);

#endif
