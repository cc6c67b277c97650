#include "shell/guide_talk.h"

#include "base/json.h"
#include "shell/prompt_edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- speaking --- */

static struct result *talk_begin(struct shell *shell)
{
	const char *name = "guide";
	struct out_style style = shell->style;
	style.quiet = false; /* a question that is not seen cannot be answered */
	return result_new(&style, name, 1, &name);
}

static void talk_end(struct result *result)
{
	struct error error = ERROR_INIT;
	result_finish(result, STATUS_OK, &error);
	result_free(result);
}

void guide_say(struct shell *shell, const char *text)
{
	struct result *result = talk_begin(shell);
	result_prose(result, text, strlen(text));
	talk_end(result);
}

void guide_show_line(struct shell *shell, const char *line)
{
	struct result *result = talk_begin(shell);
	result_put(result, "line", value_text(line));
	result_line(result, TONE_STRONG, "  ntsh> {line}");
	talk_end(result);
}

void guide_page_begin(struct shell *shell, struct guide_page *page, const char *heading)
{
	page->result = talk_begin(shell);
	result_gap(page->result);
	result_put(page->result, "heading", value_text(heading));
	result_line(page->result, TONE_STRONG, "{heading}");
}

void guide_page_choice(struct guide_page *page, size_t number, const char *text, const char *more)
{
	result_open(page->result, "choice");
	result_put(page->result, "number", value_count(number));
	result_put(page->result, "text", value_text(text));
	result_put(page->result, "more", value_text(more));
	result_line(page->result, TONE_PLAIN, "  {number}  {text}{more? {more}}");
	result_close(page->result);
}

void guide_page_end(struct guide_page *page)
{
	talk_end(page->result);
}

/* --- why --- */

static void show_list(struct result *result, const struct json *list, const char *label, const char *member,
		      const char *name)
{
	for (size_t i = 0; list && list->kind == JSON_ARRAY && i < list->count; i++) {
		const struct json *says = json_member(&list->items[i], member);
		const struct json *what = name ? json_member(&list->items[i], name) : NULL;
		if (!says || says->kind != JSON_TEXT)
			continue;
		result_open(result, "item");
		result_put(result, "says", value_text(says->text));
		result_put(result, "what", value_text(what && what->kind == JSON_TEXT ? what->text : NULL));
		result_item(result, label, TONE_PLAIN, "{what?{what}: }{says}");
		result_close(result);
	}
}

void guide_show_why(struct shell *shell)
{
	const struct kept_result *last = results_find(&shell->results, -1);
	struct json *tree = last && last->json ? json_read(last->json, last->length, NULL) : NULL;
	const struct json *verdict = json_member(json_member(tree, "result"), "verdict");
	if (!verdict) {
		guide_say(shell, "The last command gave no verdict: what it printed is all that is known.");
		json_free(tree);
		return;
	}
	struct result *result = talk_begin(shell);
	show_list(result, json_member(verdict, "evidence"), "because", "says", NULL);
	show_list(result, json_member(verdict, "ruled_out"), "not", "because", "cause");
	talk_end(result);
	json_free(tree);
}

/* --- listening --- */

static bool is_word(const char *text, const char *word)
{
	size_t length = strlen(text);
	return length && length <= strlen(word) && !strncmp(text, word, length);
}

static void classify(struct guide_reply *reply)
{
	char *end;
	const char *text = reply->text;
	reply->number = strtol(text, &end, 10);
	if (!*text)
		reply->kind = GUIDE_ENTER;
	else if (!*end)
		reply->kind = GUIDE_NUMBER;
	else if (is_word(text, "why") || !strcmp(text, "?"))
		reply->kind = GUIDE_WHY;
	else if (is_word(text, "back") || is_word(text, "skip"))
		reply->kind = GUIDE_BACK;
	else if (is_word(text, "quit") || is_word(text, "exit"))
		reply->kind = GUIDE_QUIT;
	else
		reply->kind = GUIDE_TEXT;
}

/* Blanks around what was typed are no part of it. */
static void take_text(struct guide_reply *reply, const struct buf *line)
{
	const char *text = buf_text(line) + strspn(buf_text(line), " \t");
	size_t length = strlen(text);
	while (length && strchr(" \t\r", text[length - 1]))
		length--;
	snprintf(reply->text, sizeof reply->text, "%.*s", (int)length, text);
}

void guide_ask(struct shell *shell, const char *question, struct guide_reply *reply)
{
	struct buf line = BUF_INIT(GUIDE_TEXT_MAX);
	wchar_t prompt[256];
	*reply = (struct guide_reply){ .kind = GUIDE_QUIT };
	if (swprintf(prompt, sizeof prompt / sizeof *prompt, L"%s> ", question) < 0)
		wcscpy(prompt, L"> ");
	loop_rearm(shell->loop, NS_NEVER);
	if (edit_plain_read(shell->loop, &shell->terminated, prompt, &line) == EDIT_LINE) {
		take_text(reply, &line);
		classify(reply);
	}
	buf_release(&line);
}
