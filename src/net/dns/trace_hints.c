/* The servers of the root, and the keys that it is trusted by. */
#include "net/dns/trace_parts.h"

#include "base/buf.h"
#include "base/text.h"
#include "net/dns/dnssec_lib.h"
#include "net/dns/etc.h"
#include "sys/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HINTS_MAX = 1 << 20, WORD_MAX = 1200 };

/* https://www.internic.net/domain/named.root of 2024 (b: since November 2023), https://data.iana.org/root-anchors/root-anchors.xml */
static const char built_in[] =
    "a.root-servers.net. A 198.41.0.4\na.root-servers.net. AAAA 2001:503:ba3e::2:30\n"
    "b.root-servers.net. A 170.247.170.2\nb.root-servers.net. AAAA 2801:1b8:10::b\n"
    "c.root-servers.net. A 192.33.4.12\nc.root-servers.net. AAAA 2001:500:2::c\n"
    "d.root-servers.net. A 199.7.91.13\nd.root-servers.net. AAAA 2001:500:2d::d\n"
    "e.root-servers.net. A 192.203.230.10\ne.root-servers.net. AAAA 2001:500:a8::e\n"
    "f.root-servers.net. A 192.5.5.241\nf.root-servers.net. AAAA 2001:500:2f::f\n"
    "g.root-servers.net. A 192.112.36.4\ng.root-servers.net. AAAA 2001:500:12::d0d\n"
    "h.root-servers.net. A 198.97.190.53\nh.root-servers.net. AAAA 2001:500:1::53\n"
    "i.root-servers.net. A 192.36.148.17\ni.root-servers.net. AAAA 2001:7fe::53\n"
    "j.root-servers.net. A 192.58.128.30\nj.root-servers.net. AAAA 2001:503:c27::2:30\n"
    "k.root-servers.net. A 193.0.14.129\nk.root-servers.net. AAAA 2001:7fd::1\n"
    "l.root-servers.net. A 199.7.83.42\nl.root-servers.net. AAAA 2001:500:9f::42\n"
    "m.root-servers.net. A 202.12.27.33\nm.root-servers.net. AAAA 2001:dc3::35\n"
    ". DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n"
    ". DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16\n";

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hex digits of the rest of the line, blanks between. Returns how many octets. */
static size_t hex_read(struct etc_line *line, uint8_t *out, size_t size)
{
	char word[WORD_MAX];
	size_t used = 0;
	while (etc_word_next(line, word, sizeof word))
		for (const char *c = word; c[0] && c[1] && used < size; c += 2) {
			int high = hex_value(c[0]), low = hex_value(c[1]);
			if (high < 0 || low < 0)
				return used;
			out[used++] = (uint8_t)(high << 4 | low);
		}
	return used;
}

static int base64_value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

static size_t base64_read(struct etc_line *line, uint8_t *out, size_t size)
{
	char word[WORD_MAX];
	size_t used = 0;
	unsigned bits = 0, have = 0;
	while (etc_word_next(line, word, sizeof word))
		for (const char *c = word; *c; c++) {
			int value = base64_value(*c);
			if (value < 0)
				continue;
			bits = (bits << 6 | (unsigned)value) & 0xffff;
			have += 6;
			if (have >= 8 && used < size) {
				have -= 8;
				out[used++] = (uint8_t)(bits >> have);
			}
		}
	return used;
}

static bool number_next(struct etc_line *line, unsigned long most, unsigned long *out)
{
	char word[16], *end;
	if (!etc_word_next(line, word, sizeof word) || word[0] < '0' || word[0] > '9')
		return false;
	*out = strtoul(word, &end, 10);
	return !*end && *out <= most;
}

static void ds_line(struct etc_line *line, struct rrset *anchors)
{
	uint8_t ds[4 + 64];
	unsigned long tag, algorithm, digest;
	if (!number_next(line, 65535, &tag) || !number_next(line, 255, &algorithm) ||
	    !number_next(line, 255, &digest))
		return;
	ds[0] = (uint8_t)(tag >> 8);
	ds[1] = (uint8_t)tag;
	ds[2] = (uint8_t)algorithm;
	ds[3] = (uint8_t)digest;
	size_t length = hex_read(line, ds + 4, sizeof ds - 4);
	if (length)
		rrset_add(anchors, ds, 4 + length);
}

