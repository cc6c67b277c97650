/* The two formats, as bytes (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng), in this machine's byte order. */
#include "net/capture/write.h"

#include <stdio.h>
#include <sys/utsname.h>

enum {
	PCAP_MICRO = 0xa1b2c3d4,
	PCAP_NANO = 0xa1b23c4d,
	PCAP_HEADER = 24,
	RECORD_HEADER = 16,
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
	BLOCK_AROUND = 12, /* type, and the length twice */
	PACKET_FIXED = 20,
	TEXT_MAX = 1024,
};

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof value);
	return at + sizeof value;
}

static uint8_t *put_u16(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof value);
	return at + sizeof value;
}

static uint32_t snaplen_of(const struct capture_writer *writer)
{
	return writer->request.snaplen ? writer->request.snaplen : WRITE_SNAPLEN;
}

int write_pcap_begin(struct capture_writer *writer, struct error *err)
{
	uint8_t *at = write_room(writer, PCAP_HEADER, err);
	if (!at)
		return -1;
	at = put_u32(at, writer->request.nanoseconds ? PCAP_NANO : PCAP_MICRO);
	at = put_u16(at, 2);
	at = put_u16(at, 4);
	at = put_u32(at, 0);
	at = put_u32(at, 0);
	at = put_u32(at, snaplen_of(writer));
	put_u32(at, writer->request.link);
	return 0;
}

int write_pcap_frame(struct capture_writer *writer, const struct capture_frame *frame, struct error *err)
{
	if (frame->link != writer->request.link)
		return error_set(err, STATUS_CANNOT, "EFORMAT", "name the file .pcapng",
				 "packets of two link types (%u and %u) do not fit into one classic file",
				 writer->request.link, frame->link);
	uint8_t *at = write_room(writer, RECORD_HEADER + frame->captured, err);
	ns_t time = frame->time == NS_NONE ? 0 : frame->time, rest = time % NS_PER_S;
	if (!at)
		return -1;
	at = put_u32(at, (uint32_t)(time / NS_PER_S));
	at = put_u32(at, (uint32_t)(writer->request.nanoseconds ? rest : rest / NS_PER_US));
	at = put_u32(at, frame->captured);
	at = put_u32(at, frame->length);
	memcpy(at, frame->bytes, frame->captured);
	return 0;
}

/* --- pcapng --- */

static size_t padded(size_t length)
{
	return (length + 3) & ~(size_t)3;
}

static uint8_t *put_option(uint8_t *at, uint16_t code, const void *value, size_t length)
{
	at = put_u16(at, code);
	at = put_u16(at, (uint16_t)length);
	memset(at, 0, padded(length));
	if (length)
		memcpy(at, value, length);
	return at + padded(length);
}

/* A block of type whose body is there. */
static int put_block(struct capture_writer *writer, uint32_t type, const uint8_t *body, size_t length,
		     struct error *err)
{
	uint8_t *at = write_room(writer, length + BLOCK_AROUND, err);
	if (!at)
		return -1;
	at = put_u32(at, type);
	at = put_u32(at, (uint32_t)length + BLOCK_AROUND);
	memcpy(at, body, length);
	put_u32(at + length, (uint32_t)length + BLOCK_AROUND);
	return 0;
}

static int put_interface(struct capture_writer *writer, size_t index,
			 const struct capture_interface *interface, uint32_t link, struct error *err)
{
	uint8_t body[3 * TEXT_MAX], *at = body, resolution = writer->request.nanoseconds ? 9 : 6;
	char filter[TEXT_MAX];
	const char *name = interface ? interface->name : NULL;
	at = put_u16(at, (uint16_t)link);
	at = put_u16(at, 0);
	at = put_u32(at, snaplen_of(writer));
	if (name)
		at = put_option(at, 2, name, strnlen(name, TEXT_MAX));
	at = put_option(at, 9, &resolution, 1);
	if (writer->filter) {
		/* A filter's option begins with its kind: 0 is libpcap's language. */
		filter[0] = 0;
		snprintf(filter + 1, sizeof filter - 1, "%s", writer->filter);
		at = put_option(at, 11, filter, 1 + strlen(filter + 1));
	}
	at = put_option(at, 0, NULL, 0);
	writer->interfaces[index].written = true;
	writer->interfaces[index].number = writer->interface_count++;
	return put_block(writer, BLOCK_INTERFACE, body, (size_t)(at - body), err);
}

