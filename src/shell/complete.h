/* What may come next in a line, as a pure function of the line, the caret and a view of the world: Tab and `?` rest on it. */
#ifndef SHELL_COMPLETE_H
#define SHELL_COMPLETE_H

#include "ntsh/command.h"
#include "shell/tail.h"
#include "shell/vars.h"

#include <stdbool.h>
#include <stddef.h>

/* What only the machine knows. */
enum complete_kind {
	COMPLETE_INTERFACE,
	COMPLETE_NETNS,
	COMPLETE_HOST,
	COMPLETE_URL,
	COMPLETE_SERVICE, /* names of ports */
	COMPLETE_SYSCTL,
	COMPLETE_FILE,
	COMPLETE_PROGRAM,
};

/* text is what would be inserted (unquoted); or, with place, what the user is to think of ("HOST"). note: one line about it, or NULL. */
struct complete_item {
	char *text, *note;
	const struct option *option; /* whose word it is, or NULL */
	bool place;
};

struct complete {
	struct complete_item *items;
	size_t count;
	enum tail_place where;
	char quote;   /* open around the word, or 0 */
	size_t start; /* the word begins there in the line, with its quote */
	char *head;   /* part of the word that stays as it is ("--interface=") */
	char
	    *partial; /* the rest of it, as far as it was typed; all items that are no places begin with it */
	char *name;   /* of the command whose words these are, or NULL */
	const struct option *table; /* its options, or NULL */
	const char *summary,
	    *usage; /* usage: in words, for built-ins of the language; NULL: from the table */
};

struct complete_world {
	const struct vars *vars;
	const struct command *last; /* whose result `expect` looks into, or NULL */
	bool abbreviate;
	/* Adds (complete_add) all values of kind that begin with out->partial. */
	void (*values)(void *arg, enum complete_kind kind, struct complete *out);
	void *arg;
};

/* Fills out; give it back with complete_release. */
void complete_line(struct complete *out, const struct complete_world *world, const char *line, size_t caret);
void complete_release(struct complete *complete);

/* Adds a value when it begins with what was typed and is not there yet. note may be NULL. Both are copied. */
void complete_add(struct complete *out, const char *text, const char *note);

/* What replaces line[complete->start..caret) when Tab is pressed: the one possibility with what follows it (a space; nothing
 * after "/" or "="), or as far as all agree. NULL: nothing can be added. To be freed. */
char *complete_insert(const struct complete *complete);

/* How many of the items can be inserted. */
size_t complete_choices(const struct complete *complete);

/* True where ? is a character of the text: inside quotes, a URL, a path, an outside program's text, after $ or \. */
bool complete_question_is_text(const char *line, size_t caret);

#endif
