#include "ntsh/ask.h"

#include "out/render.h"

#include <stdio.h>
#include <strings.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { ANSWER_MAX = 64 };

struct asking {
	char answer[ANSWER_MAX];
	size_t length;
	bool done;
};

/* The terminal gives whole lines. */
static void on_line(struct loop *loop, int fd, uint32_t events, void *arg)
{
	struct asking *asking = arg;
	(void)loop;
	(void)events;
	ssize_t got = read(fd, asking->answer + asking->length, ANSWER_MAX - 1 - asking->length);
	if (got > 0)
		asking->length += (size_t)got;
	asking->done =
	    got <= 0 || asking->length == ANSWER_MAX - 1 || asking->answer[asking->length - 1] == '\n';
}

static bool is_yes(struct asking *asking)
{
	asking->answer[asking->length] = '\0';
	asking->answer[strcspn(asking->answer, "\r\n")] = '\0';
	return strcasecmp(asking->answer, "y") == 0 || strcasecmp(asking->answer, "yes") == 0;
}

enum ask_answer ask_yes(struct result *result, struct loop *loop, const char *question)
{
	struct asking asking = { .length = 0 };
	if (result->json || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return ASK_NOBODY;
	render_settle(result);
	progress_clear(result);
	sink_flush(result->sink);
	fprintf(stderr, "%s [y/N] ", question);
	if (loop_watch(loop, STDIN_FILENO, EPOLLIN, on_line, &asking, NULL) < 0)
		return ASK_NOBODY;
	enum loop_end end = loop_run(loop, &asking.done);
	loop_unwatch(loop, STDIN_FILENO);
	if (end != LOOP_DONE)
		fprintf(stderr, "\n");
	return end == LOOP_DONE && is_yes(&asking) ? ASK_YES : ASK_NO;
}
