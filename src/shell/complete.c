#include "shell/complete.h"

#include "base/buf.h"
#include "base/mem.h"
#include "opt/opt.h"
#include "shell/complete_words.h"
#include "shell/find.h"
#include "shell/globals.h"

#include <stdlib.h>
#include <string.h>

enum { COMPLETE_ITEMS_MAX = 5000, COMPLETE_TEXT_MAX = 64 * 1024 };

static struct complete_item *complete_push(struct complete *out, const char *text, const char *note)
{
	if (out->count == COMPLETE_ITEMS_MAX)
		return NULL;
	if ((out->count & (out->count - 1)) == 0)
		out->items = mem_resize(out->items, out->count ? out->count * 2 : 1, sizeof *out->items);
	out->items[out->count] = (struct complete_item){ .text = mem_strdup(text), .note = mem_strdup(note) };
	return &out->items[out->count++];
}

static struct complete_item *complete_add_item(struct complete *out, const char *text, const char *note)
{
	if (strncmp(text, out->partial, strlen(out->partial)) != 0 || !*text)
		return NULL;
	for (size_t i = 0; i < out->count; i++)
		if (!out->items[i].place && strcmp(out->items[i].text, text) == 0)
			return NULL;
	return complete_push(out, text, note);
}

void complete_add(struct complete *out, const char *text, const char *note)
{
	complete_add_item(out, text, note);
}

static void complete_add_place(struct complete *out, const struct option *option)
{
	for (size_t i = 0; i < out->count; i++)
		if (out->items[i].place && out->items[i].option == option)
			return;
	struct complete_item *item =
	    complete_push(out, option->metavar ? option->metavar : option->name, option->help);
	if (!item)
		return;
	item->place = true;
	item->option = option;
}

static int complete_compare(const void *a, const void *b)
{
	return strcmp(((const struct complete_item *)a)->text, ((const struct complete_item *)b)->text);
}

static void complete_sort(struct complete *out, size_t from)
{
	if (out->count > from)
		qsort(out->items + from, out->count - from, sizeof *out->items, complete_compare);
}

/* --- the values of an option --- */

struct seeker {
	struct complete *out;
	const struct complete_world *world;
	const char *const *words; /* those behind the command's name, before the one that is typed */
	int count;
};

static void complete_from_machine(struct complete *out, const struct complete_world *world,
				  enum complete_kind kind)
{
	if (world->values)
		world->values(world->arg, kind, out);
}

/* The operands so far, each with a blank behind it. */
static char *complete_before(const char *const *words, int count)
{
	struct buf text = BUF_INIT(COMPLETE_TEXT_MAX);
	for (int i = 0; i < count; i++)
		if (words[i][0] != '-')
			buf_printf(&text, "%s ", words[i]);
	char *result = mem_strdup(buf_text(&text));
	buf_release(&text);
	return result;
}

static void complete_explained_sorted(struct complete *out)
{
	size_t from = out->count;
	complete_explained(out);
	complete_sort(out, from);
}

static void complete_text(struct complete *out, const struct complete_world *world,
			  const struct option *option)
{
	if (strcmp(option->name, "netns") == 0)
		complete_from_machine(out, world, COMPLETE_NETNS);
	else if (strcmp(option->name, "interface") == 0)
		complete_from_machine(out, world, COMPLETE_INTERFACE);
	else if (out->name && strcmp(out->name, "explain") == 0)
		complete_explained_sorted(out);
	else if (option->metavar && strstr(option->metavar, "URL"))
		complete_from_machine(out, world, COMPLETE_URL);
	else if (option->metavar && (strstr(option->metavar, "HOST") || strstr(option->metavar, "TARGET")))
		complete_from_machine(out, world, COMPLETE_HOST);
}

static void complete_value(const struct seeker *seeker, const struct option *option)
{
	struct complete *out = seeker->out;
	const struct complete_world *world = seeker->world;
	char *before;
	complete_add_place(out, option);
	size_t from = out->count;
	switch (option->type) {
	case OPT_INTERFACE:
		complete_from_machine(out, world, COMPLETE_INTERFACE);
		break;
	case OPT_HOST:
	case OPT_TARGET:
	case OPT_NAME:
	case OPT_ADDRESS:
		complete_from_machine(out, world, COMPLETE_HOST);
		break;
	case OPT_URL:
		complete_from_machine(out, world, COMPLETE_URL);
		break;
	case OPT_PORT:
	case OPT_PORTS:
		complete_from_machine(out, world, COMPLETE_SERVICE);
		break;
	case OPT_SYSCTL:
		complete_from_machine(out, world, COMPLETE_SYSCTL);
		break;
	case OPT_FILE:
		complete_from_machine(out, world, COMPLETE_FILE);
		break;
	case OPT_DNS_TYPE:
		complete_dns_types(out);
		break;
	case OPT_COMMAND:
		before = complete_before(seeker->words, seeker->count);
		complete_pages(out, before);
		complete_sort(out, from);
		free(before);
		break;
	case OPT_TEXT:
		complete_text(out, world, option);
		break;
	default:
		break;
	}
}

