#include "shell/prompt_keys.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* What terminals send around a paste once they were asked to (xterm's "bracketed paste", mode 2004). */
static const char paste_begin[] = "\033[200~";
static const char paste_end[] = "\033[201~";
enum { MARK_LENGTH = sizeof paste_begin - 1 };

/* Terminals do not paste it: somebody wants out of a paste whose end got lost. */
enum { CTRL_C = 3 };

static enum keys_event keys_decode(struct keys *keys, unsigned char byte)
{
	char bytes[1] = { (char)byte };
	wchar_t c;
	bool was_initial = mbsinit(&keys->state);
	size_t used = mbrtowc(&c, bytes, 1, &keys->state);
	if (used == (size_t)-2)
		return KEYS_NOTHING;
	if (used == (size_t)-1) {
		memset(&keys->state, 0, sizeof keys->state);
		/* A key after half a character is a key of its own. */
		return was_initial || byte >= 0x80 ? KEYS_BAD : keys_decode(keys, byte);
	}
	keys->ready[keys->ready_count++] = used ? c : L'\0';
	return KEYS_CHAR;
}

enum keys_event keys_flush(struct keys *keys)
{
	enum keys_event event = KEYS_NOTHING;
	size_t count = keys->held_count;
	keys->held_count = 0;
	for (size_t i = 0; i < count; i++) {
		if (keys->pasting)
			buf_add_char(&keys->paste, keys->held[i]);
		else if (keys_decode(keys, (unsigned char)keys->held[i]) == KEYS_CHAR)
			event = KEYS_CHAR;
	}
	return event;
}

bool keys_held(const struct keys *keys)
{
	return keys->held_count && !keys->pasting;
}

void keys_paste_done(struct keys *keys)
{
	keys->pasting = false;
	keys->held_count = 0;
	buf_clear(&keys->paste);
}

enum keys_event keys_byte(struct keys *keys, unsigned char byte)
{
	const char *mark = keys->pasting ? paste_end : paste_begin;
	enum keys_event flushed = KEYS_NOTHING;
	if (byte != (unsigned char)mark[keys->held_count])
		flushed = keys_flush(keys);
	if (byte == (unsigned char)mark[keys->held_count]) {
		keys->held[keys->held_count++] = (char)byte;
		if (keys->held_count < MARK_LENGTH)
			return flushed;
		keys->held_count = 0;
		keys->pasting = !keys->pasting;
		return keys->pasting ? KEYS_NOTHING : KEYS_PASTE;
	}
	if (keys->pasting && byte == CTRL_C) {
		keys_paste_done(keys);
	} else if (keys->pasting) {
		buf_add_char(&keys->paste, (char)byte);
		return KEYS_NOTHING;
	}
	enum keys_event event = keys_decode(keys, byte);
	return event == KEYS_NOTHING ? flushed : event;
}

bool keys_next(struct keys *keys, wchar_t *out)
{
	if (keys->ready_at == keys->ready_count) {
		keys->ready_at = keys->ready_count = 0;
		return false;
	}
	*out = keys->ready[keys->ready_at++];
	return true;
}

wchar_t *keys_paste_text(const struct keys *keys)
{
	const char *bytes = buf_text(&keys->paste);
	size_t length = keys->paste.length, count = 0;
	wchar_t *text = mem_resize(NULL, length + 1, sizeof *text);
	mbstate_t state = { 0 };
	for (size_t at = 0; at < length;) {
		wchar_t c = L'\0';
		size_t used = mbrtowc(&c, bytes + at, length - at, &state);
		if (used == (size_t)-1 || used == (size_t)-2) {
			memset(&state, 0, sizeof state);
			at++;
			continue;
		}
		at += used ? used : 1;
		if (c == L'\r' && at < length && bytes[at] == '\n')
			continue;
		if (c == L'\r')
			c = L'\n';
		if (c == L'\n' || c == L'\t' || (c >= L' ' && c != 0x7f && (c < 0x80 || c >= 0xa0)))
			text[count++] = c;
	}
	while (count && text[count - 1] == L'\n')
		count--;
	text[count] = L'\0';
	if (count)
		return text;
	free(text);
	return NULL;
}

void keys_release(struct keys *keys)
{
	buf_release(&keys->paste);
}

char *keys_narrow(const wchar_t *text, size_t length)
{
	char *bytes = mem_alloc(length * MB_CUR_MAX + 1);
	mbstate_t state = { 0 };
	size_t used = 0;
	for (size_t i = 0; i < length; i++) {
		size_t got = wcrtomb(bytes + used, text[i], &state);
		if (got == (size_t)-1)
			memset(&state, 0, sizeof state);
		used += got == (size_t)-1 ? 0 : got;
	}
	bytes[used] = '\0';
	return bytes;
}

wchar_t *keys_widen(const char *bytes)
{
	size_t length = strlen(bytes), count = 0;
	wchar_t *text = mem_resize(NULL, length + 1, sizeof *text);
	mbstate_t state = { 0 };
	for (size_t at = 0; at < length;) {
		size_t used = mbrtowc(&text[count], bytes + at, length - at, &state);
		if (used == (size_t)-1 || used == (size_t)-2) {
			memset(&state, 0, sizeof state);
			text[count] = L'?';
			used = 1;
		}
		count++;
		at += used ? used : 1;
	}
	text[count] = L'\0';
	return text;
}
