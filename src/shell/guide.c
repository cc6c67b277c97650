#include "shell/guide.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "shell/dispatch.h"
#include "shell/guide_talk.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What hurts, and what answers it. */
static const struct pain {
	const char *says, *asks, *command, *plan, *why;
} pains[] = {
	{ "a URL or a service is slow, or fails", "Which URL, or HOST:PORT?", "diagnose",
	  "It looks the name up as a program here would, goes the way to it, connects, and makes a few "
	  "requests.",
	  "Every millisecond of the wait is given to the name server, the network, the server or this "
	  "machine: the kernel's time "
	  "stamps tell when the request left, when the other kernel had it, and when the answer began." },
	{ "a name does not resolve, or to something wrong", "Which name?", "diagnose dns",
	  "It asks as a program here asks, then each name server directly, then from the root down.",
	  "A name fails here, at the resolver, on the way to it, at the parent or at its owner. Asking each "
	  "of them shows whose it is." },
	{ "a host cannot be reached", "Which host?", "diagnose route",
	  "It asks the kernel for its way, the neighbours for their presence, and every hop for an answer.",
	  "Packets die where the last hop answers and the next does not - or where a filter says so, or the "
	  "way back is missing." },
	{ "it fails now and then", "Which URL, or HOST:PORT?", "repeat 5 every 5s diagnose",
	  "It makes the same diagnosis five times, five seconds apart: the one that differs is the one to "
	  "look at.",
	  "What fails one time in five is seldom caught by looking once: loss, one bad path of several, a "
	  "full queue, one bad server of a pool." },
	{ "everything is slow on this machine", NULL, "diagnose host",
	  "It watches this machine's interfaces, queues, routes, neighbours, sockets and memory for a few "
	  "seconds.",
	  "When all is slow the cause is near: the link, the gateway, the resolver, or this machine "
	  "itself." },
	{ "my service is blamed", "Which port does it listen at?", "diagnose service",
	  "It watches the service's sockets: does the program accept, read and answer, or is the way to its "
	  "clients at fault?",
	  "The kernel knows for each client whether data waits for the program or for the network." },
	{ "I have a capture file", "Which file?", "diagnose capture",
	  "It puts the packets together into conversations and judges them.",
	  "Packets tell who waited for whom, wherever they were captured." },
};
enum { PAINS = sizeof pains / sizeof *pains };

enum step { STEP_MENU, STEP_TARGET, STEP_PLAN, STEP_RUN, STEP_NEXT, STEP_END };

struct guide {
	const struct pain *pain;
	char *target; /* NULL: none needed, or not given yet */
	char *line;   /* what is run */
	int status;
	size_t next_count;
	char *next[GUIDE_NEXT_MAX]; /* follow-ups that can be run */
};

bool guide_wanted(const struct shell *shell, const struct words *words)
{
	return words->count == 1 && !strcmp(words->items[0], "diagnose") && shell->settings.interactive &&
	       !shell->style.json && !shell->forms && isatty(STDIN_FILENO) && isatty(shell->style.fd);
}

static void next_forget(struct guide *guide)
{
	for (size_t i = 0; i < guide->next_count; i++)
		free(guide->next[i]);
	guide->next_count = 0;
}

void guide_release(struct shell *shell)
{
	struct guide *guide = shell->guide;
	if (!guide)
		return;
	next_forget(guide);
	free(guide->target);
	free(guide->line);
	free(guide);
	shell->guide = NULL;
}

/* --- what hurts --- */

static enum step menu(struct shell *shell, struct guide *guide)
{
	struct guide_page page;
	guide_page_begin(shell, &page, "What hurts?");
	for (size_t i = 0; i < PAINS; i++)
		guide_page_choice(&page, i + 1, pains[i].says, NULL);
	if (guide->line)
		guide_page_choice(&page, PAINS + 1, "go on where you left:", guide->line);
	guide_page_end(&page);
	for (;;) {
		struct guide_reply reply;
		guide_ask(shell, "number", &reply);
		if (reply.kind == GUIDE_NUMBER && reply.number >= 1 && reply.number <= PAINS) {
			guide->pain = &pains[reply.number - 1];
			return guide->pain->asks ? STEP_TARGET : STEP_PLAN;
		}
		if (reply.kind == GUIDE_NUMBER && reply.number == PAINS + 1 && guide->line)
			return guide->next_count ? STEP_NEXT : STEP_RUN;
		if (reply.kind == GUIDE_QUIT)
			return STEP_END;
		guide_say(shell, reply.kind == GUIDE_WHY
				     ? "Each answer leads to other measurements; when in doubt take 1: it "
				       "finds what is wrong on the way, too."
				     : "A number from the list, or q to leave.");
	}
}

static enum step target(struct shell *shell, struct guide *guide)
{
	for (;;) {
		struct guide_reply reply;
		guide_ask(shell, guide->pain->asks, &reply);
		switch (reply.kind) {
		case GUIDE_QUIT:
			return STEP_END;
		case GUIDE_BACK:
			return STEP_MENU;
		case GUIDE_WHY:
			guide_say(shell, guide->pain->why);
			break;
		case GUIDE_TEXT:
		case GUIDE_NUMBER:
			if (strpbrk(reply.text, " '\"\\;|&<>$#") == NULL) {
				free(guide->target);
				guide->target = mem_strdup(reply.text);
				return STEP_PLAN;
			}
			guide_say(shell, "One word, without quotes or blanks: https://www.example.com, "
					 "db.example:5432, 192.0.2.7");
			break;
		case GUIDE_ENTER:
			guide_say(shell, "It cannot be guessed: type it, or b to go back.");
			break;
		}
	}
}

