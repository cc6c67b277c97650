#include "out/keys.h"

#include "base/text.h"
#include "ntsh/live.h"

enum { ESCAPE = 0x1b, SEQUENCE_MAX = 16 };

static int letter_key(char letter)
{
	switch (letter) {
	case 'A':
		return LIVE_KEY_UP;
	case 'B':
		return LIVE_KEY_DOWN;
	case 'C':
		return LIVE_KEY_RIGHT;
	case 'D':
		return LIVE_KEY_LEFT;
	case 'H':
		return LIVE_KEY_HOME;
	case 'F':
		return LIVE_KEY_END;
	default:
		return -1;
	}
}

/* "5~" and the like. */
static int number_key(char digit)
{
	switch (digit) {
	case '1':
	case '7':
		return LIVE_KEY_HOME;
	case '4':
	case '8':
		return LIVE_KEY_END;
	case '5':
		return LIVE_KEY_PAGE_UP;
	case '6':
		return LIVE_KEY_PAGE_DOWN;
	default:
		return -1;
	}
}

/* Behind ESC [ or ESC O. */
static size_t sequence_read(const char *bytes, size_t length, bool last, int *key)
{
	for (size_t i = 2; i < length && i < SEQUENCE_MAX; i++) {
		if (bytes[i] < 0x40 || bytes[i] > 0x7e)
			continue;
		*key = bytes[i] == '~' ? number_key(bytes[2]) : letter_key(bytes[i]);
		return i + 1;
	}
	*key = -1;
	return length >= SEQUENCE_MAX || last ? length : 0;
}

size_t keys_read(const char *bytes, size_t length, bool last, int *key)
{
	if (!length)
		return 0;
	if (bytes[0] == ESCAPE) {
		if (length == 1 && !last)
			return 0;
		if (length > 1 && (bytes[1] == '[' || bytes[1] == 'O'))
			return sequence_read(bytes, length, last, key);
		*key = LIVE_KEY_ESCAPE;
		return 1;
	}
	uint32_t code;
	size_t taken = text_decode(bytes, length, &code);
	if (!taken && length < 4 && !last && (unsigned char)bytes[0] >= 0xc0)
		return 0;
	*key = taken ? (int)code : -1;
	return taken ? taken : 1;
}
