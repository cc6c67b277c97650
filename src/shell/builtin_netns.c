/* netns all: the same command in every network namespace. */
#include "ntsh/namespaces.h"
#include "ntsh/netns.h"
#include "shell/builtins.h"
#include "shell/dispatch.h"
#include "shell/shell.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A raw built-in keeps options for the command that it runs. */
static const struct option table[] = { { STYLE_OPERAND, OPT_TEXT, 0, "command", "COMMAND...",
					 "what to run in each of them", 0,
					 .flags = OPTION_REPEAT | OPTION_REQUIRED },
				       OPTION_END };

/* Whose answer follows; not among the objects of --json. */
static void heading(const struct shell *shell, const struct namespace_info *info)
{
	char name[256], shown[512], line[600];
	if (shell->style.json)
		return;
	namespace_describe(info, name, sizeof name);
	out_escape(shown, sizeof shown, name, strlen(name), shell->style.utf8);
	int length =
	    snprintf(line, sizeof line, "== %s%s\n", shown, info->initial ? " (the initial one)" : "");
	if (write(shell->style.fd, line, (size_t)length) < 0)
		return; /* the command itself will find out, and say so */
}

static int run_in(struct shell *shell, const struct namespace_info *info, const struct option_list *list)
{
	char handle[NAMESPACE_NAME_MAX];
	struct words words = { .items = (char **)list->items, .count = (int)list->count };
	const char *before = shell->settings.netns;
	heading(shell, info);
	shell->settings.netns = info->current ? before : namespace_handle(info, handle);
	int status = dispatch_words(shell, &words, NULL);
	shell->settings.netns = before;
	return status;
}

static enum status netns_all_run(struct shell *shell, struct call *call, const void *args)
{
	const struct option_list *list = args;
	struct namespaces all;
	int worst = STATUS_OK;
	if (!list->count)
		return error_set(call->error, STATUS_USAGE, "EUSAGE", "write: netns all COMMAND",
				 "a command is missing"),
		       STATUS_USAGE;
	if (namespaces_read(&all, call->error) < 0)
		return call->error->status;
	for (size_t i = 0; i < all.count; i++) {
		if (!*all.items[i].name && !all.items[i].pid)
			continue;
		int status = run_in(shell, &all.items[i], list);
		worst = status > worst ? status : worst;
		if (status == STATUS_INTERRUPTED || status == STATUS_USAGE || shell->output_broken)
			break;
	}
	namespaces_free(&all);
	return (enum status)worst;
}

const struct builtin builtin_netns_all = {
	.name = "netns all",
	.summary = "run a command in every network namespace",
	.usage = "netns all COMMAND",
	.options = table,
	.args_size = sizeof(struct option_list),
	.raw = true,
	.run = netns_all_run,
};
