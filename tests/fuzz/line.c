/* A line of the shell: words, tree, expansion, expressions, from any bytes. */
#include "base/buf.h"
#include "shell/expand.h"
#include "shell/expect_eval.h"
#include "shell/parse.h"
#include "shell/report.h"

#include <stdlib.h>
#include <string.h>

static const char *variable(const char *name, void *arg)
{
	(void)arg;
	return strlen(name) % 2 ? "a b" : NULL;
}

static void expand_all(const char *text, const struct node *node)
{
	static const char *const argv[] = { "file", "one", "two words" };
	struct expand_env env = { .get = variable, .argc = 3, .argv = argv };
	for (; node; node = node->next) {
		struct words words = { 0 };
		size_t place;
		for (size_t i = 0; i < node->count; i++)
			expand_word(text, node->words[i], &env, &words, &place, NULL);
		words_release(&words);
		expand_all(text, node->body);
	}
}

static void evaluate(const char *text, size_t length)
{
	static const char document[] =
	    "{\"a\":[{\"b\":1,\"c\":\"x\"},{\"b\":2}],\"d_ms\":5.5,\"e\":true,\"f\":null}";
	static const struct field fields[] = { { "a", KIND_NONE, "" },
					       { "d_ms", KIND_TIME, "" },
					       { .path = NULL } };
	struct json *json = json_read(document, sizeof document - 1, NULL);
	struct expand_env env = { .get = variable };
	struct error err = ERROR_INIT;
	bool passed;
	size_t place;
	for (int known = 0; known < 2; known++) {
		struct expect_input input = {
			.result = json, .fields = known ? fields : NULL, .command = "fuzz", .env = &env
		};
		expect_evaluate(text, length, &input, &passed, &place, &err);
		if (place > length)
			abort();
	}
	json_free(json);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *text = malloc(size ? size : 1); /* exact, so that ASan sees one byte too far */
	if (!text)
		return 0;
	memcpy(text, data, size);
	struct error err = ERROR_INIT;
	struct node *line;
	size_t place = 0;
	if (lex_binary(text, size) == size) {
		if (parse_line(text, size, keyword_exact, NULL, &line, &place, &err)) {
			if (place > size)
				abort();
			struct buf buf = BUF_INIT(1 << 16);
			report_excerpt(&buf, text, size, place, 72, size % 2);
			buf_release(&buf);
		}
		expand_all(text, line);
		parse_free(line);
		evaluate(text, size);
	}
	struct lex_scan scan = { 0 };
	lex_scan(&scan, text, size);
	json_free(json_read(text, size, &place));
	free(text);
	return 0;
}
