/* The text of whois servers: lines of "Label: value", in the fashion of whoever runs them. */
#include "ntsh/whois.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Their labels, and ours. */
static const struct {
	const char *theirs, *ours;
} labels[] = {
	{ "domain name", "name" },
	{ "domain", "name" },
	{ "inetnum", "network" },
	{ "inet6num", "network" },
	{ "netrange", "network" },
	{ "cidr", "network" },
	{ "route", "route" },
	{ "route6", "route" },
	{ "netname", "network name" },
	{ "aut-num", "AS" },
	{ "asnumber", "AS" },
	{ "origin", "AS" },
	{ "originas", "AS" },
	{ "as-name", "AS name" },
	{ "asname", "AS name" },
	{ "orgname", "organisation" },
	{ "org-name", "organisation" },
	{ "organisation", "organisation" },
	{ "organization", "organisation" },
	{ "registrant organization", "organisation" },
	{ "owner", "organisation" },
	{ "descr", "description" },
	{ "country", "country" },
	{ "registrar", "registrar" },
	{ "sponsoring registrar", "registrar" },
	{ "registrar abuse contact email", "abuse" },
	{ "orgabuseemail", "abuse" },
	{ "abuse-mailbox", "abuse" },
	{ "creation date", "created" },
	{ "created", "created" },
	{ "regdate", "created" },
	{ "registered on", "created" },
	{ "updated date", "changed" },
	{ "last-modified", "changed" },
	{ "changed", "changed" },
	{ "updated", "changed" },
	{ "registry expiry date", "expires" },
	{ "registrar registration expiration date", "expires" },
	{ "expiry date", "expires" },
	{ "expires", "expires" },
	{ "paid-till", "expires" },
	{ "domain status", "status" },
	{ "status", "status" },
	{ "name server", "name server" },
	{ "nserver", "name server" },
	{ "dnssec", "DNSSEC" },
};

/* Ways of saying that there is nothing. */
static const char *const nothing[] = {
	"no match for",     "no match found",   "not found",      "no data found",
	"no entries found", "no object found",  "status: free",   "%error:101",
	"is available for", "domain not found", "no such domain",
};

struct line {
	const char *label, *value;
	size_t label_length, value_length;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Takes a line apart; false when it is no "label: value". */
static bool line_split(const char *text, size_t length, struct line *out)
{
	const char *end = text + length;
	while (text < end && blank(*text))
		text++;
	const char *colon = memchr(text, ':', (size_t)(end - text));
	if (!colon || colon == text || *text == '%' || *text == '#')
		return false;
	out->label = text;
	out->label_length = (size_t)(colon - text);
	while (out->label_length &&
	       (blank(text[out->label_length - 1]) || text[out->label_length - 1] == '.'))
		out->label_length--;
	out->value = colon + 1;
	while (out->value < end && blank(*out->value))
		out->value++;
	while (end > out->value && blank(end[-1]))
		end--;
	out->value_length = (size_t)(end - out->value);
	return out->label_length > 0;
}

static bool label_is(const struct line *line, const char *label)
{
	return strlen(label) == line->label_length &&
	       strncasecmp(label, line->label, line->label_length) == 0;
}

static void fact_add(struct whois_reading *out, const struct line *line)
{
	const char *ours = NULL;
	for (size_t i = 0; i < sizeof labels / sizeof labels[0] && !ours; i++)
		if (label_is(line, labels[i].theirs))
			ours = labels[i].ours;
	if (!ours || !line->value_length || out->fact_count == WHOIS_FACTS_MAX)
		return;
	for (size_t i = 0; i < out->fact_count; i++)
		if (out->facts[i].label == ours && out->facts[i].value_length == line->value_length &&
		    strncasecmp(out->facts[i].value, line->value, line->value_length) == 0)
			return;
	out->facts[out->fact_count++] = (struct whois_fact){ ours, line->value, line->value_length };
}

/* "whois://HOST:PORT/", "HOST:PORT" or "HOST", checked by letter: it becomes a name to look up. */
static void referral_take(struct whois_reading *out, const struct line *line)
{
	const char *at = line->value, *end = at + line->value_length;
	if (end - at > 8 && strncasecmp(at, "whois://", 8) == 0)
		at += 8;
	size_t length = 0;
	while (at + length < end &&
	       strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", at[length]) &&
	       at[length])
		length++;
	const char *rest = at + length;
	bool port = rest < end && *rest == ':';
	if (!length || length >= sizeof out->referral || *at == '-' || *at == '.' ||
	    (rest < end && *rest != '/' && !port))
		return;
	unsigned long number = 0;
	const char *digits = rest + 1;
	for (rest = digits; port && rest < end && *rest >= '0' && *rest <= '9' && number <= UINT16_MAX;
	     rest++)
		number = number * 10 + (unsigned long)(*rest - '0');
	/* "rwhois://" is another protocol, and no host with a port. */
	if (port && (rest == digits || number > UINT16_MAX || (rest < end && *rest != '/')))
		return;
	memcpy(out->referral, at, length);
	out->referral[length] = '\0';
	out->referral_port = (uint16_t)number;
}

static void referral_look(struct whois_reading *out, const struct line *line)
{
	static const char *const words[] = { "refer", "whois", "referralserver", "registrar whois server",
					     "whois server" };
	for (size_t i = 0; i < sizeof words / sizeof words[0] && !out->referral[0]; i++)
		if (label_is(line, words[i]))
			referral_take(out, line);
}

static bool says_nothing(const char *text, size_t length)
{
	for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
		size_t word = strlen(nothing[i]);
		for (size_t at = 0; at + word <= length; at++)
			if (strncasecmp(text + at, nothing[i], word) == 0)
				return true;
	}
	return false;
}

void whois_read(const char *text, size_t length, struct whois_reading *out)
{
	enum { LINE_MAX = 4096 };
	*out = (struct whois_reading){ 0 };
	for (size_t at = 0; at < length;) {
		const char *newline = memchr(text + at, '\n', length - at);
		size_t whole = newline ? (size_t)(newline - text) - at : length - at,
		       size = whole < LINE_MAX ? whole : LINE_MAX;
		struct line line;
		if (line_split(text + at, size, &line)) {
			referral_look(out, &line);
			fact_add(out, &line);
		}
		/* Terms of use may say "not found" as well, in long lines. */
		if (size < 160 && out->fact_count < 3)
			out->missing |= says_nothing(text + at, size);
		at += whole + 1;
	}
	if (out->fact_count > 3)
		out->missing = false;
}