/* --- the words of a command --- */

static bool complete_is_value(const struct option *option, const char *word)
{
	for (size_t i = 0; option->words && option->words[i]; i++)
		if (strcmp(option->words[i], word) == 0)
			return true;
	return false;
}

static void complete_on_candidate(const struct opt_candidate *candidate, void *arg)
{
	const struct seeker *seeker = arg;
	if (!candidate->word) {
		complete_value(seeker, candidate->option);
		return;
	}
	bool value = complete_is_value(candidate->option, candidate->word);
	struct complete_item *item =
	    complete_add_item(seeker->out, candidate->word, value ? NULL : candidate->option->help);
	if (item && !value)
		item->option = candidate->option;
}

/* "--name=VALUE" and "-nVALUE" are completed as "--name VALUE" is. Returns the option word (to be freed) and leaves out->head and
 * out->partial cut, or NULL. */
static char *complete_cut_value(struct complete *out, const struct option *table)
{
	const char *word = out->partial;
	bool name = word[0] == '-' && word[1] == '-';
	size_t length = name ? strcspn(word, "=") : 2;
	if (word[0] != '-' || strlen(word) < length + name)
		return NULL;
	for (; table->name; table++) {
		if (table->style != STYLE_DASH || !table->metavar)
			continue;
		if (name ? !strncmp(table->name, word + 2, length - 2) && !table->name[length - 2]
			 : table->letter == word[1] && word[2])
			break;
	}
	if (!table->name)
		return NULL;
	const char *value = word + length + name;
	char *option = mem_strndup(word, length);
	free(out->head);
	out->head = mem_strndup(word, (size_t)(value - word));
	char *rest = mem_strdup(value);
	free(out->partial);
	out->partial = rest;
	return option;
}

/* "@SERVER": the sign stays. */
static void complete_cut_at(struct complete *out, const struct option *table)
{
	if (out->partial[0] != '@')
		return;
	for (; table->name; table++) {
		if (table->style != STYLE_AT)
			continue;
		free(out->head);
		out->head = mem_strdup("@");
		memmove(out->partial, out->partial + 1, strlen(out->partial));
		return;
	}
}

static void complete_options(struct seeker *seeker, const struct option *table, const char *const *words,
			     int count)
{
	struct complete *out = seeker->out;
	const char **argv = mem_resize(NULL, (size_t)count + 2, sizeof *argv);
	for (int i = 0; i < count; i++)
		argv[i] = words[i];
	char *typed = mem_strdup(out->partial);
	char *option = complete_cut_value(out, table);
	if (option) {
		argv[count] = option;
		argv[count + 1] = out->partial;
		opt_complete(table, count + 2, argv, complete_on_candidate, seeker);
	} else {
		complete_cut_at(out, table);
		argv[count] = typed;
		opt_complete(table, count + 1, argv, complete_on_candidate, seeker);
	}
	free(option);
	free(typed);
	free(argv);
}

/* The options before the command's name are understood behind it in their long form: offered when the user has begun one. */
static void complete_globals(struct seeker *seeker, const struct found *found, const char *const *words,
			     int count)
{
	struct complete *out = seeker->out;
	const char *before = count ? words[count - 1] : "";
	if (out->count || out->head[0])
		return;
	bool naming = out->partial[0] == '-' && out->partial[1] == '-';
	if (naming || (before[0] == '-' && before[1] == '-'))
		complete_options(seeker, globals_common, &before, naming ? 0 : 1);
	(void)found;
}

static void complete_on_member(const char *word, const char *summary, void *arg)
{
	struct buf *members = arg;
	(void)summary;
	buf_printf(members, "%s%s", members->length ? ", " : "", word);
}

/* A family ("dns") is described by its members. */
static void complete_on_word(const char *word, const char *summary, void *arg)
{
	struct seeker *seeker = arg;
	if (summary) {
		complete_add(seeker->out, word, summary);
		return;
	}
	struct buf members = BUF_INIT(COMPLETE_TEXT_MAX);
	const char **words = mem_resize(NULL, (size_t)seeker->count + 1, sizeof *words);
	for (int i = 0; i < seeker->count; i++)
		words[i] = seeker->words[i];
	words[seeker->count] = word;
	find_next_words(seeker->count + 1, words, "", complete_on_member, &members);
	complete_add(seeker->out, word, buf_text(&members));
	buf_release(&members);
	free(words);
}

