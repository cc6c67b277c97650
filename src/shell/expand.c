#include "shell/expand.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MAX = 4 << 20, NAME_MAX_BYTES = 256, TAIL_MAX = 64 * 1024 };

struct expander {
	const char *text;
	size_t end, begin;
	const struct expand_env *env;
	struct words *words;
	struct buf word;
	bool started; /* there is a word, perhaps an empty one */
	size_t *place;
	struct error *err;
};

void words_add(struct words *words, const char *bytes, size_t length, size_t offset)
{
	if (words->count + 1 >= words->capacity) {
		words->capacity = words->capacity ? words->capacity * 2 : 8;
		words->items = mem_resize(words->items, (size_t)words->capacity, sizeof *words->items);
		words->offsets = mem_resize(words->offsets, (size_t)words->capacity, sizeof *words->offsets);
	}
	words->items[words->count] = mem_strndup(bytes, length);
	words->offsets[words->count++] = offset;
	words->items[words->count] = NULL;
}

void words_release(struct words *words)
{
	for (int i = 0; i < words->count; i++)
		free(words->items[i]);
	free(words->items);
	free(words->offsets);
	*words = (struct words){ 0 };
}

static void end_word(struct expander *expander)
{
	if (expander->started)
		words_add(expander->words, buf_text(&expander->word), expander->word.length, expander->begin);
	buf_clear(&expander->word);
	expander->started = false;
}

/* An unquoted value falls apart at blanks, as in sh. */
static void add_split(struct expander *expander, const char *value)
{
	while (*value) {
		size_t blanks = strspn(value, " \t\n");
		if (blanks)
			end_word(expander);
		value += blanks;
		size_t length = strcspn(value, " \t\n");
		if (length) {
			buf_add(&expander->word, value, length);
			expander->started = true;
		}
		value += length;
	}
}

static void add_parameters(struct expander *expander)
{
	for (int i = 1; i < expander->env->argc; i++) {
		if (i > 1)
			end_word(expander);
		buf_add_text(&expander->word, expander->env->argv[i]);
		expander->started = true;
	}
}

static int unset(struct expander *expander, const char *name, size_t place)
{
	char hint[ERROR_HINT_MAX];
	const char *near = expander->env->nearest ? expander->env->nearest(name, expander->env->arg) : NULL;
	if (strchr(name, '.'))
		snprintf(hint, sizeof hint,
			 "\"results\" numbers what there is; ${1}.x is parameter 1 with .x behind it");
	else if (near)
		snprintf(hint, sizeof hint, "did you mean $%.100s?", near);
	else if (name[0] >= '0' && name[0] <= '9')
		snprintf(hint, sizeof hint, "$1 is the first word after the batch file's name");
	else
		snprintf(hint, sizeof hint, "\"set %.100s VALUE\" sets it, '$' in single quotes is a dollar",
			 name);
	*expander->place = place;
	return error_set(expander->err, STATUS_USAGE, "EUSAGE", hint, "$%s is not set", name);
}

/* $1.example: no result has such a value, so it is the parameter and what follows it. Static storage. */
static const char *parameter_with_tail(struct expander *expander, const char *name)
{
	static char text[NAME_MAX_BYTES + TAIL_MAX];
	char digit[2] = { name[0], '\0' };
	const char *parameter = expander->env->get(digit, expander->env->arg);
	if (!parameter)
		return NULL;
	snprintf(text, sizeof text, "%s%s", parameter, name + 1);
	return text;
}

/* The variable at *place, which moves behind it. */
static int add_variable(struct expander *expander, size_t *place, bool quoted)
{
	struct slice at;
	size_t end;
	bool bad;
	if (!lex_variable(expander->text, expander->end, *place, &at, &end, &bad)) {
		buf_add_char(&expander->word, '$');
		expander->started = true;
		(*place)++;
		return 0;
	}
	char name[NAME_MAX_BYTES];
	snprintf(name, sizeof name, "%.*s", (int)(at.end - at.begin), expander->text + at.begin);
	if (!strcmp(name, "@")) {
		add_parameters(expander);
	} else {
		const char *value = expander->env->get(name, expander->env->arg);
		if (!value && name[1] == '.' && expander->text[at.begin - 1] == '$')
			value = parameter_with_tail(expander, name);
		if (!value)
			return unset(expander, name, *place);
		if (quoted)
			buf_add_text(&expander->word, value);
		else
			add_split(expander, value);
	}
	*place = end;
	return 0;
}

static int add_double_quoted(struct expander *expander, size_t *place)
{
	const char *text = expander->text;
	size_t at = *place + 1;
	/* "$@" alone is no word when there are no parameters */
	bool parameters = expander->end - at >= 3 && !memcmp(text + at, "$@\"", 3);
	expander->started |= !parameters;
	while (at < expander->end && text[at] != '"') {
		if (text[at] == '$') {
			if (add_variable(expander, &at, true))
				return -1;
			continue;
		}
		if (text[at] == '\\' && at + 1 < expander->end && strchr("\"\\$`\n", text[at + 1]) &&
		    text[at + 1]) {
			if (text[++at] != '\n')
				buf_add_char(&expander->word, text[at]);
		} else {
			buf_add_char(&expander->word, text[at]);
		}
		at++;
	}
	*place = at + 1;
	return 0;
}

static int add_unit(struct expander *expander, size_t *place)
{
	const char *text = expander->text;
	char c = text[*place];
	if (c == '$')
		return add_variable(expander, place, false);
	if (c == '"')
		return add_double_quoted(expander, place);
	if (c == '\\' && *place + 1 < expander->end && text[*place + 1] == '\n') {
		*place += 2;
		return 0;
	}
	expander->started = true;
	if (c == '\'') {
		const char *from = text + *place + 1, *close = memchr(from, '\'', expander->end - *place - 1);
		size_t length = close ? (size_t)(close - from) : expander->end - *place - 1;
		buf_add(&expander->word, from, length);
		*place += length + 2;
		return 0;
	}
	*place += c == '\\' && *place + 1 < expander->end;
	buf_add_char(&expander->word, text[(*place)++]);
	return 0;
}

int expand_word(const char *text, struct slice slice, const struct expand_env *env, struct words *words,
		size_t *place, struct error *err)
{
	struct expander expander = { .text = text,
				     .begin = slice.begin,
				     .end = slice.end,
				     .env = env,
				     .words = words,
				     .word = BUF_INIT(WORD_MAX),
				     .place = place,
				     .err = err };
	int result = 0;
	for (size_t at = slice.begin; at < slice.end && !result;)
		result = add_unit(&expander, &at);
	bool overflow = expander.word.overflow;
	if (!result)
		end_word(&expander);
	buf_release(&expander.word);
	if (overflow && !result) {
		*place = slice.begin;
		return error_set(err, STATUS_USAGE, "EUSAGE", "use less", "this word is longer than %d MiB",
				 WORD_MAX >> 20);
	}
	return result;
}
