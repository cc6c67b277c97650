/* The causes in a person's words. */
#include "ntsh/diagnose.h"

#include <stdio.h>
#include <string.h>

/* In the order in which people want to see them ruled out. */
static const struct name {
	const char *cause, *badge, *in_words;
} names[] = {
	{ "healthy", "HEALTHY", NULL },
	{ "unknown", "CANNOT TELL", NULL },
	{ "network.loss", "PACKETS LOST", "loss" },
	{ "network.latency", "LONG WAY", "distance" },
	{ "network.bandwidth", "NARROW LINK", "bandwidth" },
	{ "network.congestion", "CONGESTED PATH", "congestion" },
	{ "network.bufferbloat", "BLOATED QUEUE", "bufferbloat" },
	{ "network.jitter", "UNSTEADY PATH", "jitter" },
	{ "network.reordering", "PACKETS OVERTAKE", "reordering" },
	{ "network.pmtu-blackhole", "MTU BLACK HOLE", "the path's MTU" },
	{ "network.ipv6-broken", "BROKEN IPV6", "IPv6" },
	{ "network.filtered", "FILTERED", "a filter" },
	{ "network.rejected", "REJECTED", NULL },
	{ "network.unreachable", "UNREACHABLE", NULL },
	{ "network.routing-loop", "ROUTING LOOP", NULL },
	{ "network.reset-injected", "FORGED RESET", NULL },
	{ "dns.resolver-slow", "SLOW DNS", "DNS" },
	{ "dns.first-resolver-dead", "DEAD NAME SERVER", NULL },
	{ "dns.resolver-unreachable", "NO NAME SERVER", NULL },
	{ "dns.nxdomain", "NO SUCH NAME", NULL },
	{ "server.slow-tls", "SLOW TLS", "TLS" },
	{ "server.tls-certificate", "BAD CERTIFICATE", NULL },
	{ "server.slow-response", "SLOW SERVER", "a slow server" },
	{ "server.slow-transfer", "SLOW SERVER", "pauses of the server" },
	{ "server.listen-overflow", "SERVER OVERRUN", "a full accept queue" },
	{ "server.flapping", "FLAPPING SERVER", "flapping" },
	{ "server.refused", "REFUSED", NULL },
	{ "server.reset", "RESET", NULL },
	{ "server.not-responding", "SERVER HANGS", NULL },
	{ "server.http-error", "SERVER ERROR", NULL },
	{ "client.starved", "BUSY MACHINE", "this machine" },
	{ "client.firewall", "OWN FIREWALL", NULL },
	{ "client.no-route", "NO ROUTE", NULL },
	{ "client.link-down", "LINK DOWN", NULL },
	{ "client.gateway-unreachable", "NO GATEWAY", NULL },
	{ "client.port-exhaustion", "OUT OF PORTS", "free ports" },
	{ "client.wrong-route", "WRONG ROUTE", "the route" },
	{ "client.link-errors", "DAMAGED FRAMES", "link errors" },
	{ "client.duplicate-default-route", "TWO DEFAULT ROUTES", NULL },
	{ "client.duplicate-address", "ADDRESS TAKEN TWICE", NULL },
	{ "client.conntrack-full", "CONNTRACK FULL", "connection tracking" },
	{ "client.rp-filter", "REVERSE PATH FILTER", "the reverse path filter" },
	{ "client.mtu", "WRONG MTU", "the MTU" },
	{ "client.receive-window", "SMALL RECEIVE WINDOW", NULL },
	{ "client.send-buffer", "SMALL SEND BUFFER", NULL },
	{ "client.not-reading", "CLIENT DOES NOT READ", NULL },
	{ "client.socket-leak", "SOCKETS LEAK", "a socket leak" },
	{ "client.drops", "DROPS IN THIS MACHINE", "drops in this machine" },
	{ "client.clock-skew", "WRONG CLOCK", "the clock" },
	{ "client.proxy", "PROXY", NULL },
	{ "client.memory-pressure", "SHORT OF MEMORY", "memory" },
	{ "dns.servfail", "SERVER FAILURE", NULL },
	{ "dns.refused", "RESOLVER REFUSES", NULL },
	{ "dns.lame-delegation", "LAME DELEGATION", "lame servers" },
	{ "dns.delegation-mismatch", "DELEGATION MISMATCH", NULL },
	{ "dns.inconsistent-answers", "ANSWERS DIFFER", NULL },
	{ "dns.dnssec-bogus", "BOGUS DNSSEC", "DNSSEC" },
	{ "dns.aaaa-broken", "BROKEN AAAA", NULL },
	{ "dns.tcp-blocked", "DNS OVER TCP BLOCKED", NULL },
	{ "dns.large-answers-lost", "LARGE ANSWERS LOST", NULL },
	{ "dns.search-list", "SEARCH LIST", NULL },
	{ "dns.stale-cache", "STALE CACHE", "a stale cache" },
	{ "dns.hosts-file", "HOSTS FILE", NULL },
	{ "dns.hijacked", "HIJACKED ANSWER", NULL },
	{ "network.bad-path", "ONE BAD PATH", NULL },
	{ "network.transparent-proxy", "PROXY IN THE PATH", NULL },
	{ "server.syn-flood", "SYN FLOOD", "a SYN flood" },
	{ "server.not-reading", "SERVER DOES NOT READ", NULL },
	{ "server.not-closing", "SERVER DOES NOT CLOSE", NULL },
	{ "server.starved", "BUSY SERVER", NULL },
};

enum { NAMES = sizeof names / sizeof *names };

const char *cause_badge(const char *cause)
{
	static const char *const by_class[][2] = { { "client.", "THIS MACHINE" },
						   { "dns.", "DNS" },
						   { "network.", "NETWORK" },
						   { "server.", "SERVER" } };
	for (size_t i = 0; i < NAMES; i++)
		if (strcmp(names[i].cause, cause) == 0)
			return names[i].badge;
	for (size_t i = 0; i < sizeof by_class / sizeof *by_class; i++)
		if (strncmp(cause, by_class[i][0], strlen(by_class[i][0])) == 0)
			return by_class[i][1];
	return "CANNOT TELL";
}

static bool ruled_out(const struct verdict *verdict, const char *cause)
{
	for (int i = 0; i < verdict->ruled_out_count; i++)
		if (strcmp(verdict->ruled_out[i].cause, cause) == 0)
			return true;
	return false;
}

const char *diagnose_ruled_out(const struct verdict *verdict, char *buf, size_t size)
{
	size_t used = 0;
	buf[0] = '\0';
	for (size_t i = 0; i < NAMES && used < size; i++)
		if (names[i].in_words && ruled_out(verdict, names[i].cause))
			used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
						 names[i].in_words);
	return buf;
}
