/* A table's own mistakes, found at start in debug builds and by the tests. */
#include "opt/parser.h"

#include <stdio.h>
#include <string.h>

static size_t type_size(const struct option *option)
{
	if (option->flags & OPTION_REPEAT)
		return sizeof(struct option_list);
	switch (option->type) {
	case OPT_FLAG:
		return sizeof(bool);
	case OPT_COUNT:
	case OPT_BYTES:
	case OPT_DURATION:
	case OPT_PORT:
		return sizeof(int64_t);
	case OPT_WORD:
	case OPT_SWITCH:
		return sizeof(int);
	case OPT_ADDRESS:
		return sizeof(struct addr);
	default:
		return sizeof(const char *);
	}
}

static const char *option_defect(const struct option *option, size_t args_size)
{
	int64_t min, max;
	opt_range(option, &min, &max);
	if (!option->help || !*option->help)
		return "has no help";
	if (option->help[strlen(option->help) - 1] == '.')
		return "has help that ends in a full stop";
	if (opt_takes_value(option) && !option->metavar && option->style != STYLE_OPERAND)
		return "takes a value but has no metavar";
	if (!opt_takes_value(option) && option->style == STYLE_OPERAND)
		return "is an operand without a value";
	if (option->letter && option->style != STYLE_DASH)
		return "has a letter but no dash";
	if (option->type == OPT_WORD && !option->words)
		return "has no words";
	if (min > max)
		return "has its range upside down";
	if ((option->flags & OPTION_REQUIRED) && option->style != STYLE_OPERAND)
		return "is required but no operand";
	if (option->offset + type_size(option) > args_size)
		return "lies outside the argument struct";
	return NULL;
}

static const char *pair_defect(const struct option *a, const struct option *b)
{
	if (a->letter && a->letter == b->letter)
		return "has a letter that another one has";
	if (a->style == b->style && strcmp(a->name, b->name) == 0)
		return "has a name that another one has";
	return NULL;
}

static bool excludes_are_known(const struct option *table, const char *excludes)
{
	while (excludes && *excludes) {
		size_t length = strcspn(excludes, " ");
		bool known = length == 0;
		for (const struct option *option = table; option->name && !known; option++)
			known = strlen(option->name) == length && memcmp(option->name, excludes, length) == 0;
		if (!known)
			return false;
		excludes += length;
		excludes += *excludes == ' ';
	}
	return true;
}

const char *opt_table_defect(const struct option *table, size_t args_size)
{
	static char said[200];
	for (const struct option *option = table; option && option->name; option++) {
		const char *defect = option_defect(option, args_size);
		for (const struct option *other = option + 1; !defect && other->name; other++)
			defect = pair_defect(option, other);
		if (!defect && !excludes_are_known(table, option->excludes))
			defect = "excludes an option that does not exist";
		if (defect) {
			snprintf(said, sizeof said, "option %s %s", option->name, defect);
			return said;
		}
	}
	return NULL;
}
