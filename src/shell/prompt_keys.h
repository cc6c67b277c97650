/* Bytes of the terminal to characters: multibyte decoding, and pastes taken out whole. Pure: the caller reads and waits.
 * After each byte all that is ready is taken with keys_next. */
#ifndef SHELL_PROMPT_KEYS_H
#define SHELL_PROMPT_KEYS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

enum { PROMPT_PASTE_MAX = 64 * 1024, PROMPT_HELD_MAX = 8 };

/* What a byte led to. */
enum keys_event {
	KEYS_NOTHING, /* more bytes are needed */
	KEYS_CHAR,    /* keys_next has characters */
	KEYS_BAD,     /* a byte that is no character in this locale: it was dropped */
	KEYS_PASTE,   /* keys->paste holds what was pasted; keys_paste_done when it is used */
};

/* Zero it, and give paste its maximum (KEYS_INIT). */
struct keys {
	char
	    held[PROMPT_HELD_MAX]; /* the bytes so far of "ESC [ 200 ~", or inside a paste of "ESC [ 201 ~" */
	size_t held_count;
	bool pasting;
	mbstate_t state;
	wchar_t ready[PROMPT_HELD_MAX];
	size_t ready_count, ready_at;
	struct buf paste;
};

#define KEYS_INIT                                                                                            \
	{                                                                                                    \
		.paste = BUF_INIT(PROMPT_PASTE_MAX)                                                          \
	}

enum keys_event keys_byte(struct keys *keys, unsigned char byte);

/* Gives up waiting: the bytes held are keys of their own. */
enum keys_event keys_flush(struct keys *keys);

/* True while bytes wait for the rest of such a begin: call keys_flush when it does not come. */
bool keys_held(const struct keys *keys);

/* The next character. False: there is none. */
bool keys_next(struct keys *keys, wchar_t *out);

/* The pasted text as it goes into the line: carriage returns become newlines, those at its end go (Enter runs it), tabs stay,
 * other control characters are left out. To be freed; NULL: nothing is left. */
wchar_t *keys_paste_text(const struct keys *keys);

/* Forgets the paste; also one that has not ended. */
void keys_paste_done(struct keys *keys);
void keys_release(struct keys *keys);

/* Characters to bytes and back in this locale; what does not fit is left out, or becomes '?'. To be freed. */
char *keys_narrow(const wchar_t *text, size_t length);
wchar_t *keys_widen(const char *bytes);

#endif