/* A key as anchor becomes the DS that it would have. */
static void key_line(struct etc_line *line, struct rrset *anchors)
{
	/* The root's owner name, one zero octet, stands before it in what is digested. */
	uint8_t data[1 + 4 + WORD_MAX] = { 0 }, ds[4 + 64];
	unsigned long flags, protocol, algorithm;
	if (!number_next(line, 65535, &flags) || !number_next(line, 255, &protocol) ||
	    !number_next(line, 255, &algorithm) || !(flags & 1))
		return;
	data[1] = (uint8_t)(flags >> 8);
	data[2] = (uint8_t)flags;
	data[3] = (uint8_t)protocol;
	data[4] = (uint8_t)algorithm;
	size_t length = base64_read(line, data + 5, sizeof data - 5);
	struct rdata key = { data + 1, (uint16_t)(4 + length) };
	uint16_t tag = dnssec_key_tag(&key);
	ds[0] = (uint8_t)(tag >> 8);
	ds[1] = (uint8_t)tag;
	ds[2] = data[4];
	ds[3] = 2;
	size_t digest = length ? dnssec_digest(2, data, 5 + length, ds + 4) : 0;
	if (digest)
		rrset_add(anchors, ds, 4 + digest);
}

static void address_line(struct etc_line *line, const char *owner, int family, struct walk_zone_inner *root)
{
	char word[ADDR_TEXT_MAX];
	struct addr addr;
	if (!etc_word_next(line, word, sizeof word) || addr_parse(word, &addr) < 0 || addr.family != family)
		return;
	walk_server_add(root, owner, &addr, WALK_HINT);
}

/* The owner was read; what may stand between is a TTL and a class. */
static void hint_line(struct etc_line *line, const char *owner, struct walk_zone_inner *root,
		      struct rrset *anchors)
{
	char word[32];
	bool of_root = strcmp(owner, ".") == 0;
	while (etc_word_next(line, word, sizeof word)) {
		if ((word[0] >= '0' && word[0] <= '9') || strcasecmp(word, "IN") == 0)
			continue;
		if (strcasecmp(word, "A") == 0)
			address_line(line, owner, AF_INET, root);
		else if (strcasecmp(word, "AAAA") == 0)
			address_line(line, owner, AF_INET6, root);
		else if (strcasecmp(word, "DS") == 0 && of_root)
			ds_line(line, anchors);
		else if (strcasecmp(word, "DNSKEY") == 0 && of_root)
			key_line(line, anchors);
		return;
	}
}

int walk_hints_parse(const char *text, size_t length, struct walk_zone_inner *root, struct rrset *anchors,
		     struct error *err)
{
	const char *at = text, *end = text + length;
	struct etc_line line;
	while (etc_line_next(&at, end, &line)) {
		const char *comment = memchr(line.at, ';', (size_t)(line.end - line.at));
		char owner[DNS_NAME_TEXT_MAX];
		struct dns_name name;
		if (comment)
			line.end = comment;
		if (!etc_word_next(&line, owner, sizeof owner) || dns_name_parse(owner, &name, NULL) < 0)
			continue;
		dns_name_lower(&name);
		dns_name_format(&name, owner);
		hint_line(&line, owner, root, anchors);
	}
	if (root->pub.server_count)
		return 0;
	return error_set(err, STATUS_USAGE, "EUSAGE",
			 "a hints file has lines like 'a.root-servers.net. A 198.41.0.4'",
			 "no %saddress of a root server is in it",
			 root->trace->request.family == AF_INET    ? "IPv4 "
			 : root->trace->request.family == AF_INET6 ? "IPv6 "
								   : "");
}

int walk_hints(struct walk *trace, struct error *err)
{
	struct dns_name root = { .length = 1 };
	struct walk_zone_inner *zone = walk_zone_add(trace, &root, -1, false);
	trace->anchors = (struct rrset){ .owner = root, .type = RR_DS, .class_ = 1 };
	const char *path = trace->request.root_file;
	if (!path)
		return walk_hints_parse(built_in, sizeof built_in - 1, zone, &trace->anchors, err);
	struct buf text = BUF_INIT(HINTS_MAX);
	int failed = file_read(path, &text);
	if (failed < 0)
		error_errno(err, errno, NULL, "the hints file %s cannot be read", path);
	else
		failed = walk_hints_parse(buf_text(&text), text.length, zone, &trace->anchors, err);
	buf_release(&text);
	return failed;
}
