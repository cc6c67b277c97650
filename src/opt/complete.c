/* What may come next in a command's words. */
#include "opt/parser.h"

#include <stdio.h>
#include <string.h>

static const struct option *by_word(const struct option *table, const char *word)
{
	for (const struct option *option = table; option && option->name; option++) {
		if (option->style == STYLE_KEYWORD && strcmp(option->name, word) == 0)
			return option;
		if (option->style != STYLE_DASH || word[0] != '-')
			continue;
		if (word[1] == '-' ? strcmp(word + 2, option->name) == 0
				   : option->letter && word[1] && word[strlen(word) - 1] == option->letter)
			return option;
	}
	return NULL;
}

/* Which operand the words before the last have reached. */
static const struct option *due_operand(const struct option *table, size_t given)
{
	for (const struct option *option = table; option && option->name; option++) {
		if (option->style != STYLE_OPERAND)
			continue;
		if (option->flags & OPTION_REPEAT || given == 0)
			return option;
		given--;
	}
	return NULL;
}

static void offer_value(const struct option *option, opt_candidate_fn *found, void *arg)
{
	for (size_t i = 0; option->words && option->words[i]; i++)
		found(&(struct opt_candidate){ option->words[i], option }, arg);
	if (option->type != OPT_WORD)
		found(&(struct opt_candidate){ NULL, option }, arg);
}

/* "--color=" and "+type=": the words of this option, with what stands before them. */
static void offer_after_equals(const struct option *table, const char *last, opt_candidate_fn *found,
			       void *arg)
{
	char word[2 * OPT_SPELLING_MAX];
	size_t length = strcspn(last, "=");
	for (const struct option *option = table; option && option->name; option++) {
		char name[OPT_SPELLING_MAX];
		snprintf(name, sizeof name, "%s%s", option->style == STYLE_PLUS ? "+" : "--", option->name);
		if ((option->style != STYLE_DASH && option->style != STYLE_PLUS) || strlen(name) != length ||
		    memcmp(name, last, length) != 0)
			continue;
		for (size_t i = 0; option->words && option->words[i]; i++) {
			snprintf(word, sizeof word, "%s=%s", name, option->words[i]);
			found(&(struct opt_candidate){ word, option }, arg);
		}
	}
}

static void offer_options(const struct option *table, enum option_style style, opt_candidate_fn *found,
			  void *arg)
{
	char word[OPT_SPELLING_MAX];
	for (const struct option *option = table; option && option->name; option++) {
		if (option->style != style || (option->flags & OPTION_HIDDEN))
			continue;
		opt_long_word(option, word, sizeof word);
		found(&(struct opt_candidate){ word, option }, arg);
	}
}

void opt_complete(const struct option *table, int argc, const char *const *argv, opt_candidate_fn *found,
		  void *arg)
{
	if (argc <= 0 || !table)
		return;
	const char *last = argv[argc - 1];
	size_t given = 0;
	bool ended = false;
	for (int i = 0; i + 1 < argc; i++) {
		const struct option *option = ended ? NULL : by_word(table, argv[i]);
		if (!ended && strcmp(argv[i], "--") == 0) {
			ended = true;
		} else if (option && opt_takes_value(option)) {
			if (i + 2 == argc) {
				offer_value(option, found, arg);
				return;
			}
			i++;
		} else if (!option &&
			   (ended || (argv[i][0] != '-' && argv[i][0] != '+' && argv[i][0] != '@'))) {
			given++;
		}
	}
	if (!ended && (last[0] == '-' || last[0] == '+') && strchr(last, '=')) {
		offer_after_equals(table, last, found, arg);
		return;
	}
	if (!ended && last[0] == '-') {
		offer_options(table, STYLE_DASH, found, arg);
		return;
	}
	if (!ended && (last[0] == '+' || !*last))
		offer_options(table, STYLE_PLUS, found, arg);
	for (const struct option *option = table; !ended && option->name; option++)
		if (option->style == STYLE_AT && last[0] == '@')
			found(&(struct opt_candidate){ NULL, option }, arg);
	if (last[0] == '+' || last[0] == '@')
		return;
	if (!ended)
		offer_options(table, STYLE_KEYWORD, found, arg);
	const struct option *operand = due_operand(table, given);
	if (operand)
		offer_value(operand, found, arg);
	if (!ended && !*last)
		offer_options(table, STYLE_DASH, found, arg);
}
