#include "net/banner_text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void banner_line(const char *bytes, size_t length, char out[BANNER_TEXT_MAX])
{
	size_t used = 0;
	while (length && (*bytes == '\r' || *bytes == '\n')) {
		bytes++;
		length--;
	}
	for (; used < length && used < BANNER_TEXT_MAX - 1 && bytes[used] != '\n' && bytes[used] != '\0';
	     used++)
		out[used] = bytes[used];
	while (used && out[used - 1] == '\r')
		used--;
	out[used] = '\0';
}

void banner_http(const char *bytes, size_t length, char out[BANNER_TEXT_MAX])
{
	static const char field[] = "\nserver:";
	banner_line(bytes, length, out);
	if (length < 5 || memcmp(bytes, "HTTP/", 5) != 0)
		return;
	size_t used = strlen(out);
	for (size_t at = 0; at + sizeof field < length; at++) {
		if (strncasecmp(bytes + at, field, sizeof field - 1) != 0)
			continue;
		char server[BANNER_TEXT_MAX];
		at += sizeof field - 1;
		while (at < length && bytes[at] == ' ')
			at++;
		banner_line(bytes + at, length - at, server);
		snprintf(out + used, BANNER_TEXT_MAX - used, ", %s", server);
		return;
	}
}

bool banner_suggests_tls(const char *bytes, size_t length)
{
	static const char *const complaints[] = { "HTTPS port", "HTTP request to an HTTPS",
						  "speaking plain HTTP" };
	if (!length || (length >= 2 && bytes[0] == 0x15 && bytes[1] == 0x03))
		return true;
	for (size_t i = 0; i < sizeof complaints / sizeof complaints[0]; i++)
		if (memmem(bytes, length, complaints[i], strlen(complaints[i])))
			return true;
	return false;
}

bool banner_port_is_tls(uint16_t port)
{
	static const uint16_t ports[] = { 443,  465,  563,  636,  853,  989,  990,  992,  993,  994,  995,
					  2376, 3269, 5061, 5671, 5986, 6443, 6697, 8443, 8883, 9443, 10250 };
	for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++)
		if (ports[i] == port)
			return true;
	return false;
}

void banner_names(const struct tls_handshake *shake, char out[BANNER_NAMES_MAX])
{
	size_t used = 0;
	out[0] = '\0';
	for (int i = 0; i < shake->name_count && used < BANNER_NAMES_MAX - 1; i++) {
		int more =
		    snprintf(out + used, BANNER_NAMES_MAX - used, "%s%s", i ? ", " : "", shake->names[i]);
		used += more > 0 ? (size_t)more : 0;
	}
	if (!shake->name_count && shake->chain_count)
		snprintf(out, BANNER_NAMES_MAX, "%s", shake->chain[0].subject);
}
