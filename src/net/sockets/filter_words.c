#include "net/sockets/filter_words.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "ntsh/sockets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TEXT_MAX_BYTES = 65536, TOKENS_MAX = 4096 };

/* --- words --- */

static size_t symbol_length(const char *at)
{
	static const char *const symbols[] = { "&&", "||", "==", "!=", "<=", ">=", "(",
					       ")",  "!",  "=",  "<",  ">",  "&",  "|" };
	for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
		if (strncmp(at, symbols[i], strlen(symbols[i])) == 0)
			return strlen(symbols[i]);
	return 0;
}

static int token_add(struct filter_tokens *out, const char *at, size_t length, struct error *err)
{
	if (out->count == TOKENS_MAX)
		return error_set(err, STATUS_USAGE, "EUSAGE", NULL, "the filter has more than %d words",
				 TOKENS_MAX);
	if (out->count % 64 == 0)
		out->words = mem_resize(out->words, out->count + 64, sizeof *out->words);
	out->words[out->count++] = mem_strndup(at, length);
	return 0;
}

int filter_tokens_read(const char *const *words, size_t count, struct filter_tokens *out, struct error *err)
{
	struct buf text = BUF_INIT(TEXT_MAX_BYTES);
	for (size_t i = 0; i < count; i++) {
		buf_add_text(&text, words[i]);
		buf_add_char(&text, ' ');
	}
	int bad = text.overflow ? error_set(err, STATUS_USAGE, "EUSAGE", NULL,
					    "the filter is longer than %d bytes", TEXT_MAX_BYTES)
				: 0;
	const char *at = buf_text(&text);
	while (bad == 0 && *(at += strspn(at, " \t\n"))) {
		size_t length = symbol_length(at);
		if (!length)
			while (at[length] && !strchr(" \t\n", at[length]) && !symbol_length(at + length))
				length++;
		bad = token_add(out, at, length, err);
		at += length;
	}
	buf_release(&text);
	return bad;
}

void filter_tokens_release(struct filter_tokens *tokens)
{
	for (size_t i = 0; i < tokens->count; i++)
		free(tokens->words[i]);
	free(tokens->words);
}

bool filter_word_is(const char *word, const char *spellings)
{
	size_t length = strlen(word);
	for (const char *at = spellings; *at; at += strcspn(at, " "), at += *at == ' ')
		if (strcspn(at, " ") == length && strncasecmp(at, word, length) == 0)
			return true;
	return false;
}

/* --- states --- */

static const struct {
	const char *spellings;
	unsigned states;
} states[] = {
	{ "established estab", 1 << SOCKET_ESTABLISHED },
	{ "syn-sent", 1 << SOCKET_SYN_SENT },
	{ "syn-recv", 1 << SOCKET_SYN_RECV },
	{ "fin-wait-1", 1 << SOCKET_FIN_WAIT1 },
	{ "fin-wait-2", 1 << SOCKET_FIN_WAIT2 },
	{ "time-wait", 1 << SOCKET_TIME_WAIT },
	{ "unconnected closed close unconn", 1 << SOCKET_CLOSE },
	{ "close-wait", 1 << SOCKET_CLOSE_WAIT },
	{ "last-ack", 1 << SOCKET_LAST_ACK },
	{ "listening listen", 1 << SOCKET_LISTEN },
	{ "closing", 1 << SOCKET_CLOSING },
	{ "all", STATES_ALL },
	{ "connected", STATES_CONNECTED },
	{ "synchronized", STATES_SYNCHRONIZED },
	{ "bucket", STATES_BUCKET },
	{ "big", STATES_BIG },
};
enum { STATE_WORDS = sizeof states / sizeof *states };

unsigned filter_states_named(const char *word)
{
	for (size_t i = 0; i < STATE_WORDS; i++)
		if (filter_word_is(word, states[i].spellings))
			return states[i].states;
	return 0;
}

void filter_state_hint(const char *word, char *buf, size_t size)
{
	unsigned best = word ? text_slip(word) + 1 : 0;
	buf[0] = '\0';
	for (size_t i = 0; word && i < STATE_WORDS; i++) {
		char first[32];
		snprintf(first, sizeof first, "%.*s", (int)strcspn(states[i].spellings, " "),
			 states[i].spellings);
		unsigned distance = text_distance(word, first, best);
		if (distance < best) {
			best = distance;
			snprintf(buf, size, "did you mean %s?", first);
		}
	}
	if (!buf[0])
		snprintf(
		    buf, size,
		    "established, syn-sent, syn-recv, fin-wait-1, fin-wait-2, time-wait, closed, close-wait, "
		    "last-ack, listening, closing; all, connected, synchronized, bucket, big");
}

/* --- values --- */

static int bad_value(struct error *err, const char *what, const char *value, const char *hint)
{
	return error_set(err, STATUS_USAGE, "EUSAGE", hint, "'%.100s' is no %s", value, what);
}

static int number_read(const char *text, uint64_t max, uint64_t *out)
{
	char *end;
	if (*text < '0' || *text > '9')
		return -1;
	*out = strtoull(text, &end, 0);
	return *end || *out > max ? -1 : 0;
}

/* "443", "https", "*" (any). */
static int port_read(const char *text, int32_t *out, struct error *err)
{
	uint64_t number;
	if (strcmp(text, "*") == 0 || !*text) {
		*out = PORT_ANY;
		return 0;
	}
	if (number_read(text, UINT16_MAX, &number) == 0) {
		*out = (int32_t)number;
		return 0;
	}
	for (unsigned port = 1; port <= UINT16_MAX; port++) {
		for (int udp = 0; udp < 2; udp++) {
			const char *name = socket_service_name((uint16_t)port, udp);
			if (name && strcasecmp(name, text) == 0) {
				*out = (int32_t)port;
				return 0;
			}
		}
	}
	return bad_value(err, "port", text, "a number up to 65535, or a name in /etc/services");
}

