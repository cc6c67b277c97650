#include "wire/dns_message.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE_OPT = 41, OPTION_NSID = 3, OPTION_EDE = 15, QUESTION_MIN = 5, RECORD_MIN = 11 };

static const char *const section_words[DNS_SECTIONS] = { "question", "answer", "authority", "additional" };

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static int malformed(struct error *err, size_t offset, const char *section, const char *what)
{
	return error_set(err, STATUS_BAD, "EBADMSG", "the server, or something between, sends broken DNS",
			 "malformed answer: %s (%s section, octet %zu)", what, section, offset);
}

static void header_read(struct dns_message *message)
{
	const uint8_t *wire = message->wire;
	message->id = get16(wire);
	message->flags = get16(wire + 2);
	message->rcode = message->flags & 15;
	message->qr = message->flags & 0x8000;
	message->aa = message->flags & 0x0400;
	message->tc = message->flags & 0x0200;
	message->rd = message->flags & 0x0100;
	message->ra = message->flags & 0x0080;
	message->ad = message->flags & 0x0020;
	message->cd = message->flags & 0x0010;
}

/* NSID is opaque (RFC 5001 2.3): text when it is text, else hex. */
static void nsid_read(struct dns_message *message, const uint8_t *data, size_t length)
{
	bool text = length > 0;
	for (size_t i = 0; i < length; i++)
		text = text && data[i] >= 0x20 && data[i] < 0x7f;
	size_t used = 0;
	if (text) {
		used = length < sizeof message->nsid ? length : sizeof message->nsid - 1;
		memcpy(message->nsid, data, used);
	}
	for (size_t i = 0; !text && i < length && used + 3 < sizeof message->nsid; i++, used += 2)
		snprintf(message->nsid + used, 3, "%02x", data[i]);
	message->nsid[used] = '\0';
}

static void ede_read(struct dns_message *message, const uint8_t *data, size_t length)
{
	if (length < 2 || message->ede_code >= 0)
		return;
	message->ede_code = get16(data);
	length -= 2;
	if (length >= sizeof message->ede_text)
		length = sizeof message->ede_text - 1;
	memcpy(message->ede_text, data + 2, length);
	message->ede_text[length] = '\0';
}

/* RFC 6891 6.1.3. Returns NULL, or what is wrong. */
static const char *opt_read(struct dns_message *message, const struct dns_record *opt)
{
	if (message->has_edns)
		return "a second OPT record";
	message->has_edns = true;
	message->rcode = (uint16_t)(message->rcode | (opt->ttl >> 24) << 4);
	message->edns_udp_size = opt->class_;
	message->edns_do = opt->ttl & 0x8000;
	message->edns_version = (uint8_t)(opt->ttl >> 16);
	message->options = opt->rdata;
	message->options_length = opt->rdata_length;
	const uint8_t *at = opt->rdata, *end = at + opt->rdata_length;
	while (at < end) {
		if (end - at < 4 || end - at - 4 < get16(at + 2))
			return "an EDNS option runs past its record";
		uint16_t code = get16(at), length = get16(at + 2);
		if (code == OPTION_NSID)
			nsid_read(message, at + 4, length);
		else if (code == OPTION_EDE)
			ede_read(message, at + 4, length);
		at += 4 + length;
	}
	return NULL;
}

/* Reads one record at *offset. Returns NULL, or what is wrong. */
static const char *record_read(const struct dns_message *message, enum dns_section section, size_t *offset,
			       struct dns_record *record)
{
	struct dns_name name;
	const char *wrong = dns_name_read(message->wire, message->length, offset, &name);
	if (wrong)
		return wrong;
	dns_name_format(&name, record->name);
	const uint8_t *at = message->wire + *offset;
	size_t left = message->length - *offset, fixed = section == DNS_QUESTION ? 4 : 10;
	if (left < fixed)
		return "a record is cut off";
	record->type = get16(at);
	record->class_ = get16(at + 2);
	record->ttl = 0;
	record->rdata = NULL;
	record->rdata_length = 0;
	*offset += fixed;
	if (section == DNS_QUESTION)
		return NULL;
	record->ttl = (uint32_t)get16(at + 4) << 16 | get16(at + 6);
	record->rdata_length = get16(at + 8);
	record->rdata = message->wire + *offset;
	if (record->rdata_length > left - fixed)
		return "a record's data runs past the end";
	*offset += record->rdata_length;
	return NULL;
}

static const char *section_read(struct dns_message *message, enum dns_section section, size_t *offset)
{
	size_t announced = get16(message->wire + 4 + 2 * section);
	/* Room for what can be there at most: the count is the sender's word. */
	size_t room = 1 + (message->length - *offset) / (section == DNS_QUESTION ? QUESTION_MIN : RECORD_MIN);
	if (announced < room)
		room = announced;
	if (room)
		message->records[section] = mem_resize(NULL, room, sizeof(struct dns_record));
	for (size_t i = 0; i < announced; i++) {
		/* Answers cut by TC may announce what they do not hold. */
		if (*offset == message->length && message->tc)
			return NULL;
		if (message->counts[section] == room)
			return "records are missing";
		struct dns_record *record = &message->records[section][message->counts[section]];
		const char *wrong = record_read(message, section, offset, record);
		if (wrong)
			return wrong;
		if (section == DNS_ADDITIONAL && record->type == TYPE_OPT)
			wrong = strcmp(record->name, ".") == 0 ? opt_read(message, record)
							       : "an OPT record with a name";
		else
			message->counts[section]++;
		if (wrong)
			return wrong;
	}
	return NULL;
}

struct dns_message *dns_message_parse(const uint8_t *wire, size_t length, struct error *err)
{
	if (length < DNS_HEADER_SIZE || length > DNS_MESSAGE_MAX) {
		error_set(err, STATUS_BAD, "EBADMSG", "the server, or something between, sends broken DNS",
			  "malformed answer: %zu octets are no DNS message", length);
		return NULL;
	}
	struct dns_message *message = NEW(struct dns_message);
	message->wire = mem_dup(wire, length);
	message->length = length;
	message->ede_code = -1;
	header_read(message);
	size_t offset = DNS_HEADER_SIZE;
	for (int section = 0; section < DNS_SECTIONS; section++) {
		const char *wrong = section_read(message, (enum dns_section)section, &offset);
		if (wrong) {
			malformed(err, offset, section_words[section], wrong);
			dns_message_free(message);
			return NULL;
		}
	}
	if (offset < length) {
		malformed(err, offset, section_words[DNS_ADDITIONAL],
			  "octets are left over behind the last record");
		dns_message_free(message);
		return NULL;
	}
	return message;
}

void dns_message_free(struct dns_message *message)
{
	if (!message)
		return;
	for (int section = 0; section < DNS_SECTIONS; section++)
		free(message->records[section]);
	free((void *)(uintptr_t)message->wire);
	free(message);
}
