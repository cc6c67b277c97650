/* How a connection attempt ended, in words. */
#include "ntsh/tcp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Destination unreachable: RFC 792, RFC 1812 5.2.7.1. */
static const char *const ICMP4_UNREACHABLE[] = {
	"has no route to that network",
	"found the host unreachable",
	"says: protocol unreachable",
	"says: port unreachable",
	"says: too big for the next link",
	"says: source route failed",
	"does not know that network",
	"does not know that host",
	"says: source host isolated",
	"prohibits that network",
	"prohibits that host",
	"says: network unreachable for this type of service",
	"says: host unreachable for this type of service",
	"filters it (administratively prohibited)",
	"says: host precedence violation",
	"says: precedence cut-off",
};

/* RFC 4443 3.1. */
static const char *const ICMP6_UNREACHABLE[] = {
	"has no route to that destination",
	"filters it (administratively prohibited)",
	"says: beyond scope of source address",
	"found the address unreachable",
	"says: port unreachable",
	"says: source address failed its policy",
	"rejects the route to that destination",
};

static const char *icmp_words(const struct tcp_connect_result *result)
{
	bool six = result->icmp_from.family == AF_INET6;
	size_t code = result->icmp_code;
	if (six && result->icmp_type == 1 && code < sizeof ICMP6_UNREACHABLE / sizeof ICMP6_UNREACHABLE[0])
		return ICMP6_UNREACHABLE[code];
	if (!six && result->icmp_type == 3 && code < sizeof ICMP4_UNREACHABLE / sizeof ICMP4_UNREACHABLE[0])
		return ICMP4_UNREACHABLE[code];
	if (result->icmp_type == (six ? 3 : 11))
		return "says: time exceeded, so it may go round in a loop";
	return "sent an ICMP error";
}

static const char *local_words(int errnum)
{
	switch (errnum) {
	case ENETUNREACH:
		return "this machine has no route to it";
	case EPERM:
	case EACCES:
		return "this machine's own firewall or policy forbids it";
	case EADDRNOTAVAIL:
		return "this machine has no free local port or address for it";
	case ENETDOWN:
		return "this machine's network interface is down";
	case EHOSTUNREACH:
		return "the next hop does not answer (no ARP or neighbour entry), or a route here says "
		       "unreachable";
	case EINVAL:
		return "the address cannot be used like this (a link-local one needs its zone: fe80::1%eth0)";
	default:
		return NULL;
	}
}

char *tcp_connect_text(const struct tcp_connect_result *result, char buf[TCP_CONNECT_TEXT_MAX])
{
	char peer[ADDR_TEXT_MAX], from[ADDR_TEXT_MAX];
	const size_t size = TCP_CONNECT_TEXT_MAX;
	const char *words;
	addr_format_port(&result->peer, peer);
	switch (result->outcome) {
	case TCP_CONNECTED:
		snprintf(buf, size, "connected to %s", peer);
		break;
	case TCP_REFUSED:
		snprintf(
		    buf, size,
		    "%s refused: the host is up, but nothing listens on that port (or a firewall rejects)",
		    peer);
		break;
	case TCP_UNREACHABLE:
		addr_format(&result->icmp_from, from);
		if (addr_equal(&result->icmp_from, &result->local))
			snprintf(
			    buf, size,
			    "%s is unreachable: the next hop does not answer (no ARP or neighbour entry)",
			    peer);
		else
			snprintf(buf, size, "%s is unreachable: %s %s", peer, from, icmp_words(result));
		break;
	case TCP_TIMED_OUT:
		snprintf(
		    buf, size,
		    "%s did not answer (%llu SYN%s sent): dropped on the way, or by an overloaded server",
		    peer, (unsigned long long)result->syn_retransmits + 1,
		    result->syn_retransmits ? "s" : "");
		break;
	case TCP_RESET:
		snprintf(buf, size, "%s reset the connection", peer);
		break;
	case TCP_LOCAL_ERROR:
		words = local_words(result->errnum);
		snprintf(buf, size, "%s cannot be reached: %s", peer,
			 words ? words : strerrordesc_np(result->errnum));
		break;
	}
	return buf;
}