int write_pcapng_begin(struct capture_writer *writer, struct error *err)
{
	static const char application[] = "ntsh " NTSH_VERSION;
	uint8_t body[512], *at = body;
	struct utsname system;
	char os[160] = "Linux";
	if (uname(&system) == 0)
		snprintf(os, sizeof os, "%s %s", system.sysname, system.release);
	at = put_u32(at, 0x1a2b3c4d);
	at = put_u16(at, 1);
	at = put_u16(at, 0);
	memset(at, 0xff, 8); /* length of the section: not known */
	at = put_option(at + 8, 3, os, strlen(os));
	at = put_option(at, 4, application, sizeof application - 1);
	at = put_option(at, 0, NULL, 0);
	memset(writer->interfaces, 0, sizeof writer->interfaces);
	writer->interface_count = 0;
	if (put_block(writer, BLOCK_SECTION, body, (size_t)(at - body), err) < 0)
		return -1;
	for (size_t i = 0; i < writer->request.interface_count; i++)
		if (put_interface(writer, i, writer->request.interfaces[i],
				  writer->request.interfaces[i]->link, err) < 0)
			return -1;
	return 0;
}

int write_pcapng_frame(struct capture_writer *writer, const struct capture_frame *frame,
		       const struct capture_interface *interface, struct error *err)
{
	size_t index = frame->interface, length = padded(frame->captured);
	if (index >= WRITE_INTERFACES_MAX)
		return error_set(err, STATUS_CANNOT, "EFORMAT", NULL, "more than %d interfaces",
				 WRITE_INTERFACES_MAX);
	if (!writer->interfaces[index].written &&
	    put_interface(writer, index, interface, frame->link, err) < 0)
		return -1;
	uint32_t block = (uint32_t)(PACKET_FIXED + length + BLOCK_AROUND);
	uint64_t time = frame->time == NS_NONE ? 0 : (uint64_t)frame->time;
	if (!writer->request.nanoseconds)
		time /= (uint64_t)NS_PER_US;
	uint8_t *at = write_room(writer, block, err);
	if (!at)
		return -1;
	at = put_u32(at, BLOCK_PACKET);
	at = put_u32(at, block);
	at = put_u32(at, writer->interfaces[index].number);
	at = put_u32(at, (uint32_t)(time >> 32));
	at = put_u32(at, (uint32_t)time);
	at = put_u32(at, frame->captured);
	at = put_u32(at, frame->length);
	put_u32(at + length - (length ? 4 : 0), 0); /* the padding */
	memcpy(at, frame->bytes, frame->captured);
	put_u32(at + length, block);
	return 0;
}

int write_pcapng_end(struct capture_writer *writer, struct error *err)
{
	for (size_t i = 0; i < WRITE_INTERFACES_MAX; i++) {
		uint8_t body[64], *at = body;
		uint64_t time =
		    (uint64_t)writer->newest / (writer->request.nanoseconds ? 1 : (uint64_t)NS_PER_US);
		if (!writer->interfaces[i].written || !writer->interfaces[i].drops_known)
			continue;
		at = put_u32(at, writer->interfaces[i].number);
		at = put_u32(at, (uint32_t)(time >> 32));
		at = put_u32(at, (uint32_t)time);
		at = put_option(at, 7, &writer->interfaces[i].drops, 8);
		at = put_option(at, 0, NULL, 0);
		if (put_block(writer, BLOCK_STATISTICS, body, (size_t)(at - body), err) < 0)
			return -1;
	}
	return 0;
}

size_t write_whole(const struct capture_writer *writer, size_t length, bool first)
{
	bool classic = writer->request.format == CAPTURE_PCAP;
	size_t at = classic && first ? PCAP_HEADER : 0, around = classic ? RECORD_HEADER : 0;
	if (at > length)
		return 0;
	for (;;) {
		uint32_t size;
		if (length - at < 16)
			return at;
		memcpy(&size, writer->buffer + at + (classic ? 8 : 4), sizeof size);
		if (around + size > length - at)
			return at;
		at += around + size;
	}
}
