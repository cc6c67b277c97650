/* Which network namespaces are there, who lives in them, and how is each entered?
 * Those with a name, and those that only processes hold (containers). */
#include "ntsh/netns.h"
#include "ntsh/command.h"
#include "ntsh/iface.h"
#include "ntsh/namespaces.h"

#include <stdio.h>
#include <string.h>

struct args {
	int word;
};

static const char *const words[] = { "list", NULL };

/* clang-format off */
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_WORD, 0, "word", "list", "the same as the bare word", offsetof(struct args, word), .words = words },
	OPTION_END,
};

static const struct field fields[] = {
	{ "namespaces", KIND_NONE, "the initial one, this one, then those with a name, then those that only processes hold" },
	{ "namespaces[].name", KIND_TEXT, "its file in /run/netns; null: it has none" },
	{ "namespaces[].handle", KIND_TEXT, "what -n takes for it: its name, or a process in it" },
	{ "namespaces[].inode", KIND_INTEGER, "its identity, as lsns shows it" },
	{ "namespaces[].id", KIND_INTEGER, "this namespace's number for it; null: none" },
	{ "namespaces[].processes", KIND_COUNT, "in it, that this user can see" },
	{ "namespaces[].pid", KIND_INTEGER, "the lowest of them" },
	{ "namespaces[].program", KIND_TEXT, "its name" },
	{ "namespaces[].current", KIND_FLAG, "this command runs in it" },
	{ "namespaces[].initial", KIND_FLAG, "process 1 is in it" },
	{ "namespaces[].interfaces", KIND_COUNT, "how many there are in it; null: it cannot be entered" },
	{ "namespaces[].addresses", KIND_TEXT, "its addresses, without loopback and link-local ones" },
	{ "total", KIND_COUNT, "how many there are" },
	{ "hidden", KIND_COUNT, "processes whose namespace this user may not see" },
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

enum { ADDRESSES_MAX = 256 };

/* What is inside: needs to go there and back. */
struct inside {
	bool known;
	size_t interfaces;
	char addresses[ADDRESSES_MAX];
};

static void addresses_collect(const struct ifaces *ifaces, char out[ADDRESSES_MAX])
{
	size_t used = 0;
	for (size_t i = 0; i < ifaces->address_count && used < ADDRESSES_MAX; i++) {
		char text[2 * ADDR_TEXT_MAX];
		const struct addr *addr = &ifaces->addresses[i].addr;
		if (!addr_is_loopback(addr) && !addr_is_link_local(addr))
			used += (size_t)snprintf(out + used, ADDRESSES_MAX - used, "%s%s", used ? " " : "",
						 iface_address_text(&ifaces->addresses[i], text));
	}
}

static void look_inside(const struct namespace_info *info, const char *home, struct inside *out)
{
	char handle[NAMESPACE_NAME_MAX];
	struct ifaces ifaces;
	*out = (struct inside){ 0 };
	if (!info->current && (!*namespace_handle(info, handle) || (!*info->name && !info->pid) ||
			       netns_enter(namespace_handle(info, handle), NULL) < 0))
		return;
	if (ifaces_read(&ifaces, NULL) == 0) {
		out->known = true;
		out->interfaces = ifaces.count;
		addresses_collect(&ifaces, out->addresses);
		ifaces_free(&ifaces);
	}
	if (!info->current)
		(void)(home ? netns_enter(home, NULL) : netns_leave(NULL));
}

static void row_put(struct result *result, const struct namespace_info *info, const struct inside *inside)
{
	char handle[NAMESPACE_NAME_MAX];
	bool reachable = *info->name || info->pid;
	result_row_open(result);
	result_put(result, "name", value_text(*info->name ? info->name : NULL));
	result_put(result, "handle", value_text(reachable ? namespace_handle(info, handle) : NULL));
	result_put(result, "inode", value_integer((int64_t)info->inode));
	result_put(result, "id", info->id < 0 ? value_none() : value_integer(info->id));
	result_put(result, "processes", value_count(info->processes));
	result_put(result, "pid", info->pid ? value_integer(info->pid) : value_none());
	result_put(result, "program", value_text(*info->program ? info->program : NULL));
	result_put(result, "current", value_flag(info->current));
	result_put(result, "initial", value_flag(info->initial));
	result_put(result, "interfaces", inside->known ? value_count(inside->interfaces) : value_none());
	result_put(result, "addresses", value_text(*inside->addresses ? inside->addresses : NULL));
	result_row_close(result);
}

static enum status run(struct call *call, const void *arguments)
{
	static const struct column columns[] = {
		{ .name = "name", .heading = "namespace" },
		{ .name = "handle", .heading = "-n" },
		{ .name = "interfaces", .heading = "interfaces", .align = ALIGN_RIGHT },
		{ .name = "processes", .heading = "processes", .align = ALIGN_RIGHT },
		{ .name = "program", .heading = "first one" },
		{ .name = "inode", .heading = "inode", .align = ALIGN_RIGHT, .verbose = true },
		{ .name = "addresses", .heading = "addresses", .flexible = true },
	};
	static const struct table table = { .name = "namespaces",
					    .columns = columns,
					    .column_count = sizeof columns / sizeof columns[0] };
	struct result *result = call->result;
	struct namespaces all;
	const char *current = netns_current();
	char home[256];
	(void)arguments;
	if (namespaces_read(&all, call->error) < 0)
		return call->error->status;
	snprintf(home, sizeof home, "%s", current ? current : "");
	result_list_open(result, &table);
	for (size_t i = 0; i < all.count; i++) {
		struct inside inside;
		look_inside(&all.items[i], *home ? home : NULL, &inside);
		row_put(result, &all.items[i], &inside);
	}
	result_list_close(result);
	result_put(result, "total", value_count(all.count));
	result_put(result, "hidden", value_count(all.hidden));
	result_gap(result);
	result_line(result, TONE_PLAIN,
		    "{total} network namespaces; ntsh -n enters one, netns all runs a command in each");
	if (all.hidden)
		result_note(result,
			    "the namespaces of %u processes are hidden from this user: setcap "
			    "cap_sys_ptrace+ep shows them",
			    all.hidden);
	namespaces_free(&all);
	return STATUS_OK;
}

const struct command command_netns = {
	.name = "netns",
	.summary = "the network namespaces, who lives in them, and how each is entered",
	.options = options,
	.args_size = sizeof(struct args),
	.fields = fields,
	.run = run,
};
