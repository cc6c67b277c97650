#include "net/vendor.h"

#include "base/buf.h"
#include "base/mem.h"
#include "sys/file.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Far above the 40,000 that there are. */
enum { BLOCKS_MAX = 400000, FILE_MAX = 64 << 20, NAME_MAX_ = 48 };

struct block {
	uint64_t first; /* address as a number */
	uint8_t bits;   /* that are fixed: 24, 28, 36 */
	char name[NAME_MAX_];
};

struct vendors {
	struct block *blocks; /* by first, then the wider block first */
	size_t count, room;
};

static const char *line_next(const char *line)
{
	line += strcspn(line, "\n");
	return *line ? line + 1 : line;
}

/* "AA-BB-CC" or "AABBCC": the hexadecimal digits of count bytes. Returns where they end, NULL when they are none. */
static const char *hex_read(const char *at, unsigned digits, uint64_t *out)
{
	*out = 0;
	for (unsigned i = 0; i < digits; i++, at++) {
		if (*at == '-')
			at++;
		if (!isxdigit((unsigned char)*at))
			return NULL;
		int c = tolower((unsigned char)*at);
		*out = *out << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return at;
}

static void block_add(struct vendors *vendors, uint64_t first, uint8_t bits, const char *name, size_t length)
{
	if (vendors->count == BLOCKS_MAX)
		return;
	if (vendors->count == vendors->room) {
		vendors->room = vendors->room ? vendors->room * 2 : 4096;
		vendors->blocks = mem_resize(vendors->blocks, vendors->room, sizeof *vendors->blocks);
	}
	struct block *block = &vendors->blocks[vendors->count++];
	*block = (struct block){ .first = first, .bits = bits };
	snprintf(block->name, sizeof block->name, "%.*s", (int)(length < NAME_MAX_ ? length : NAME_MAX_ - 1),
		 name);
}

/* "70-B3-D5   (hex)\t\tNAME" of a 24-bit block; below a shared one come "123000-123FFF   (base 16)\t\tNAME" of its parts. */
struct vendors *vendors_read(struct vendors *vendors, const char *text)
{
	uint64_t block = 0, from, to;
	const char *at;
	if (!vendors)
		vendors = NEW(struct vendors);
	for (; *text; text = line_next(text)) {
		size_t length = strcspn(text, "\r\n");
		const char *hex = memmem(text, length, "(hex)", 5),
			   *base = memmem(text, length, "(base 16)", 9);
		const char *name = hex ? hex + 5 : base ? base + 9 : NULL;
		if (!name)
			continue;
		name += strspn(name, " \t");
		size_t name_length = (size_t)(text + length - name);
		if (text + length < name || !name_length)
			continue;
		if (hex && hex_read(text, 6, &block))
			block_add(vendors, block << 24, 24, name, name_length);
		else if (base && (at = hex_read(text, 6, &from)) && *at == '-' && hex_read(at + 1, 6, &to) &&
			 to >= from) {
			/* The line before named the shared block as if it were all this maker's. */
			if (vendors->count && vendors->blocks[vendors->count - 1].first == block << 24)
				vendors->count--;
			block_add(vendors, block << 24 | from, to - from == 0xfff ? 36 : 28, name,
				  name_length);
		}
	}
	return vendors;
}

static int by_first(const void *a, const void *b)
{
	const struct block *x = a, *y = b;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->bits > y->bits) - (x->bits < y->bits);
}

struct vendors *vendors_open(void)
{
	static const char *const files[] = { "oui.txt", "mam.txt", "oui36.txt" };
	struct vendors *vendors = NULL;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		char path[64];
		struct buf text = BUF_INIT(FILE_MAX);
		snprintf(path, sizeof path, "/usr/share/ieee-data/%s", files[i]);
		if (file_read(path, &text) == 0)
			vendors = vendors_read(vendors, buf_text(&text));
		buf_release(&text);
	}
	if (vendors)
		qsort(vendors->blocks, vendors->count, sizeof *vendors->blocks, by_first);
	return vendors;
}

void vendors_close(struct vendors *vendors)
{
	if (!vendors)
		return;
	free(vendors->blocks);
	free(vendors);
}

static const char *block_find(const struct vendors *vendors, uint64_t address, uint8_t bits)
{
	struct block key = { .first = address >> (48 - bits) << (48 - bits), .bits = bits };
	const struct block *found =
	    vendors->count ? bsearch(&key, vendors->blocks, vendors->count, sizeof key, by_first) : NULL;
	return found ? found->name : NULL;
}

const char *vendor_name(const struct vendors *vendors, const uint8_t mac[6])
{
	uint64_t address = 0;
	for (int i = 0; i < 6; i++)
		address = address << 8 | mac[i];
	if (mac[0] & 2)
		return "locally administered";
	const char *found = NULL;
	for (uint8_t bits = 36; vendors && bits >= 24 && !found; bits = bits == 36 ? 28 : (uint8_t)(bits - 4))
		found = block_find(vendors, address, bits);
	return found;
}
