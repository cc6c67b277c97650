/* How options are shown: one by one, and in the usage line. */
#include "opt/parser.h"

#include <stdio.h>
#include <string.h>

const char *opt_spell(const struct option *option, char *buf, size_t size)
{
	switch (option->style) {
	case STYLE_DASH:
		if (option->letter)
			snprintf(buf, size, "-%c", option->letter);
		else
			snprintf(buf, size, "--%s", option->name);
		break;
	case STYLE_PLUS:
		snprintf(buf, size, "+%s", option->name);
		break;
	case STYLE_AT:
		snprintf(buf, size, "@%s", option->metavar ? option->metavar : option->name);
		break;
	case STYLE_KEYWORD:
		snprintf(buf, size, "%s", option->name);
		break;
	case STYLE_OPERAND:
		snprintf(buf, size, "%s", option->metavar ? option->metavar : option->name);
		break;
	}
	return buf;
}

const char *opt_long_word(const struct option *option, char *buf, size_t size)
{
	if (option->style == STYLE_DASH)
		snprintf(buf, size, "--%s", option->name);
	else if (option->style == STYLE_PLUS)
		snprintf(buf, size, "+%s%s", option->name,
			 opt_takes_value(option) && !(option->flags & OPTION_BARE) ? "=" : "");
	else
		opt_spell(option, buf, size);
	return buf;
}

char *opt_label(char *buf, size_t size, const struct option *option)
{
	char spelling[OPT_SPELLING_MAX];
	const char *metavar =
	    opt_takes_value(option) ? option->metavar ? option->metavar : option->name : NULL;
	opt_spell(option, spelling, sizeof spelling);
	if (option->style == STYLE_DASH && option->letter)
		snprintf(buf, size, "-%c, --%s%s%s", option->letter, option->name, metavar ? " " : "",
			 metavar ? metavar : "");
	else if (metavar && (option->style == STYLE_DASH || option->style == STYLE_KEYWORD))
		snprintf(buf, size, "%s %s", spelling, metavar);
	else if (metavar && option->style == STYLE_PLUS)
		snprintf(buf, size, "%s=%s", spelling, metavar);
	else
		snprintf(buf, size, "%s", spelling);
	return buf;
}

static void usage_add(char *buf, size_t size, const struct option *option)
{
	char spelling[OPT_SPELLING_MAX];
	size_t used = strlen(buf);
	const char *metavar =
	    opt_takes_value(option) ? option->metavar ? option->metavar : option->name : NULL;
	bool value_apart = metavar && (option->style == STYLE_DASH || option->style == STYLE_KEYWORD);
	bool value_equals = metavar && option->style == STYLE_PLUS && !(option->flags & OPTION_BARE);
	bool required = option->flags & OPTION_REQUIRED;
	snprintf(buf + used, size - used, " %s%s%s%s%s%s", required ? "" : "[",
		 opt_spell(option, spelling, sizeof spelling),
		 value_apart    ? " "
		 : value_equals ? "="
				: "",
		 value_apart || value_equals ? metavar : "", option->flags & OPTION_REPEAT ? "..." : "",
		 required ? "" : "]");
}

char *opt_usage(char *buf, size_t size, const char *command, const struct option *table)
{
	snprintf(buf, size, "%s", command);
	for (const struct option *option = table; option && option->name; option++)
		if (option->style == STYLE_OPERAND && !(option->flags & OPTION_HIDDEN))
			usage_add(buf, size, option);
	for (const struct option *option = table; option && option->name; option++)
		if (option->style != STYLE_OPERAND && !(option->flags & OPTION_HIDDEN))
			usage_add(buf, size, option);
	return buf;
}
