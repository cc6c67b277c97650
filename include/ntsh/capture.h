/* Captured packets, from a file or from interfaces, one after the other.
 *
 * Files: classic pcap in all its forms (either byte order, micro- and nanoseconds, the long record header of Kuznetzov's libpcap), pcapng
 * (several sections, interfaces, link types, resolutions), either of them compressed by gzip or zstd, or from a pipe. Reading them
 * needs no privilege and no library, except for compressed files. */
#ifndef NTSH_CAPTURE_H
#define NTSH_CAPTURE_H

#include "ntsh/clock.h"
#include "ntsh/error.h"
#include "ntsh/loop.h"
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

/* The same for what may keep us waiting (a pipe, a terminal): the loop runs until there are bytes, and when it is cancelled the file ends. */
struct capture *capture_open_waiting(const char *path, struct loop *loop, struct error *err);

/* The next frame: 1; 0 at the end (capture_info says whether it was cut); -1 with err when the rest is damaged, or cannot be
 * unpacked. After 0 or -1 nothing more comes. */
int capture_next(struct capture *capture, struct capture_frame *frame, struct error *err);

/* True when the next frame will have to be read first: time to show what is known. */
bool capture_is_drained(const struct capture *capture);

/* What is known so far. Valid until the next call. */
const struct capture_info *capture_info(const struct capture *capture);
size_t capture_interfaces(const struct capture *capture);
const struct capture_interface *capture_interface(const struct capture *capture, size_t index);

void capture_close(struct capture *capture);

/* --- filters: pcap-filter(7) --- */

struct capture_filter;

/* Words of a command line make one filter: text takes CAPTURE_FILTER_MAX bytes. Returns 0, or -1 with err: it is too long. */
enum { CAPTURE_FILTER_MAX = 8000 };
int capture_filter_text(const char *const *words, size_t count, char *text, struct error *err);

/* Compiles a filter for frames of any link type, without privilege. Returns NULL with err (STATUS_USAGE) that points to the wrong word. */
struct capture_filter *capture_filter_new(const char *text, struct error *err);
bool capture_filter_passes(struct capture_filter *filter, const struct capture_frame *frame);
void capture_filter_free(struct capture_filter *filter);

/* --- live --- */

enum { CAPTURE_LIVE_MAX = 16 };

struct capture_live_request {
	const char *interfaces[CAPTURE_LIVE_MAX]; /* or "any" */
	size_t count;
	const char *filter; /* NULL: everything */
	uint32_t snaplen;   /* 0: whole packets */
	size_t buffer;      /* bytes for packets that wait for us, on each interface; 0: 64 MiB */
	ns_t latency;       /* how long a packet may wait before it is handed over; 0: 100 ms */
	bool promiscuous;
};

/* frame is NULL at the end of each batch. The bytes are valid during the call. */
typedef void capture_live_fn(const struct capture_frame *frame, void *arg);

struct capture_live;

/* Opens all interfaces (of this namespace) and hands their packets over as the loop runs; those of several interfaces are brought
 * into the order of their stamps. Needs CAP_NET_RAW; what the opening needed is given up for the time of the capture. Returns NULL
 * with err. */
struct capture_live *capture_live_start(struct loop *loop, const struct capture_live_request *request, capture_live_fn *fn,
					void *arg, struct error *err);

/* Ends it: everything that arrived before this call is handed over first. */
void capture_live_stop(struct capture_live *live);
void capture_live_free(struct capture_live *live);

/* Interfaces as they were opened. The first asks the kernel what it dropped so far (a system call for each), the second tells it. */
size_t capture_live_interfaces(struct capture_live *live);
const struct capture_interface *capture_live_interface(const struct capture_live *live, size_t index);

/* True (with the reason in err) when an interface ended before it was told to. */
bool capture_live_failed(const struct capture_live *live, struct error *err);

#endif
