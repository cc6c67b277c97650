/* DNS in a line (RFC 1035 4): as tcpdump does, "1234+ A? www.example.com. (33)". It reads what was captured, as far as it goes. */
#include "net/capture/line.h"
#include "wire/bytes.h"
#include "wire/dns_name.h"

enum {
	HEADER = 12,
	ANSWERS_SHOWN = 8,
	TYPE_A = 1,
	TYPE_NS = 2,
	TYPE_CNAME = 5,
	TYPE_PTR = 12,
	TYPE_MX = 15,
	TYPE_AAAA = 28,
	TYPE_SRV = 33,
	OPCODE_QUERY = 0
};

struct dns_walk {
	struct pen *pen;
	const uint8_t *bytes;
	size_t at, end;
};

/* Reads a name at walk->at; writes it unless silent. */
static bool name(struct dns_walk *walk, bool silent)
{
	struct dns_name name;
	char text[DNS_NAME_TEXT_MAX];
	if (dns_name_read(walk->bytes, walk->end, &walk->at, &name))
		return false;
	if (!silent) {
		size_t length = dns_name_format(&name, text);
		pen_add(walk->pen, text, length);
	}
	return true;
}

static void type(struct pen *pen, uint16_t number)
{
	char buf[16];
	pen_text(pen, dns_type_name(number, buf));
}

static bool question(struct dns_walk *walk)
{
	size_t begin = walk->at;
	if (!name(walk, true) || walk->at + 4 > walk->end)
		return false;
	size_t behind = walk->at + 4;
	pen_char(walk->pen, ' ');
	type(walk->pen, bytes_get_u16(walk->bytes + walk->at));
	pen_text(walk->pen, "? ");
	walk->at = begin;
	name(walk, false);
	walk->at = behind;
	return true;
}

/* Types whose data is a name, behind so many octets. */
static int name_offset(uint16_t number)
{
	if (number == TYPE_NS || number == TYPE_CNAME || number == TYPE_PTR)
		return 0;
	return number == TYPE_MX ? 2 : number == TYPE_SRV ? 6 : -1;
}

static void data(struct dns_walk *walk, uint16_t number, size_t length)
{
	const uint8_t *at = walk->bytes + walk->at;
	int offset = name_offset(number);
	if (number == TYPE_A && length == 4) {
		pen_char(walk->pen, ' ');
		pen_ipv4(walk->pen, at);
	} else if (number == TYPE_AAAA && length == 16) {
		pen_char(walk->pen, ' ');
		pen_ipv6(walk->pen, at);
	} else if (offset >= 0 && (size_t)offset < length) {
		struct dns_walk inner = *walk;
		inner.at += (size_t)offset;
		inner.end = walk->at + length;
		pen_char(walk->pen, ' ');
		name(&inner, false);
	}
}

static bool record(struct dns_walk *walk, bool first)
{
	if (!name(walk, true) || walk->at + 10 > walk->end)
		return false;
	uint16_t number = bytes_get_u16(walk->bytes + walk->at),
		 length = bytes_get_u16(walk->bytes + walk->at + 8);
	walk->at += 10;
	if (length > walk->end - walk->at)
		return false;
	pen_text(walk->pen, first ? " " : ", ");
	type(walk->pen, number);
	data(walk, number, length);
	walk->at += length;
	return true;
}

static void answers(struct dns_walk *walk, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (i == ANSWERS_SHOWN) {
			pen_printf(walk->pen, ", %u more", count - i);
			return;
		}
		if (!record(walk, i == 0)) {
			pen_text(walk->pen, i ? ", ..." : " ...");
			return;
		}
	}
}

bool line_dns(struct pen *pen, const uint8_t *bytes, size_t length, size_t wire)
{
	char buf[16];
	if (length < HEADER)
		return false;
	struct dns_walk walk = { pen, bytes, HEADER, length };
	uint16_t flags = bytes_get_u16(bytes + 2), questions = bytes_get_u16(bytes + 4);
	unsigned opcode = flags >> 11 & 15;
	bool answer = flags & 0x8000;
	pen_number(pen, bytes_get_u16(bytes));
	if (!answer && flags & 0x0100)
		pen_char(pen, '+');
	if (answer && flags & 0x0400)
		pen_char(pen, '*');
	if (answer && flags & 0x0200)
		pen_char(pen, '|');
	if (opcode != OPCODE_QUERY)
		pen_printf(pen, " opcode %u", opcode);
	if (answer && flags & 15) {
		pen_char(pen, ' ');
		pen_text(pen, dns_rcode_name(flags & 15, buf));
	}
	bool whole = questions == 0 || question(&walk);
	if (answer && whole)
		answers(&walk, bytes_get_u16(bytes + 6));
	if (answer)
		pen_printf(pen, " %u/%u/%u", bytes_get_u16(bytes + 6), bytes_get_u16(bytes + 8),
			   bytes_get_u16(bytes + 10));
	if (!whole)
		pen_text(pen, wire > length ? " [cut]" : " [BROKEN: its question cannot be read]");
	pen_text(pen, " (");
	pen_number(pen, wire);
	pen_char(pen, ')');
	return true;
}
