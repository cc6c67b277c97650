/* /proc/net/tcp and its kin: where sock_diag lacks a protocol. */
#include "net/sockets/read.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Reads count hexadecimal digits. */
static bool hex_read(const char **at, size_t count, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < count; i++, ++*at) {
		char c = **at;
		if (!isxdigit((unsigned char)c))
			return false;
		*out = *out << 4 | (uint64_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return true;
}

/* Any number of digits in that base, with blanks before. */
static bool number_read(const char **at, int base, uint64_t *out)
{
	while (**at == ' ')
		++*at;
	char *end;
	if (!isxdigit((unsigned char)**at))
		return false;
	*out = strtoull(*at, &end, base);
	bool good = end != *at;
	*at = end;
	return good;
}

/* The address is printed as 32-bit words of this machine's byte order: 0100007F:0016. */
static bool endpoint_read(const char **at, int family, struct addr *out)
{
	uint64_t word, port;
	*out = (struct addr){ .family = (sa_family_t)family };
	while (**at == ' ')
		++*at;
	for (size_t i = 0; i < addr_length(out->family) / 4; i++) {
		if (!hex_read(at, 8, &word))
			return false;
		uint32_t raw = (uint32_t)word;
		memcpy(out->bytes + 4 * i, &raw, sizeof raw);
	}
	if (**at != ':')
		return false;
	++*at;
	if (!hex_read(at, 4, &port))
		return false;
	out->port = (uint16_t)port;
	return true;
}

static bool separator_skip(const char **at, char separator)
{
	if (**at != separator)
		return false;
	++*at;
	return true;
}

bool sockets_read_proc(const char *line, enum socket_kind kind, int family, struct socket_entry *out)
{
	const char *at = strchr(line, ':');
	uint64_t state, send, receive, skip, uid, inode;
	*out = (struct socket_entry){
		.kind = kind, .family = (uint8_t)family, .cookie = UINT64_MAX, .timer_left = NS_NONE
	};
	if (!at || at == line || !isdigit((unsigned char)at[-1]))
		return false;
	at++;
	/* sl: local remote st tx:rx tr:when retransmits uid timeout inode ... */
	if (!endpoint_read(&at, family, &out->local) || !endpoint_read(&at, family, &out->peer) ||
	    !number_read(&at, 16, &state) || !number_read(&at, 16, &send) || !separator_skip(&at, ':') ||
	    !number_read(&at, 16, &receive) || !number_read(&at, 16, &skip) || !separator_skip(&at, ':') ||
	    !number_read(&at, 16, &skip) || !number_read(&at, 16, &skip) || !number_read(&at, 10, &uid) ||
	    !number_read(&at, 10, &skip) || !number_read(&at, 10, &inode))
		return false;
	out->state = (uint8_t)(state < SOCKET_STATES ? state : 0);
	out->send_queue = (uint32_t)send;
	out->receive_queue = (uint32_t)receive;
	out->uid = (uint32_t)uid;
	out->inode = (uint32_t)inode;
	if (kind == SOCKET_RAW) {
		out->protocol = out->local.port;
		out->local.port = out->peer.port = 0;
	}
	return out->state != 0;
}