/* Between "repeat 3" or "watch" and the command. */
static void complete_opener(struct complete *out, enum tail_opener opener)
{
	static const struct option pause = { .name = "duration",
					     .metavar = "DURATION",
					     .help = "time between two runs: 500ms, 2s, 1m" };
	if (opener == TAIL_OPENER_REPEAT)
		complete_add(out, "every", "then the time between two runs");
	else if (opener == TAIL_OPENER_EVERY || (opener == TAIL_OPENER_WATCH && !out->partial[0]))
		complete_add_place(out, &pause);
}

static void complete_in_command(struct seeker *seeker, const struct tail *tail)
{
	struct complete *out = seeker->out;
	complete_opener(out, tail->opener);
	if (tail->opener == TAIL_OPENER_EVERY)
		return;
	const char *const *words = (const char *const *)tail->words;
	struct found found = { 0 };
	size_t before = out->count;
	seeker->words = words;
	seeker->count = tail->count;
	find_next_words(tail->count, words, out->partial, complete_on_word, seeker);
	complete_sort(out, before);
	if (tail->count == 0 || find_command(tail->count, words, seeker->world->abbreviate, &found, NULL) < 0)
		return;
	const struct command *command = found.command;
	const struct builtin *builtin = found.builtin;
	out->table = command ? command->options : builtin->options;
	out->name = mem_strdup(command ? command->name : builtin->name);
	out->summary = command ? command->summary : builtin->summary;
	out->usage = builtin ? builtin->usage : NULL;
	words += found.words;
	int count = tail->count - found.words;
	seeker->words = words;
	seeker->count = count;
	complete_options(seeker, out->table, words, count);
	complete_globals(seeker, &found, words, count);
}

/* --- elsewhere in the language --- */

static void complete_variables(struct complete *out, const struct vars *vars, size_t caret)
{
	out->start = caret - strlen(out->partial);
	out->quote = 0;
	for (size_t i = 0; vars && i < vars->count; i++)
		complete_add(out, vars->items[i].name, vars->items[i].value);
}

/* Text for an outside program: the last word between blanks; the first one names the program. */
static void complete_outside(struct seeker *seeker, const char *line, size_t caret)
{
	struct complete *out = seeker->out;
	size_t start = caret, before;
	while (start > 0 && !strchr(" \t|!;&<>()\"'`", line[start - 1]))
		start--;
	for (before = start; before > 0 && (line[before - 1] == ' ' || line[before - 1] == '\t'); before--)
		;
	out->start = start;
	out->quote = 0;
	free(out->partial);
	out->partial = mem_strndup(line + start, caret - start);
	bool first = before == 0 || strchr("|!;&(`", line[before - 1]);
	bool program = first && !strchr(out->partial, '/');
	if (!program || out->partial[0])
		complete_from_machine(seeker->out, seeker->world, program ? COMPLETE_PROGRAM : COMPLETE_FILE);
}

/* Paths into the last result. */
static void complete_expression(struct complete *out, const struct command *last, const char *line,
				size_t caret)
{
	size_t start = caret;
	while (start > 0 && !strchr(" \t()!&|<>=~", line[start - 1]))
		start--;
	out->start = start;
	free(out->partial);
	out->partial = mem_strndup(line + start, caret - start);
	for (const struct field *field = last ? last->fields : NULL; field && field->path; field++)
		complete_add(out, field->path, field->meaning);
}

void complete_line(struct complete *out, const struct complete_world *world, const char *line, size_t caret)
{
	struct tail tail;
	tail_read(&tail, line, caret);
	*out = (struct complete){ .where = tail.place, .quote = tail.quote, .start = tail.start };
	out->head = mem_strdup("");
	out->partial = mem_strdup(tail.partial ? tail.partial : "");
	struct seeker seeker = { .out = out, .world = world };
	switch (tail.place) {
	case TAIL_WORD:
		complete_in_command(&seeker, &tail);
		break;
	case TAIL_VARIABLE:
		complete_variables(out, world->vars, caret);
		break;
	case TAIL_FILE:
		complete_from_machine(out, world, COMPLETE_FILE);
		break;
	case TAIL_OUTSIDE:
		complete_outside(&seeker, line, caret);
		break;
	case TAIL_EXPRESSION:
		complete_expression(out, world->last, line, caret);
		break;
	case TAIL_COMMENT:
		break;
	}
	tail_release(&tail);
}

void complete_release(struct complete *complete)
{
	for (size_t i = 0; i < complete->count; i++) {
		free(complete->items[i].text);
		free(complete->items[i].note);
	}
	free(complete->items);
	free(complete->head);
	free(complete->partial);
	free(complete->name);
	*complete = (struct complete){ 0 };
}
