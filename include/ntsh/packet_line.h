/* Packets in words: one line each, as people know it from tcpdump; layers and bytes below it on request.
 *
 * Text from the network is escaped here already, so that a line never holds a line break of others. */
#ifndef NTSH_PACKET_LINE_H
#define NTSH_PACKET_LINE_H

#include "ntsh/capture.h"

enum packet_time {
	PACKET_TIME_CLOCK,    /* 12:34:56.789012, local */
	PACKET_TIME_NONE,     /* -t */
	PACKET_TIME_EPOCH,    /* -tt: seconds since 1970 */
	PACKET_TIME_DELTA,    /* -ttt: since the packet before */
	PACKET_TIME_DATE,     /* -tttt: with the date */
	PACKET_TIME_RELATIVE, /* -ttttt: since the first packet */
};

enum packet_dump { PACKET_DUMP_NONE, PACKET_DUMP_HEX, PACKET_DUMP_BOTH, PACKET_DUMP_TEXT };

/* A name to be shown instead of an address, or NULL. The text is copied. */
typedef const char *packet_name_fn(const struct addr *addr, void *arg);

/* Something to be said about the packet at the end of its line (the process it belongs to), or NULL. */
typedef const char *packet_remark_fn(const struct packet *packet, void *arg);

struct packet_line_style {
	enum packet_time time;
	bool nanoseconds;   /* nine digits instead of six */
	bool absolute;      /* TCP numbers as they are on the wire */
	bool link_header;   /* -e */
	bool interfaces;    /* name the interface of each packet */
	int verbose;        /* > 0: a line for each layer */
	enum packet_dump dump;
	bool dump_link;     /* the bytes of the link header, too */
	packet_name_fn *name;
	packet_remark_fn *remark;
	void *arg;
};

struct packet_lines;

struct packet_lines *packet_lines_new(const struct packet_line_style *style);
void packet_lines_free(struct packet_lines *lines);

/* Adds the line (or lines) of a packet, each ended by a newline. interface may be NULL. */
void packet_lines_add(struct packet_lines *lines, const struct capture_frame *frame, const struct packet *packet,
		      const char *interface);

/* What was added since the last call of packet_lines_clear, and of it the last packet's summary: its first line without time and interface, not
 * NUL-ended. Valid until the next change. */
const char *packet_lines_text(const struct packet_lines *lines, size_t *length);
const char *packet_lines_summary(const struct packet_lines *lines, size_t *length);
void packet_lines_clear(struct packet_lines *lines);

/* "TCP", "UDP", "ICMP", "ARP", "LLDP", "ip-proto-250", "ethertype-0x1234": what the packet is by its last header. */
const char *packet_protocol_name(const struct packet *packet, char buf[24]);

/* "Ethernet", "Linux cooked v2", "link type 147". */
const char *packet_link_name(uint32_t link, char buf[24]);

/* "S.", "P.", "none": the flags of TCP as tcpdump shows them. */
const char *packet_tcp_flags(uint16_t flags, char buf[12]);

#endif
