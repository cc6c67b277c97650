#include "net/dns/rrset.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where names stand in the data of the types whose names are put into lower case (RFC 4034 6.2 (3), RFC 6840 5.1): octets to skip, then
 * that many names, then the rest as it is. strings: character-strings before the names (NAPTR). */
static const struct layout {
	uint16_t type;
	uint8_t skip, strings, names;
} layouts[] = {
	{ RR_NS, 0, 0, 1 },  { 3, 0, 0, 1 },  { 4, 0, 0, 1 },         { RR_CNAME, 0, 0, 1 },
	{ RR_SOA, 0, 0, 2 }, { 7, 0, 0, 1 },  { 8, 0, 0, 1 },         { 9, 0, 0, 1 },
	{ RR_PTR, 0, 0, 1 }, { 14, 0, 0, 2 }, { RR_MX, 2, 0, 1 },     { 17, 0, 0, 2 },
	{ 18, 2, 0, 1 },     { 21, 2, 0, 1 }, { 24, 18, 0, 1 },       { 26, 2, 0, 2 },
	{ 30, 0, 0, 1 },     { 33, 6, 0, 1 }, { 35, 4, 3, 1 },        { 36, 2, 0, 1 },
	{ 38, 0, 0, 0 },     { 39, 0, 0, 1 }, { RR_RRSIG, 18, 0, 1 },
};

enum { RDATA_MAX = 65535 };

struct writer {
	uint8_t bytes[RDATA_MAX];
	size_t length;
};

static const struct layout *layout_of(uint16_t type)
{
	for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
		if (layouts[i].type == type)
			return &layouts[i];
	return NULL;
}

static bool write(struct writer *writer, const uint8_t *bytes, size_t length)
{
	if (length > RDATA_MAX - writer->length)
		return false;
	memcpy(writer->bytes + writer->length, bytes, length);
	writer->length += length;
	return true;
}

/* Copies what stands before the names. Returns false when it is cut. */
static bool write_head(struct writer *writer, const struct layout *layout, const uint8_t *wire, size_t *at,
		       size_t end)
{
	size_t from = *at;
	if (end - *at < layout->skip)
		return false;
	*at += layout->skip;
	for (unsigned i = 0; i < layout->strings; i++) {
		if (*at >= end || end - *at < 1u + wire[*at])
			return false;
		*at += 1u + wire[*at];
	}
	return write(writer, wire + from, *at - from);
}

static bool canonical(const struct dns_message *message, const struct dns_record *record,
		      struct writer *writer)
{
	const struct layout *layout = layout_of(record->type);
	size_t at = (size_t)(record->rdata - message->wire), end = at + record->rdata_length;
	writer->length = 0;
	if (layout && !write_head(writer, layout, message->wire, &at, end))
		return false;
	for (unsigned i = 0; layout && i < layout->names; i++) {
		struct dns_name name;
		if (dns_name_read(message->wire, end, &at, &name))
			return false;
		dns_name_lower(&name);
		if (!write(writer, name.wire, name.length))
			return false;
	}
	return write(writer, message->wire + at, end - at);
}

static int compare(const struct rdata *a, const uint8_t *bytes, size_t length)
{
	size_t least = a->length < length ? a->length : length;
	int order = least ? memcmp(a->bytes, bytes, least) : 0;
	if (order)
		return order;
	return a->length < length ? -1 : a->length > length;
}

void rrset_add(struct rrset *set, const void *bytes, size_t length)
{
	size_t at = set->count;
	if (set->count == RRSET_MAX || length > RDATA_MAX)
		return;
	while (at > 0) {
		int order = compare(&set->items[at - 1], bytes, length);
		if (order == 0)
			return;
		if (order < 0)
			break;
		at--;
	}
	set->items = mem_resize(set->items, set->count + 1, sizeof *set->items);
	memmove(set->items + at + 1, set->items + at, (set->count - at) * sizeof *set->items);
	set->items[at] =
	    (struct rdata){ .bytes = mem_alloc(length ? length : 1), .length = (uint16_t)length };
	memcpy(set->items[at].bytes, bytes, length);
	set->count++;
}

void rrset_owner(const struct dns_record *record, struct dns_name *out)
{
	/* What the decoder wrote as text reads back; nothing else gets here. */
	if (dns_name_parse(record->name, out, NULL) < 0)
		*out = (struct dns_name){ .length = 1 };
	dns_name_lower(out);
}

size_t rrset_take(const struct dns_message *message, enum dns_section section, const struct dns_name *owner,
		  uint16_t type, struct rrset *out)
{
	*out = (struct rrset){ .owner = *owner, .type = type, .class_ = 1 };
	dns_name_lower(&out->owner);
	if (!message)
		return 0;
	struct writer *writer = NULL;
	for (size_t i = 0; i < message->counts[section]; i++) {
		const struct dns_record *record = &message->records[section][i];
		struct dns_name name;
		if (record->type != type || record->class_ != 1)
			continue;
		rrset_owner(record, &name);
		if (!dns_name_equal(&name, owner))
			continue;
		if (!writer)
			writer = NEW(struct writer);
		if (!canonical(message, record, writer))
			continue;
		if (!out->count || record->ttl < out->ttl)
			out->ttl = record->ttl;
		rrset_add(out, writer->bytes, writer->length);
	}
	free(writer);
	return out->count;
}

void rrset_release(struct rrset *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->items[i].bytes);
	free(set->items);
	set->items = NULL;
	set->count = 0;
}

void rrset_copy(const struct rrset *from, struct rrset *out)
{
	struct rrset copy = *from;
	copy.items = NULL;
	copy.count = 0;
	for (size_t i = 0; i < from->count; i++)
		rrset_add(&copy, from->items[i].bytes, from->items[i].length);
	*out = copy;
}

bool rrset_equal(const struct rrset *a, const struct rrset *b)
{
	if (a->type != b->type || a->count != b->count || !dns_name_equal(&a->owner, &b->owner))
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (compare(&a->items[i], b->items[i].bytes, b->items[i].length) != 0)
			return false;
	return true;
}

bool rdata_name(const struct rdata *data, size_t at, struct dns_name *out)
{
	return at < data->length && !dns_name_read(data->bytes, data->length, &at, out);
}

void rdata_text(uint16_t type, const struct rdata *data, char *buf, size_t size)
{
	struct dns_message message = { .wire = data->bytes, .length = data->length };
	struct dns_record record = {
		.name = ".", .type = type, .class_ = 1, .rdata = data->bytes, .rdata_length = data->length
	};
	dns_record_text(&message, &record, buf, size);
}
