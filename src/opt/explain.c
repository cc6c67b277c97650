/* Finds what explains a word or an error text: headings of level 3 in the topics, "### TITLE | name | name". */
#include "base/buf.h"
#include "base/mem.h"
#include "opt/pages.h"
#include "opt/parser.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Texts are compared in small letters and digits, with one blank for everything between: " syn sent ". */
enum { PLAIN_MAX = 2048, FOUND_MAX = 16, PART_MOST = 1000 };

struct search {
	char plain[PLAIN_MAX];  /* the question */
	char number[PLAIN_MAX]; /* for an errno's number: its name */
	struct opt_near near;
	struct explanation *out;
	size_t max, count;
	size_t scores[FOUND_MAX];
};

static void make_plain(const char *text, size_t length, char out[PLAIN_MAX])
{
	size_t used = 0;
	out[used++] = ' ';
	for (size_t i = 0; i < length && used + 2 < PLAIN_MAX; i++) {
		unsigned char c = (unsigned char)text[i];
		if (isalnum(c))
			out[used++] = (char)tolower(c);
		else if (out[used - 1] != ' ' && c != '\'')
			out[used++] = ' ';
	}
	if (out[used - 1] != ' ')
		out[used++] = ' ';
	out[used] = '\0';
}

static bool is_number(const char *plain)
{
	return strspn(plain, " 0123456789") == strlen(plain);
}

/* How well a name answers: 0 not at all; whole questions before parts, longer parts before shorter ones. */
static size_t score_of(const struct search *s, const char *name)
{
	size_t length = strlen(name);
	if (length <= 2)
		return 0;
	if (strcmp(s->plain, name) == 0 || (s->number[0] && strcmp(s->number, name) == 0))
		return 2 * PLAIN_MAX + length;
	/* The question is a part of the name: the larger the part, the better, but worse than any name in the question. */
	if (strlen(s->plain) > 4 && strstr(name, s->plain))
		return 2 + strlen(s->plain) * PART_MOST / length;
	/* A bare number, or a word of two letters, inside a text proves little: 502 may be a port. */
	if (!strstr(s->plain, name) || length <= 4)
		return 0;
	return is_number(name) ? 1 : PART_MOST + 2 + length;
}

static void keep(struct search *s, size_t score, const struct explanation *found)
{
	size_t at = s->count;
	while (at > 0 && s->scores[at - 1] < score)
		at--;
	if (at >= s->max)
		return;
	size_t last = s->count < s->max ? s->count++ : s->max - 1;
	memmove(s->out + at + 1, s->out + at, (last - at) * sizeof *s->out);
	memmove(s->scores + at + 1, s->scores + at, (last - at) * sizeof *s->scores);
	s->out[at] = *found;
	s->scores[at] = score;
}

/* One name of a heading: as a whole, and as "CODE  Words" both parts of it. */
static size_t score_name(struct search *s, const char *name, size_t length)
{
	char plain[PLAIN_MAX], shown[HELP_TEXT_MAX];
	make_plain(name, length, plain);
	size_t best = score_of(s, plain);
	const char *gap = memmem(name, length, "  ", 2);
	snprintf(shown, sizeof shown, "%.*s", (int)(gap ? gap - name : (long)length), name);
	opt_near_offer(&s->near, shown);
	if (!gap)
		return best;
	make_plain(name, (size_t)(gap - name), plain);
	size_t score = score_of(s, plain);
	best = score > best ? score : best;
	make_plain(gap, length - (size_t)(gap - name), plain);
	score = score_of(s, plain);
	return score > best ? score : best;
}

static void judge(struct search *s, const char *heading, size_t length, struct explanation *found)
{
	size_t best = 0;
	bool title = true;
	for (const char *at = heading, *end = heading + length; at < end;) {
		const char *bar = memmem(at, (size_t)(end - at), " | ", 3);
		size_t name = (size_t)((bar ? bar : end) - at);
		if (title)
			snprintf(found->title, sizeof found->title, "%.*s", (int)name, at);
		title = false;
		size_t score = score_name(s, at, name);
		best = score > best ? score : best;
		at = bar ? bar + 3 : end;
	}
	if (best)
		keep(s, best, found);
}

static const char *line_after(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));
	return newline ? newline + 1 : end;
}

static bool is_heading(const char *at, const char *end, unsigned most)
{
	unsigned level = 0;
	while (at + level < end && at[level] == '#')
		level++;
	return level && level <= most && at + level < end && at[level] == ' ';
}

static void search_page(struct search *s, const struct help_entry *entry)
{
	const char *end = entry->page->end;
	for (const char *at = page_body(entry->page); at < end; at = line_after(at, end)) {
		if (!is_heading(at, end, 3) || is_heading(at, end, 2))
			continue;
		struct explanation found = { .begin = line_after(at, end) };
		snprintf(found.topic, sizeof found.topic, "%s", entry->name);
		found.end = found.begin;
		while (found.end < end && !is_heading(found.end, end, 3))
			found.end = line_after(found.end, end);
		size_t length = (size_t)(found.begin - at);
		while (length && isspace((unsigned char)at[length - 1]))
			length--;
		judge(s, at + 4, length - 4, &found);
	}
}

/* Only what answers as well as the best stays: the whole question, or the same part of it. */
static size_t cut_off(const struct search *s)
{
	size_t count = 0;
	while (count < s->count && s->scores[count] == s->scores[0])
		count++;
	return count;
}

size_t explain_find(const char *text, struct explanation *out, size_t max, char *hint, size_t hint_size)
{
	struct search s = { .near = { .text = text }, .out = out, .max = max < FOUND_MAX ? max : FOUND_MAX };
	struct help_entry *entry = NEW(struct help_entry);
	make_plain(text, strlen(text), s.plain);
	if (is_number(s.plain) && strlen(s.plain) > 2) {
		const char *name = strerrorname_np((int)strtol(s.plain, NULL, 10));
		if (name)
			make_plain(name, strlen(name), s.number);
	}
	for (size_t i = 0; s.plain[1] && help_entry(i, entry); i++)
		if (entry->topic)
			search_page(&s, entry);
	size_t count = cut_off(&s);
	hint[0] = '\0';
	if (!count && help_find(text, entry, NULL) == 0)
		snprintf(hint, hint_size, "\"help %s\" shows this page", entry->name);
	else if (!count)
		opt_near_hint(&s.near, hint, hint_size);
	free(entry);
	return count;
}
