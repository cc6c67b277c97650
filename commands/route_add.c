/* How do I add a route, and what would it change?
 * Says what will change, asks at a terminal, does it with --yes elsewhere, and prints how to undo it. The kernel's refusals are explained. */
#include "ntsh/route_edit.h"

struct args {
	struct option_list words;
	bool yes, replace;
};

/* clang-format off */
static const char *const completions[] = { "default", "via", "dev", "metric", "table", "proto", "scope", "src", "mtu", "onlink", "nexthop", "nhid",
	"blackhole", "unreachable", "prohibit", NULL };
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_TEXT, 0, "words", "PREFIX [via ADDRESS] [dev IF] ...", "the route, in the words of ip route",
	  offsetof(struct args, words), 0, 0, completions, OPTION_REQUIRED | OPTION_REPEAT, NULL },
	{ STYLE_DASH, OPT_FLAG, 'y', "yes", NULL, "do it without asking", offsetof(struct args, yes), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'r', "replace", NULL, "in place of the route of the same prefix, table and metric, if there is one",
	  offsetof(struct args, replace), 0, 0, NULL, 0, NULL },
	OPTION_END,
};
/* clang-format on */

static const struct field fields[] = { ROUTE_EDIT_FIELDS, { NULL, KIND_NONE, NULL } };

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	return route_edit_run(call, &args->words, false, args->replace, args->yes);
}

const struct command command_route_add = {
	.name = "route add",
	.summary = "add a route, after saying what changes",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
