/* How the guide speaks and listens. */
#ifndef SHELL_GUIDE_TALK_H
#define SHELL_GUIDE_TALK_H

#include "shell/shell.h"

enum { GUIDE_LINE_MAX = 2048, GUIDE_NEXT_MAX = 6, GUIDE_TEXT_MAX = 1024 };

enum guide_kind {
	GUIDE_ENTER, /* an empty line */
	GUIDE_NUMBER,
	GUIDE_TEXT,
	GUIDE_WHY,
	GUIDE_BACK, /* b, back, s, skip */
	GUIDE_QUIT, /* q, quit, exit, Ctrl-D, Ctrl-C */
};

struct guide_reply {
	enum guide_kind kind;
	long number;
	char text[GUIDE_TEXT_MAX];
};

/* Shows the question and waits for a line. */
void guide_ask(struct shell *shell, const char *question, struct guide_reply *reply);

/* A paragraph; a command as it would be typed; what speaks for and against the last verdict. */
void guide_say(struct shell *shell, const char *text);
void guide_show_line(struct shell *shell, const char *line);
void guide_show_why(struct shell *shell);

/* A heading with numbered choices. */
struct guide_page {
	struct result *result;
};
void guide_page_begin(struct shell *shell, struct guide_page *page, const char *heading);
/* more may be NULL. */
void guide_page_choice(struct guide_page *page, size_t number, const char *text, const char *more);
void guide_page_end(struct guide_page *page);

#endif
