/* What ICMP's numbers mean (RFC 792, 1122 3.2.2.1, 1812 5.2.7, 4443, 4890; IANA icmp-parameters). */
#include "ntsh/ping.h"

#include <sys/socket.h>

struct word {
	uint8_t type;
	int code; /* -1: all others of the type */
	const char *says;
};

static const struct word ipv4_words[] = {
	{ 0, -1, "echo reply" },
	{ 3, 0, "network unreachable" },
	{ 3, 1, "host unreachable" },
	{ 3, 2, "protocol unreachable" },
	{ 3, 3, "port unreachable" },
	{ 3, 4, "packet too big and must not be fragmented" },
	{ 3, 5, "source route failed" },
	{ 3, 6, "network unknown" },
	{ 3, 7, "host unknown" },
	{ 3, 8, "source host isolated" },
	{ 3, 9, "network administratively prohibited" },
	{ 3, 10, "host administratively prohibited" },
	{ 3, 11, "network unreachable for this type of service" },
	{ 3, 12, "host unreachable for this type of service" },
	{ 3, 13, "filtered: communication administratively prohibited" },
	{ 3, 14, "host precedence violation" },
	{ 3, 15, "precedence cut-off" },
	{ 3, -1, "destination unreachable" },
	{ 4, -1, "source quench" },
	{ 5, -1, "redirect" },
	{ 8, -1, "echo request" },
	{ 11, 0, "TTL ran out on the way (a routing loop, or too far)" },
	{ 11, 1, "fragments did not all arrive in time" },
	{ 11, -1, "time exceeded" },
	{ 12, -1, "parameter problem in the header" },
};

static const struct word ipv6_words[] = {
	{ 1, 0, "no route to destination" },
	{ 1, 1, "filtered: communication administratively prohibited" },
	{ 1, 2, "beyond the scope of the source address" },
	{ 1, 3, "address unreachable" },
	{ 1, 4, "port unreachable" },
	{ 1, 5, "source address failed ingress or egress policy" },
	{ 1, 6, "rejected by a route" },
	{ 1, -1, "destination unreachable" },
	{ 2, -1, "packet too big" },
	{ 3, 0, "hop limit ran out on the way (a routing loop, or too far)" },
	{ 3, 1, "fragments did not all arrive in time" },
	{ 3, -1, "time exceeded" },
	{ 4, -1, "parameter problem in the header" },
	{ 128, -1, "echo request" },
	{ 129, -1, "echo reply" },
};

static const char *word_find(const struct word *words, size_t count, uint8_t type, uint8_t code)
{
	for (size_t i = 0; i < count; i++)
		if (words[i].type == type && (words[i].code < 0 || words[i].code == code))
			return words[i].says;
	return "an ICMP message of unknown type";
}

const char *icmp_describe(int family, uint8_t type, uint8_t code)
{
	if (family == AF_INET6)
		return word_find(ipv6_words, sizeof ipv6_words / sizeof ipv6_words[0], type, code);
	return word_find(ipv4_words, sizeof ipv4_words / sizeof ipv4_words[0], type, code);
}
