#include "shell/results.h"

#include "base/mem.h"
#include "shell/builtins.h"
#include "shell/expect_path.h"
#include "shell/shell.h"

#include <stdlib.h>
#include <string.h>

enum { VALUE_TEXT_MAX = 1024 * 1024 };

static struct kept_result *result_at(const struct results *results, uint64_t number)
{
	return &results->ring[(number - 1) % RESULTS_MAX];
}

static void json_forget(struct results *results, struct kept_result *kept)
{
	if (!kept->json)
		return;
	results->bytes -= kept->length;
	free(kept->json);
	kept->json = NULL;
}

/* The oldest first, the newest never. */
static void make_room(struct results *results)
{
	uint64_t first = results->count > RESULTS_MAX ? results->count - RESULTS_MAX + 1 : 1;
	for (uint64_t number = first; number < results->count && results->bytes > RESULTS_BYTES; number++)
		json_forget(results, result_at(results, number));
}

void results_add(struct results *results, const struct command *command, const char *what, int status,
		 const char *json, size_t length)
{
	if (!results->ring)
		results->ring = mem_alloc(RESULTS_MAX * sizeof *results->ring);
	struct kept_result *kept = result_at(results, ++results->count);
	json_forget(results, kept);
	free(kept->what);
	*kept = (struct kept_result){ .command = command, .what = mem_strdup(what), .status = status };
	if (json) {
		kept->json = mem_strndup(json, length);
		kept->length = length;
		results->bytes += length;
		make_room(results);
	}
}

void results_release(struct results *results)
{
	for (size_t i = 0; results->ring && i < RESULTS_MAX; i++) {
		free(results->ring[i].what);
		free(results->ring[i].json);
	}
	free(results->ring);
	*results = (struct results){ 0 };
}

const struct kept_result *results_find(const struct results *results, int64_t number)
{
	uint64_t wanted = (uint64_t)number;
	if (number < 0)
		wanted = results->count + 1 + (uint64_t)number;
	bool there =
	    number && wanted >= 1 && wanted <= results->count && results->count - wanted < RESULTS_MAX;
	return there ? result_at(results, wanted) : NULL;
}

static bool add_value(struct buf *out, const struct json *value)
{
	static const char *const words[] = { "", "false", "true" };
	if (value->kind > JSON_TEXT)
		return false;
	if (out->length)
		buf_add_char(out, ' ');
	if (value->kind == JSON_NUMBER || value->kind == JSON_TEXT)
		buf_add(out, value->text, value->length);
	else
		buf_add_text(out, words[value->kind]);
	return true;
}

static bool path_value(const struct kept_result *kept, const char *path, struct buf *out)
{
	struct error error = ERROR_INIT;
	struct json *tree = json_read(kept->json, kept->length, NULL);
	struct expect_input input = { .result = json_member(tree, "result"),
				      .fields = kept->command->fields,
				      .command = kept->command->name };
	struct expect_cursor cursor = {
		.text = path, .length = strlen(path), .input = &input, .live = true, .err = &error
	};
	struct expect_found found = { 0 };
	bool good = !expect_read_path(&cursor, &found) && cursor.at == cursor.length && found.count;
	for (size_t i = 0; good && i < found.count; i++)
		good = add_value(out, found.values[i]);
	free(found.values);
	json_free(tree);
	return good && !out->overflow;
}

const char *results_value(const struct results *results, const char *name)
{
	static struct buf value = BUF_INIT(VALUE_TEXT_MAX);
	char *path;
	long long number = strtoll(name, &path, 10);
	const struct kept_result *kept = results_find(results, number);
	if (path == name || *path != '.' || !kept || !kept->json)
		return NULL;
	value.overflow = false;
	buf_clear(&value);
	return path_value(kept, path + 1, &value) ? buf_text(&value) : NULL;
}

/* --- the built-in --- */

static const struct column columns[] = {
	{ "number", "number", ALIGN_RIGHT, 6, false, false },
	{ "status", "status", ALIGN_RIGHT, 0, false, false },
	{ "what", "command", ALIGN_LEFT, 0, false, true },
};
static const struct table list = { .name = "results", .columns = columns, .column_count = 3 };

static enum status results_run(struct shell *shell, struct call *call, const void *args)
{
	const struct results *results = &shell->results;
	uint64_t first = results->count > RESULTS_MAX ? results->count - RESULTS_MAX + 1 : 1;
	(void)args;
	result_list_open(call->result, &list);
	for (uint64_t number = first; number <= results->count; number++) {
		const struct kept_result *kept = result_at(results, number);
		result_row_open(call->result);
		result_put(call->result, "number", value_count(number));
		result_put(call->result, "status", value_count((uint64_t)kept->status));
		result_put(call->result, "what", value_text(kept->what));
		result_put(call->result, "kept", value_flag(kept->json != NULL));
		result_row_close(call->result);
	}
	result_list_close(call->result);
	if (!results->count)
		result_line(call->result, TONE_PLAIN, "nothing was measured yet");
	return STATUS_OK;
}

static const struct field fields[] = {
	{ "results", KIND_NONE, "the commands that measured something, oldest first" },
	{ "results[].number", KIND_COUNT, "what $NUMBER.PATH begins with" },
	{ "results[].status", KIND_COUNT, "its exit status" },
	{ "results[].what", KIND_TEXT, "the command" },
	{ "results[].kept", KIND_FLAG, "its values can still be had" },
	{ .path = NULL },
};

static const struct option no_options[] = { OPTION_END };

const struct builtin builtin_results = {
	.name = "results",
	.summary = "number the results that $NUMBER.PATH can use",
	.usage = "results",
	.options = no_options,
	.fields = fields,
	.run = results_run,
};
