#include "opt/pages.h"

#include "opt/parser.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *line_end(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));
	return newline ? newline : end;
}

/* True when the line from at to stop is "---". */
static bool is_fence(const char *at, const char *stop)
{
	return stop - at >= 3 && memcmp(at, "---", 3) == 0;
}

const char *page_body(const struct page *page)
{
	const char *at = page->begin, *stop = line_end(at, page->end);
	if (!is_fence(at, stop))
		return at;
	while (stop < page->end) {
		at = stop + 1;
		stop = line_end(at, page->end);
		if (is_fence(at, stop))
			return stop < page->end ? stop + 1 : stop;
	}
	return page->begin;
}

char *page_key(const struct page *page, const char *key, char *buf, size_t size)
{
	const char *end = page_body(page);
	size_t length = strlen(key);
	buf[0] = '\0';
	for (const char *at = page->begin, *stop; at < end; at = stop + 1) {
		stop = line_end(at, end);
		if ((size_t)(stop - at) <= length || memcmp(at, key, length) != 0 || at[length] != ':')
			continue;
		at += length + 1;
		at += strspn(at, " ");
		snprintf(buf, size, "%.*s", stop > at ? (int)(stop - at) : 0, at);
		break;
	}
	return buf;
}

static const struct command *command_of(const char *name)
{
	for (const struct command *const *at = command_registry; *at; at++)
		if (strcmp((*at)->name, name) == 0)
			return *at;
	return NULL;
}

bool help_entry(size_t index, struct help_entry *out)
{
	if (index >= page_count)
		return false;
	const struct page *page = &page_registry[index];
	static const char topics[] = "topics/";
	*out = (struct help_entry){ .page = page };
	out->topic = strncmp(page->name, topics, sizeof topics - 1) == 0;
	page_key(page, "name", out->name, sizeof out->name);
	if (!out->name[0])
		snprintf(out->name, sizeof out->name, "%s",
			 page->name + (out->topic ? sizeof topics - 1 : 0));
	page_key(page, "summary", out->summary, sizeof out->summary);
	page_key(page, "group", out->group, sizeof out->group);
	page_key(page, "see", out->see, sizeof out->see);
	if (out->topic)
		snprintf(out->group, sizeof out->group, "topics");
	else
		out->command = command_of(out->name);
	return true;
}

/* "dns-dig", "dns_dig" and "dns dig" are the same name. */
static bool names_equal(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		bool gap_a = *a == ' ' || *a == '-' || *a == '_', gap_b = *b == ' ' || *b == '-' || *b == '_';
		if (gap_a != gap_b || (!gap_a && strncasecmp(a, b, 1) != 0))
			return false;
	}
	return !*a && !*b;
}

int help_find(const char *name, struct help_entry *out, struct error *err)
{
	struct opt_near near = { .text = name };
	char hint[ERROR_HINT_MAX] = "\"help\" lists the pages";
	for (size_t i = 0; help_entry(i, out); i++) {
		if (names_equal(out->name, name))
			return 0;
		opt_near_offer(&near, out->name);
	}
	opt_near_hint(&near, hint, sizeof hint);
	return error_set(err, STATUS_USAGE, "EUSAGE", hint, "there is no page '%.100s'", name);
}
