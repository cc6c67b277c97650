/* What the compiled-in pages know: the commands' pages with their options, and the topics that `explain` searches. */
#ifndef NTSH_HELP_H
#define NTSH_HELP_H

#include "ntsh/command.h"
#include "ntsh/pages.h"

#include <stdbool.h>
#include <stddef.h>

enum { HELP_TEXT_MAX = 160 };

/* A page as `help` lists it. name is as the user writes it: "dns dig", or a topic's "tcp-states". */
struct help_entry {
	const struct page *page;
	const struct command *command; /* NULL for built-ins and topics */
	bool topic;
	char name[HELP_TEXT_MAX], summary[HELP_TEXT_MAX], group[HELP_TEXT_MAX], see[HELP_TEXT_MAX];
};

/* The entries, in the order of the pages; false behind the last one. */
bool help_entry(size_t index, struct help_entry *out);

/* Finds a page by its name ("dns dig", "dns-dig", "tcp-states"). Returns 0, or -1 with the near ones in err's hint. */
int help_find(const char *name, struct help_entry *out, struct error *err);

/* The page as Markdown: what it is, usage, text, options from the table, see also. The caller frees it. */
char *help_markdown(const struct help_entry *entry, size_t *length);

/* The same as a man page (man(7) macros, ASCII). The caller frees it. */
char *help_man(const struct help_entry *entry, size_t *length);

/* One thing that the topics explain: a heading of level 3 and what stands under it. */
struct explanation {
	char title[HELP_TEXT_MAX]; /* "ETIMEDOUT  Connection timed out" */
	char topic[HELP_TEXT_MAX]; /* the topic's name */
	const char *begin, *end;   /* Markdown, without the heading */
};

/* Finds what explains a word (an errno's name or number, a status, a state, a flag) or an error text that contains one of the names; the
 * best first. Returns how many were put into out; 0 with the near names in hint ("did you mean ...?", or ""). */
size_t explain_find(const char *text, struct explanation *out, size_t max, char *hint, size_t hint_size);

#endif
