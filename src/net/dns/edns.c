/* The words that put options into a question's OPT record. */
#include "ntsh/dns_dig.h"

#include "ntsh/addr.h"
#include "wire/bytes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { OPTION_ECS = 8, OPTION_EXPIRE, OPTION_COOKIE, OPTION_KEEPALIVE, OPTION_PADDING };
enum { COOKIE_CLIENT = 8, COOKIE_MAX = 40, DATA_MAX = DNS_OPTIONS_MAX - 4 };

struct builder {
	uint8_t *options;
	size_t used;
	struct error *err;
};

static int put(struct builder *builder, uint16_t code, const uint8_t *data, size_t length)
{
	size_t used = dns_option_put(builder->options, builder->used, code, data, length);
	if (used == builder->used)
		return error_set(builder->err, STATUS_USAGE, "EUSAGE", NULL,
				 "the EDNS options are longer than %d octets together", DNS_OPTIONS_MAX);
	builder->used = used;
	return 0;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* Returns the octets, or -1 with err. */
static int hex_read(const char *text, uint8_t *out, size_t max, const char *option, struct error *err)
{
	size_t length = 0;
	for (; *text && length < max; text += 2, length++) {
		int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);
		if (low < 0)
			break;
		out[length] = (uint8_t)(high << 4 | low);
	}
	if (*text)
		return error_set(err, STATUS_USAGE, "EUSAGE", "an even number of hex digits",
				 "%s: '%.100s' is not hex, or too long", option, text);
	return (int)length;
}

static int cookie_put(struct builder *builder, const char *text)
{
	uint8_t data[COOKIE_MAX];
	if (!*text) {
		if (getrandom(data, COOKIE_CLIENT, GRND_NONBLOCK) != COOKIE_CLIENT)
			bytes_put_u64(data, (uint64_t)clock_real());
		return put(builder, OPTION_COOKIE, data, COOKIE_CLIENT);
	}
	int length = hex_read(text, data, sizeof data, "+cookie", builder->err);
	return length < 0 ? -1 : put(builder, OPTION_COOKIE, data, (size_t)length);
}

/* ADDRESS[/PREFIX], or 0 alone, which asks to be forgotten (RFC 7871 7.1.2). */
static int subnet_put(struct builder *builder, const char *text)
{
	char address[ADDR_TEXT_MAX] = "0.0.0.0";
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	struct addr addr;
	char *end = NULL;
	if (length < sizeof address && strcmp(text, "0") != 0 && strcmp(text, "0/0") != 0) {
		memcpy(address, text, length);
		address[length] = '\0';
	}
	int known = addr_parse(address, &addr);
	unsigned long full = known == 0 ? addr_length(addr.family) * 8 : 0;
	unsigned long prefix = slash ? strtoul(slash + 1, &end, 10) : strcmp(text, "0") == 0 ? 0 : full;
	if (known < 0 || prefix > full || (slash && (slash[1] < '0' || slash[1] > '9' || *end)))
		return error_set(builder->err, STATUS_USAGE, "EUSAGE", "write 192.0.2.0/24 or 2001:db8::/56",
				 "+subnet: '%.100s' is no network", text);
	size_t octets = (prefix + 7) / 8;
	uint8_t data[4 + sizeof addr.bytes] = { 0, addr.family == AF_INET ? 1 : 2, (uint8_t)prefix, 0 };
	memcpy(data + 4, addr.bytes, octets);
	if (prefix % 8)
		data[3 + octets] = (uint8_t)(data[3 + octets] & 0xff << (8 - prefix % 8));
	return put(builder, OPTION_ECS, data, 4 + octets);
}

/* CODE[:HEX]. */
static int other_put(struct builder *builder, const char *text)
{
	char name[32] = "";
	uint8_t data[DATA_MAX];
	const char *colon = strchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : strlen(text);
	memcpy(name, text, length < sizeof name ? length : sizeof name - 1);
	int code = dns_option_code(name);
	if (code < 0)
		return error_set(
		    builder->err, STATUS_USAGE, "EUSAGE",
		    "write its number, or NSID, ECS, COOKIE ..., and the value in hex: 65001:00ff",
		    "+ednsopt: '%.100s' is no EDNS option", name);
	int octets = colon ? hex_read(colon + 1, data, sizeof data, "+ednsopt", builder->err) : 0;
	return octets < 0 ? -1 : put(builder, (uint16_t)code, data, (size_t)octets);
}

int dns_edns_build(const struct dns_edns_words *words, uint8_t options[DNS_OPTIONS_MAX], struct error *err)
{
	static const uint8_t zeroes[DATA_MAX];
	struct builder builder = { options, 0, err };
	if (words->cookie && cookie_put(&builder, words->cookie) < 0)
		return -1;
	if (words->subnet && subnet_put(&builder, words->subnet) < 0)
		return -1;
	if (words->keepalive && put(&builder, OPTION_KEEPALIVE, NULL, 0) < 0)
		return -1;
	if (words->expire && put(&builder, OPTION_EXPIRE, NULL, 0) < 0)
		return -1;
	for (size_t i = 0; i < words->others.count; i++)
		if (other_put(&builder, words->others.items[i]) < 0)
			return -1;
	if (words->padding && put(&builder, OPTION_PADDING, zeroes, (size_t)words->padding) < 0)
		return -1;
	return (int)builder.used;
}
