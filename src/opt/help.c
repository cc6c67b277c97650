/* A page with what the option table says, as Markdown. */
#include "base/buf.h"
#include "base/mem.h"
#include "opt/opt.h"
#include "opt/pages.h"
#include "opt/parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_MAX_BYTES = 4 * 1024 * 1024, LABEL_MAX = 128, USAGE_MAX = 4096 };

static bool has_options(const struct option *table, bool operands)
{
	for (; table && table->name; table++)
		if (!(table->flags & OPTION_HIDDEN) && (table->style == STYLE_OPERAND) == operands)
			return true;
	return false;
}

/* The words of an OPT_WORD, or the range when it is a narrow one. */
static void add_values(struct buf *out, const struct option *option)
{
	char range[LABEL_MAX];
	if (option->type == OPT_WORD) {
		buf_add_text(out, ": ");
		for (size_t i = 0; option->words[i]; i++)
			buf_printf(out, "%s`%s`", i ? ", " : "", option->words[i]);
	} else if ((option->min || option->max) && option->type <= OPT_DURATION) {
		buf_printf(out, " (%s)", opt_range_text(option, range, sizeof range));
	}
}

static void add_options(struct buf *out, const struct option *table, bool operands)
{
	char label[LABEL_MAX];
	for (; table && table->name; table++) {
		if ((table->flags & OPTION_HIDDEN) || (table->style == STYLE_OPERAND) != operands)
			continue;
		buf_printf(out, "| `%s` | %s", opt_label(label, sizeof label, table), table->help);
		add_values(out, table);
		buf_add_text(out, " |\n");
	}
}

/* Where the first section begins: options stand before the examples. */
static const char *first_section(const char *body, const char *end)
{
	for (const char *at = body; at < end; at++)
		if ((at == body || at[-1] == '\n') && end - at > 3 && memcmp(at, "## ", 3) == 0)
			return at;
	return end;
}

/* Only what exists: pages may name commands that this build does not have. */
static void add_see_also(struct buf *out, const char *see)
{
	struct help_entry *found = NEW(struct help_entry);
	bool any = false;
	while (*see) {
		size_t length = strcspn(see, ",");
		char *name = mem_strndup(see, length);
		if (help_find(name, found, NULL) == 0) {
			buf_printf(out, "%s`%s`", any ? ", " : "\n## See also\n\n", name);
			any = true;
		}
		free(name);
		see += length + (see[length] == ',');
		see += strspn(see, " ");
	}
	buf_add_text(out, any ? "\n" : "");
	free(found);
}

char *help_markdown(const struct help_entry *entry, size_t *length)
{
	struct buf out = BUF_INIT(PAGE_MAX_BYTES);
	const char *body = page_body(entry->page), *end = entry->page->end;
	const char *sections = first_section(body, end);
	const struct option *table = entry->command ? entry->command->options : NULL;
	char usage[USAGE_MAX];
	buf_printf(&out, "# %s%s%s\n\n", entry->name, entry->summary[0] ? " - " : "", entry->summary);
	if (entry->command)
		buf_printf(&out, "**%s**\n\n", opt_usage(usage, sizeof usage, entry->name, table));
	buf_add(&out, body, (size_t)(sections - body));
	if (has_options(table, true) || has_options(table, false)) {
		buf_add_text(&out, "\n## Options\n\n");
		add_options(&out, table, true);
		add_options(&out, table, false);
		buf_add_text(&out, "\n");
	}
	buf_add(&out, sections, (size_t)(end - sections));
	add_see_also(&out, entry->see);
	*length = out.length;
	return out.bytes ? out.bytes : mem_strdup("");
}