/* /BITS at the end of an address. Returns 0 and cuts it off. */
static int prefix_cut(char *text, unsigned bits, unsigned *out, struct error *err)
{
	char *slash = strchr(text, '/');
	uint64_t number = bits;
	if (slash && (number_read(slash + 1, bits, &number) < 0))
		return bad_value(err, "prefix length", slash + 1,
				 bits == 32 ? "IPv4 has 0 to 32 bits" : "IPv6 has 0 to 128 bits");
	if (slash)
		*slash = '\0';
	*out = (unsigned)number;
	return 0;
}

/* Tries the text as an address with an optional /BITS. Returns 1 when it is one, 0 when it is none, -1 with err. */
static int address_read(struct filter_condition *condition, const char *text, struct error *err)
{
	char copy[ADDR_TEXT_MAX];
	struct addr addr;
	snprintf(copy, sizeof copy, "%s", text);
	copy[strcspn(copy, "/")] = '\0';
	if (strlen(text) >= sizeof copy || addr_parse(copy, &addr) < 0)
		return 0;
	if (condition->family != AF_UNSPEC && condition->family != addr.family)
		return bad_value(err, condition->family == AF_INET ? "IPv4 address" : "IPv6 address", text,
				 NULL);
	snprintf(copy, sizeof copy, "%s", text);
	if (prefix_cut(copy, addr.family == AF_INET ? 32 : 128, &condition->prefix, err) < 0)
		return -1;
	condition->family = addr.family;
	condition->addresses[condition->address_count++] = addr;
	return 1;
}

/* ADDRESS[/BITS][:PORT], [ADDRESS]:PORT, NAME[:PORT], :PORT, * */
static int host_read(struct filter_condition *condition, const char *value, struct error *err)
{
	char text[300];
	if (strlen(value) >= sizeof text)
		return bad_value(err, "host", value, NULL);
	snprintf(text, sizeof text, "%s", value);
	/* Without brackets an IPv6 address is taken whole. */
	int whole = address_read(condition, text, err);
	if (whole)
		return whole < 0 ? -1 : 0;
	char *colon = strrchr(text, ':');
	if (colon && text[0] == '[' && strchr(colon, ']'))
		colon = NULL;
	if (colon) {
		*colon = '\0';
		if (port_read(colon + 1, &condition->port, err) < 0)
			return -1;
	}
	if (!*text || strcmp(text, "*") == 0) {
		condition->any = true;
		return 0;
	}
	char *bracket = strrchr(text, ']');
	if (text[0] == '[' && bracket) {
		/* [fe80::]/10: the parser of addresses wants the brackets gone. */
		memmove(bracket, bracket + 1, strlen(bracket));
		memmove(text, text + 1, strlen(text));
	}
	whole = address_read(condition, text, err);
	if (whole)
		return whole < 0 ? -1 : 0;
	if (strpbrk(text, "/[]@%*?:"))
		return bad_value(err, "host", value,
				 "write ADDRESS, ADDRESS/BITS, ADDRESS:PORT, [IPV6]:PORT, NAME or :PORT");
	condition->name = mem_strdup(text);
	return 0;
}

/* Families that a host may begin with. */
static const struct {
	const char *prefix;
	int family;
} families[] = { { "inet:", AF_INET }, { "inet6:", AF_INET6 }, { "unix:", AF_UNIX }, { "link:", AF_PACKET } };

static int host_or_path_read(struct filter_condition *condition, const char *value, struct error *err)
{
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		size_t length = strlen(families[i].prefix);
		if (strncmp(value, families[i].prefix, length) == 0) {
			condition->family = families[i].family;
			value += length;
			break;
		}
	}
	if (condition->family == AF_UNSPEC && (value[0] == '/' || value[0] == '@'))
		condition->family = AF_UNIX;
	if (condition->family == AF_UNIX || condition->family == AF_PACKET) {
		condition->any = !*value || strcmp(value, "*") == 0;
		condition->name = mem_strdup(value);
		return 0;
	}
	return host_read(condition, value, err);
}

/* "0x10/0xff" */
static int mark_read(struct filter_condition *condition, const char *value, struct error *err)
{
	char text[64];
	uint64_t mark, mask = UINT32_MAX;
	snprintf(text, sizeof text, "%s", value);
	char *slash = strchr(text, '/');
	if (slash)
		*slash++ = '\0';
	if (strlen(value) >= sizeof text || number_read(text, UINT32_MAX, &mark) < 0 ||
	    (slash && number_read(slash, UINT32_MAX, &mask) < 0))
		return bad_value(err, "firewall mark", value, "write MARK or MARK/MASK: 0x10/0xff");
	condition->number = (uint32_t)mark;
	condition->mask = (uint32_t)mask;
	return 0;
}

int filter_value_read(struct filter_condition *condition, const char *value, struct error *err)
{
	switch (condition->field) {
	case FIELD_SRC:
	case FIELD_DST:
		return host_or_path_read(condition, value, err);
	case FIELD_SPORT:
	case FIELD_DPORT:
		if (port_read(value + (value[0] == ':'), &condition->port, err) < 0)
			return -1;
		if (condition->port == PORT_ANY)
			return bad_value(err, "port", value, "a number up to 65535, or a service's name");
		return 0;
	case FIELD_MARK:
		return mark_read(condition, value, err);
	case FIELD_DEV:
	case FIELD_CGROUP:
		condition->name = mem_strdup(value);
		return 0;
	case FIELD_AUTOBOUND:
		break;
	}
	return 0;
}