/* --- what will be done --- */

static enum step plan(struct shell *shell, struct guide *guide)
{
	struct buf line = BUF_INIT(GUIDE_LINE_MAX);
	buf_printf(&line, "%s%s%s", guide->pain->command, guide->pain->asks ? " " : "",
		   guide->pain->asks ? guide->target : "");
	free(guide->line);
	guide->line = mem_strdup(buf_text(&line));
	buf_release(&line);
	next_forget(guide);
	guide_say(shell, guide->pain->plan);
	guide_show_line(shell, guide->line);
	for (;;) {
		struct guide_reply reply;
		guide_ask(shell, "Enter begins (why, back, quit)", &reply);
		if (reply.kind == GUIDE_ENTER)
			return STEP_RUN;
		if (reply.kind == GUIDE_QUIT)
			return STEP_END;
		if (reply.kind == GUIDE_BACK)
			return guide->pain->asks ? STEP_TARGET : STEP_MENU;
		guide_say(shell, reply.kind == GUIDE_WHY ? guide->pain->why
							 : "Enter to begin, b to change it, q to leave.");
	}
}

/* --- doing it --- */

static bool is_ours(const char *text)
{
	return !strncmp(text, "ntsh ", 5);
}

/* "ntsh tls www:443   (on the server)" is a command and a remark. */
static char *command_of(const char *text)
{
	const char *end = strstr(text, "   ");
	return mem_strndup(text + 5, end ? (size_t)(end - text) - 5 : strlen(text) - 5);
}

static void take_follow_ups(struct shell *shell, struct guide *guide)
{
	const struct kept_result *last = results_find(&shell->results, -1);
	struct json *tree = last && last->json ? json_read(last->json, last->length, NULL) : NULL;
	const struct json *next = json_member(json_member(json_member(tree, "result"), "verdict"), "next");
	next_forget(guide);
	for (size_t i = 0;
	     next && next->kind == JSON_ARRAY && i < next->count && guide->next_count < GUIDE_NEXT_MAX; i++)
		if (next->items[i].kind == JSON_TEXT && is_ours(next->items[i].text) &&
		    !strpbrk(next->items[i].text, "<>|;&"))
			guide->next[guide->next_count++] = command_of(next->items[i].text);
	json_free(tree);
}

static void execute(struct shell *shell, struct guide *guide, const char *line)
{
	static const struct origin origin = { NULL, 1 };
	uint64_t before = shell->results.count;
	guide->status = shell_execute_line(shell, line, strlen(line), &origin);
	if (shell->results.count > before && !strncmp(line, "diagnose", 8))
		take_follow_ups(shell, guide);
}

static enum step next(struct shell *shell, struct guide *guide)
{
	struct guide_page page;
	guide_page_begin(shell, &page, "What next?");
	for (size_t i = 0; i < guide->next_count; i++)
		guide_page_choice(&page, i + 1, guide->next[i], NULL);
	guide_page_choice(&page, guide->next_count + 1, "once more:", guide->line);
	guide_page_end(&page);
	for (;;) {
		struct guide_reply reply;
		guide_ask(shell,
			  "number (why: all that was measured and ruled out, back: another pain, quit)",
			  &reply);
		if (reply.kind == GUIDE_QUIT)
			return STEP_END;
		if (reply.kind == GUIDE_BACK || reply.kind == GUIDE_ENTER)
			return STEP_MENU;
		if (reply.kind == GUIDE_WHY) {
			guide_show_why(shell);
			continue;
		}
		if (reply.kind == GUIDE_NUMBER && reply.number >= 1 &&
		    (size_t)reply.number <= guide->next_count) {
			char *line = mem_strdup(guide->next[reply.number - 1]);
			execute(shell, guide, line);
			free(line);
			return STEP_NEXT;
		}
		if (reply.kind == GUIDE_NUMBER && (size_t)reply.number == guide->next_count + 1)
			return STEP_RUN;
		guide_say(shell, "A number from the list, why, b or q.");
	}
}

int guide_run(struct shell *shell)
{
	if (!shell->guide)
		shell->guide = NEW(struct guide);
	struct guide *guide = shell->guide;
	enum step step = STEP_MENU;
	bool keep = shell->keep_results, short_names = shell->abbreviations;
	shell->keep_results = true;
	shell->abbreviations = false;
	while (step != STEP_END && !shell->terminated && !shell->leaving) {
		switch (step) {
		case STEP_MENU:
			step = menu(shell, guide);
			break;
		case STEP_TARGET:
			step = target(shell, guide);
			break;
		case STEP_PLAN:
			step = plan(shell, guide);
			break;
		case STEP_RUN:
			execute(shell, guide, guide->line);
			step = STEP_NEXT;
			break;
		case STEP_NEXT:
			step = next(shell, guide);
			break;
		case STEP_END:
			break;
		}
	}
	shell->keep_results = keep;
	shell->abbreviations = short_names;
	return guide->status;
}
