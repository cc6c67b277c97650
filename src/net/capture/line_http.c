/* The head of an HTTP/1 message in a line (RFC 9112 2): its first line, and the fields that tell what it is about. */
#include "net/capture/line.h"

#include <strings.h>

enum { LINE_SHOWN = 200, VALUE_SHOWN = 100 };

static const char *const methods[] = { "GET ",     "POST ",  "HEAD ",  "PUT ",    "DELETE ",     "OPTIONS ",
				       "CONNECT ", "PATCH ", "TRACE ", "HTTP/1.", "PRI * HTTP/2" };

static bool is_head(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		size_t size = strlen(methods[i]);
		if (length >= size && memcmp(bytes, methods[i], size) == 0)
			return true;
	}
	return false;
}

static size_t line_length(const uint8_t *at, const uint8_t *end)
{
	const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
	return (size_t)((newline ? newline : end) - at);
}

static void field(struct pen *pen, const uint8_t *at, size_t length, const char *name, const char *says)
{
	size_t size = strlen(name);
	if (length <= size || strncasecmp((const char *)at, name, size) != 0)
		return;
	at += size;
	length -= size;
	while (length && (*at == ' ' || *at == '\t')) {
		at++;
		length--;
	}
	pen_text(pen, says);
	pen_escaped(pen, at, length, VALUE_SHOWN);
}

bool line_http(struct pen *pen, const uint8_t *bytes, size_t length)
{
	const uint8_t *at = bytes, *end = bytes + length;
	if (!is_head(bytes, length))
		return false;
	bool answer = bytes[0] == 'H' && bytes[1] == 'T';
	pen_text(pen, answer ? "" : "HTTP ");
	for (bool first = true; at < end; first = false) {
		size_t size = line_length(at, end), shown = size;
		while (shown && (at[shown - 1] == '\r'))
			shown--;
		if (!shown)
			break;
		if (first)
			pen_escaped(pen, at, shown, LINE_SHOWN);
		field(pen, at, shown, "host:", ", host ");
		field(pen, at, shown, "content-length:", ", bytes ");
		field(pen, at, shown, "location:", ", to ");
		at += size + (at + size < end);
	}
	return true;
}
