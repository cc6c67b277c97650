/* What does this word or this error text say, what usually causes it, and what decides between the causes?
 * Takes an errno's name or number, an HTTP status, a TCP state, a DNS flag or status, or a whole error text.
 * The answers are entries of the topics' pages. */
#include "ntsh/help.h"

#include <stdio.h>
#include <string.h>

enum { FOUND_MAX = 8, QUESTION_MAX = 2048 };

struct explain_args {
	struct option_list words;
};

static const struct option options[] = {
	{ STYLE_OPERAND, OPT_TEXT, 0, "text", "WORD|'ERROR TEXT'",
	  "a state, status, flag, error name or number, or an error's text",
	  offsetof(struct explain_args, words), 0, 0, NULL, OPTION_REQUIRED | OPTION_REPEAT, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "question", KIND_TEXT, "what was asked" },
	{ "entries", KIND_NONE, "what answers it equally well; empty when nothing does" },
	{ "entries[].title", KIND_TEXT, "the entry's title" },
	{ "entries[].topic", KIND_TEXT, "the topic it stands in (help TOPIC)" },
	{ "entries[].text", KIND_TEXT, "the explanation as Markdown" },
	{ NULL, KIND_NONE, NULL },
};

static const struct table entries = { .name = "entries" };

static void join(const struct option_list *words, char *buf, size_t size)
{
	buf[0] = '\0';
	for (size_t i = 0; i < words->count; i++) {
		size_t used = strlen(buf);
		snprintf(buf + used, size - used, "%s%s", i ? " " : "", words->items[i]);
	}
}

static void put_entry(struct result *result, const struct explanation *entry)
{
	size_t length = (size_t)(entry->end - entry->begin);
	result_row_open(result);
	result_put(result, "title", value_text(entry->title));
	result_put(result, "topic", value_text(entry->topic));
	result_put(result, "text", value_text_n(entry->begin, length));
	result_gap(result);
	result_headline(result, TONE_PLAIN, NULL, "{title}", "help {topic}");
	result_gap(result);
	result_prose(result, entry->begin, length);
	result_row_close(result);
}

static enum status run(struct call *call, const void *given)
{
	const struct explain_args *args = given;
	struct explanation found[FOUND_MAX];
	char question[QUESTION_MAX], hint[ERROR_HINT_MAX];
	join(&args->words, question, sizeof question);
	size_t count = explain_find(question, found, FOUND_MAX, hint, sizeof hint);
	result_put(call->result, "question", value_text(question));
	result_list_open(call->result, &entries);
	for (size_t i = 0; i < count; i++)
		put_entry(call->result, &found[i]);
	result_list_close(call->result);
	if (count)
		return STATUS_OK;
	error_set(call->error, STATUS_BAD, "ENOENT", hint[0] ? hint : "\"help\" lists the topics",
		  "nothing here explains '%.200s'", question);
	return STATUS_BAD;
}

const struct command command_explain = {
	.name = "explain",
	.summary = "what an error, a state or a status says, and what decides its cause",
	.options = options,
	.args_size = sizeof(struct explain_args),
	.fields = fields,
	.run = run,
};
