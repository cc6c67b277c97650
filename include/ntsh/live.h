/* A picture at the terminal that is painted again in its place while a command runs, and the keys that are pressed meanwhile.
 *
 *     struct live *live = live_open(call->result, call->loop, on_key, arg);      NULL: no terminal; show rows instead
 *     ... at each change:
 *     struct result *frame = live_frame(live);      the calls of ntsh/result.h lay the picture out
 *     result_put(frame, ...); result_line(frame, ...);
 *     live_paint(live);
 *     ... at the end:
 *     live_close(live, false);                      and the lasting result goes to call->result as ever
 */
#ifndef NTSH_LIVE_H
#define NTSH_LIVE_H

#include "ntsh/loop.h"
#include "ntsh/result.h"

/* Keys that are no characters. */
enum {
	LIVE_KEY_UP = 0x110000,
	LIVE_KEY_DOWN,
	LIVE_KEY_LEFT,
	LIVE_KEY_RIGHT,
	LIVE_KEY_PAGE_UP,
	LIVE_KEY_PAGE_DOWN,
	LIVE_KEY_HOME,
	LIVE_KEY_END,
	LIVE_KEY_ESCAPE
};

/* key: a Unicode code point, or one of the above. Ctrl-C is no key: it cancels the loop as ever. Called from the loop. */
typedef void live_key_fn(int key, void *arg);

struct live;

/* Returns NULL when the result does not go to a terminal as text, or (key not NULL) no keys can be read from one. key may be NULL. Until live_close
 * nothing is to be shown through result. */
struct live *live_open(struct result *result, struct loop *loop, live_key_fn *key, void *arg);

/* Begins a new picture. It is a result of its own: what is put there is seen by its templates, and by nobody else. Freed by live_paint. */
struct result *live_frame(struct live *live);

/* Shows the picture in place of the one before, cut to the terminal's height. */
void live_paint(struct live *live);

/* Lines of the terminal that a picture may have, and its columns. */
unsigned live_height(const struct live *live);
unsigned live_width(const struct live *live);

/* Gives the terminal back as it was. keep: the last picture stays, else it is wiped away. NULL is ignored. */
void live_close(struct live *live, bool keep);

#endif
