/* From possibilities to what Tab inserts. */
#include "base/buf.h"
#include "base/mem.h"
#include "shell/complete.h"

#include <stdlib.h>
#include <string.h>

enum { INSERT_MAX = 64 * 1024 };

size_t complete_choices(const struct complete *complete)
{
	size_t choices = 0;
	for (size_t i = 0; i < complete->count; i++)
		choices += !complete->items[i].place;
	return choices;
}

static bool insert_has_place(const struct complete *complete)
{
	for (size_t i = 0; i < complete->count; i++)
		if (complete->items[i].place)
			return true;
	return false;
}

/* How far all choices agree; never in the middle of a character. */
static size_t insert_common(const struct complete *complete, const char **text)
{
	size_t common = 0;
	*text = NULL;
	for (size_t i = 0; i < complete->count; i++) {
		const struct complete_item *item = &complete->items[i];
		if (item->place)
			continue;
		if (!*text) {
			*text = item->text;
			common = strlen(item->text);
			continue;
		}
		size_t same = 0;
		while (same < common && item->text[same] == (*text)[same])
			same++;
		common = same;
	}
	while (common && *text && ((*text)[common] & 0xc0) == 0x80)
		common--;
	return common;
}

/* Quotes text as the language reads it. open: the quote the user has begun, or 0. */
static void insert_quoted(struct buf *out, const char *text, char open)
{
	static const char special[] = " \t\n;&|<>()'\"\\$#!*?`";
	if (open)
		buf_add_char(out, open);
	for (; *text; text++) {
		bool escape = open ? open == '"' && strchr("\"\\$", *text) : strchr(special, *text) != NULL;
		if (open == '\'' && *text == '\'')
			buf_add_text(out, "'\\'");
		else if (escape)
			buf_add_char(out, '\\');
		buf_add_char(out, *text);
	}
}

char *complete_insert(const struct complete *complete)
{
	const char *text;
	size_t choices = complete_choices(complete), typed = strlen(complete->partial);
	size_t common = insert_common(complete, &text);
	/* Where anything may come, one known value is a proposal, not the only possibility. */
	bool only = choices == 1 && (typed || !insert_has_place(complete));
	if (!choices || (!only && (common <= typed || (!typed && insert_has_place(complete)))))
		return NULL;
	struct buf out = BUF_INIT(INSERT_MAX);
	char *whole = mem_alloc(strlen(complete->head) + common + 1);
	memcpy(whole, complete->head, strlen(complete->head));
	memcpy(whole + strlen(complete->head), text, common);
	if (complete->where == TAIL_VARIABLE || complete->where == TAIL_EXPRESSION)
		buf_add_text(&out, whole);
	else
		insert_quoted(&out, whole, complete->quote);
	char last = common ? text[common - 1] : '\0';
	if (only && last != '/' && last != '=' && last != '.' && complete->where != TAIL_VARIABLE) {
		if (complete->quote)
			buf_add_char(&out, complete->quote);
		buf_add_char(&out, ' ');
	}
	free(whole);
	char *result = mem_strdup(buf_text(&out));
	buf_release(&out);
	return result;
}

bool complete_question_is_text(const char *line, size_t caret)
{
	if (caret && (line[caret - 1] == '\\' || line[caret - 1] == '$'))
		return true;
	struct tail tail;
	tail_read(&tail, line, caret);
	const char *partial = tail.partial ? tail.partial : "";
	bool text = tail.quote || tail.place == TAIL_OUTSIDE || tail.place == TAIL_COMMENT ||
		    strchr(partial, '/') || strchr(partial, '?');
	tail_release(&tail);
	return text;
}
