#include "shell/expect.h"

#include "base/mem.h"
#include "shell/builtins.h"
#include "shell/dispatch.h"
#include "shell/expect_eval.h"
#include "shell/points.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 4096 };

/* The checks of one expression, as they are made. */
struct expecting {
	struct result *result;
	bool failed;
};

static const struct table checks_table = {
	.name = "checks", .line = "{state}  {side} {operator?{operator} {expected}}: {measured}"
};

static void expect_checked(const struct expect_check *check, void *arg)
{
	struct expecting *expecting = arg;
	result_row_open(expecting->result);
	result_put(expecting->result, "state", value_text(check->passed ? "ok" : "not"));
	result_put(expecting->result, "side", value_text(check->side));
	result_put(expecting->result, "operator", value_text(*check->operator ? check->operator : NULL));
	result_put(expecting->result, "expected", value_text(*check->operator? check->expected : NULL));
	result_put(expecting->result, "measured", value_text(check->measured));
	result_put(expecting->result, "passed", value_flag(check->passed));
	result_row_close(expecting->result);
}

/* The tree of the last result, or NULL with err. whole is the caller's to free. */
static const struct json *last_result(const struct shell *shell, struct json **whole, struct error *err)
{
	const struct kept_result *last = results_find(&shell->results, -1);
	*whole = NULL;
	if (!last) {
		error_set(err, STATUS_USAGE, "EUSAGE",
			  "expect looks into the result of the command before it",
			  "nothing was measured yet");
		return NULL;
	}
	if (!last->json) {
		error_set(err, STATUS_CANNOT, "E2BIG", "ask for less",
			  "the result of %s was too large to be kept", last->command->name);
		return NULL;
	}
	*whole = json_read(last->json, last->length, NULL);
	const struct json *result = json_member(*whole, "result");
	if (!result)
		error_set(err, STATUS_CANNOT, "EBADMSG", NULL, "the result of %s cannot be read",
			  last->command->name);
	return result;
}

static int expect_evaluate_last(struct shell *shell, const char *text, size_t length,
				struct expecting *expecting, bool *passed, size_t *place, struct error *err)
{
	struct json *whole;
	const struct json *result = last_result(shell, &whole, err);
	struct expand_env env = exec_env(shell);
	struct expect_input input = {
		.result = result, .env = &env, .check = expect_checked, .arg = expecting
	};
	int failed = -1;
	if (result) {
		const struct kept_result *last = results_find(&shell->results, -1);
		input.fields = last->command->fields;
		input.command = last->command->name;
		failed = expect_evaluate(text, length, &input, passed, place, err);
	}
	json_free(whole);
	return failed;
}

static void expect_point(struct shell *shell, const struct script *script, const struct node *node,
			 const char *what, const struct result *result, enum status status,
			 const struct error *error)
{
	size_t length = 0;
	if (!points_wanted(shell))
		return;
	const char *json = result_json(result, &length);
	struct json *tree = json ? json_read(json, length, NULL) : NULL;
	struct point point = { .what = what,
			       .status = (int)status,
			       .message = error_is_set(error) ? error->message : NULL,
			       .check = true,
			       .tree = tree };
	points_add(shell, script, node->at.begin, &point);
	json_free(tree);
}

int expect_run(struct shell *shell, const struct script *script, const struct node *node)
{
	const char *text = script->text + node->text.begin;
	size_t length = node->text.end - node->text.begin, place = 0;
	char *copy = mem_strndup(text, length);
	const char *argv[] = { "expect", copy };
	struct error error = ERROR_INIT;
	bool passed = false;
	struct expecting expecting = { .result = result_new(&shell->style, "expect", 2, argv) };
	if (points_wanted(shell))
		result_keep_json(expecting.result);
	result_put(expecting.result, "expression", value_text(copy));
	result_list_open(expecting.result, &checks_table);
	int failed = expect_evaluate_last(shell, text, length, &expecting, &passed, &place, &error);
	result_list_close(expecting.result);
	if (!failed)
		result_put(expecting.result, "passed", value_flag(passed));
	shell->checks++;
	shell->failed_checks += failed || !passed;
	enum status status = failed ? error.status : passed ? STATUS_OK : STATUS_BAD;
	status = result_finish(expecting.result, status, &error);
	expect_point(shell, script, node, copy, expecting.result, status, &error);
	result_free(expecting.result);
	if (error_is_set(&error))
		report_error(shell, script, failed ? node->text.begin + place : NOWHERE, "expect", &error);
	free(copy);
	return (int)status;
}

static const struct field fields[] = {
	{ "expression", KIND_TEXT, "what was expected, as written" },
	{ "checks", KIND_NONE, "the comparisons that were made, in order" },
	{ "checks[].state", KIND_TEXT, "ok or not" },
	{ "checks[].side", KIND_TEXT, "the path, or count(path)" },
	{ "checks[].operator", KIND_TEXT, "the comparison; none: the value itself must be true" },
	{ "checks[].expected", KIND_TEXT, "what it was compared with" },
	{ "checks[].measured", KIND_TEXT, "what was measured, with its unit; nothing when it was not" },
	{ "checks[].passed", KIND_FLAG, "it held" },
	{ "passed", KIND_FLAG, "the whole expression holds" },
	{ .path = NULL },
};

static const struct option no_options[] = { OPTION_END };

const struct builtin builtin_expect = {
	.name = "expect",
	.summary = "check the result of the last command",
	.usage = "expect PATH OPERATOR VALUE [&& ...]",
	.options = no_options,
	.fields = fields,
};
