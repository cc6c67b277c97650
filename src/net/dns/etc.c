#include "net/dns/etc.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

bool etc_line_next(const char **at, const char *end, struct etc_line *line)
{
	if (*at >= end)
		return false;
	const char *newline = memchr(*at, '\n', (size_t)(end - *at));
	const char *stop = newline ? newline : end;
	const char *comment = memchr(*at, '#', (size_t)(stop - *at));
	*line = (struct etc_line){ *at, comment ? comment : stop };
	*at = newline ? newline + 1 : end;
	return true;
}

bool etc_word_next(struct etc_line *line, char *buf, size_t size)
{
	while (line->at < line->end && is_blank(*line->at))
		line->at++;
	if (line->at == line->end)
		return false;
	size_t length = 0;
	for (; line->at < line->end && !is_blank(*line->at); line->at++)
		if (length + 1 < size && *line->at)
			buf[length++] = *line->at;
	buf[length] = '\0';
	return true;
}

static void service_add(struct nss_line *line, const char *name)
{
	if (line->count == NSS_SERVICES_MAX)
		return;
	struct nss_service *service = &line->services[line->count++];
	*service = (struct nss_service){ .stop = { [NSS_SUCCESS] = true } };
	snprintf(service->name, sizeof service->name, "%.23s", name);
}

/* One "STATUS=ACTION" or "!STATUS=ACTION" between brackets, for the service before it. */
static void action_apply(struct nss_service *service, const char *word)
{
	static const char *const statuses[] = { "success", "notfound", "unavail", "tryagain" };
	bool negated = *word == '!';
	word += negated;
	const char *equals = strchr(word, '=');
	if (!equals)
		return;
	bool stop = strncasecmp(equals + 1, "return", 6) == 0;
	size_t length = (size_t)(equals - word);
	for (int i = 0; i < NSS_STATUSES; i++) {
		bool same = strlen(statuses[i]) == length && strncasecmp(statuses[i], word, length) == 0;
		if (same != negated)
			service->stop[i] = stop;
	}
}

/* What stands between brackets may have blanks in it or none around it: "mdns4 [NOTFOUND=return] dns". */
static void services_read(struct etc_line line, struct nss_line *out)
{
	bool inside = false;
	char word[64];
	size_t length = 0;
	for (const char *c = line.at; c <= line.end; c++) {
		bool ends = c == line.end || is_blank(*c) || *c == '[' || *c == ']';
		if (!ends) {
			if (length + 1 < sizeof word)
				word[length++] = *c;
			continue;
		}
		word[length] = '\0';
		if (length && inside && out->count)
			action_apply(&out->services[out->count - 1], word);
		else if (length && !inside)
			service_add(out, word);
		length = 0;
		if (c < line.end && (*c == '[' || *c == ']'))
			inside = *c == '[';
	}
}

void nss_line_parse(const char *text, size_t length, struct nss_line *out)
{
	*out = (struct nss_line){ .count = 0 };
	const char *at = text, *end = text + length;
	struct etc_line line;
	while (out->count == 0 && etc_line_next(&at, end, &line)) {
		while (line.at < line.end && is_blank(*line.at))
			line.at++;
		if (line.end - line.at < 6 || memcmp(line.at, "hosts:", 6) != 0)
			continue;
		line.at += 6;
		while (line.at < line.end && is_blank(*line.at))
			line.at++;
		while (line.end > line.at && is_blank(line.end[-1]))
			line.end--;
		snprintf(out->text, sizeof out->text, "%.*s",
			 (int)(line.end - line.at > 127 ? 127 : line.end - line.at), line.at);
		services_read(line, out);
	}
	if (out->count == 0) {
		service_add(out, "files");
		service_add(out, "dns");
		snprintf(out->text, sizeof out->text, "files dns");
	}
}

size_t hosts_find(const char *text, size_t length, const char *name, int family, struct addr *out, size_t max,
		  bool *named)
{
	const char *at = text, *end = text + length;
	struct etc_line line;
	size_t count = 0;
	if (named)
		*named = false;
	while (etc_line_next(&at, end, &line)) {
		char word[256];
		struct addr addr;
		if (!etc_word_next(&line, word, sizeof word) || addr_parse(word, &addr) < 0)
			continue;
		bool here = false;
		while (!here && etc_word_next(&line, word, sizeof word))
			here = strcasecmp(word, name) == 0;
		if (!here)
			continue;
		if (named)
			*named = true;
		if ((family == AF_UNSPEC || family == addr.family) && count < max)
			out[count++] = addr;
	}
	return count;
}

bool hosts_name(const char *text, size_t length, const struct addr *addr, char *buf, size_t size)
{
	const char *at = text, *end = text + length;
	struct etc_line line;
	while (etc_line_next(&at, end, &line)) {
		char word[256];
		struct addr here;
		if (etc_word_next(&line, word, sizeof word) && addr_parse(word, &here) == 0 &&
		    addr_equal(&here, addr) && etc_word_next(&line, buf, size))
			return true;
	}
	return false;
}
