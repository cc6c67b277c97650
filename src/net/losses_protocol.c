/* Losses from IP upwards: protocol counters (kernel Documentation/networking/snmp_counter.rst, RFC 4293, 4022, 4113) and sockets. */
#include "net/losses_read.h"

#include "ntsh/addr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct {
	const char *name;
	enum loss_place place;
	bool outgoing, hint;
	const char *means;
} protocol_losses[] = {
	{ "Ip.InHdrErrors", LOSS_IP, false, false, "IP header damaged, or the TTL ran out while forwarding" },
	{ "Ip.InAddrErrors", LOSS_IP, false, false, "for an address that this machine neither has nor forwards to" },
	{ "Ip.InUnknownProtos", LOSS_IP, false, false, "a transport protocol that nobody here speaks" },
	{ "Ip.InDiscards", LOSS_IP, false, false, "no memory for a packet that arrived whole" },
	{ "Ip.OutDiscards", LOSS_IP, true, false, "no room for a packet that was to leave" },
	{ "Ip.OutNoRoutes", LOSS_IP, true, false, "no route" },
	{ "Ip.ReasmFails", LOSS_IP, false, false, "fragments that did not come together" },
	{ "Ip.FragFails", LOSS_IP, true, false, "too big for the next link, and not to be fragmented" },
	{ "IpExt.InTruncatedPkts", LOSS_IP, false, false, "shorter than its header says" },
	{ "IpExt.InNoRoutes", LOSS_IP, false, false, "arrived to be forwarded, without a route" },
	{ "IpExt.InCsumErrors", LOSS_IP, false, false, "wrong IP header checksum" },
	{ "TcpExt.IPReversePathFilter", LOSS_IP, false, false, "the way back would leave by another interface (rp_filter)" },
	{ "Icmp.InErrors", LOSS_IP, false, true, "damaged ICMP" },
	{ "Ip6InHdrErrors", LOSS_IP, false, false, "IPv6 header damaged, or the hop limit ran out while forwarding" },
	{ "Ip6InAddrErrors", LOSS_IP, false, false, "for an IPv6 address that this machine neither has nor forwards to" },
	{ "Ip6InDiscards", LOSS_IP, false, false, "no memory for an IPv6 packet that arrived whole, or it was filtered" },
	{ "Ip6OutDiscards", LOSS_IP, true, false, "no room for an IPv6 packet that was to leave" },
	{ "Ip6InNoRoutes", LOSS_IP, false, false, "IPv6: arrived to be forwarded, without a route" },
	{ "Ip6OutNoRoutes", LOSS_IP, true, false, "no IPv6 route" },
	{ "Ip6InTruncatedPkts", LOSS_IP, false, false, "IPv6: shorter than its header says" },
	{ "Ip6ReasmFails", LOSS_IP, false, false, "IPv6 fragments that did not come together" },
	{ "Tcp.InCsumErrors", LOSS_IP, false, false, "wrong TCP checksum: damaged on the way" },
	{ "Udp.InCsumErrors", LOSS_IP, false, false, "wrong UDP checksum: damaged on the way" },
	{ "Udp.NoPorts", LOSS_IP, false, true, "nobody has the UDP port open: refused, not lost" },
	{ "TcpExt.TCPMD5Failure", LOSS_IP, false, false, "TCP MD5 signature is wrong" },
	{ "Udp.RcvbufErrors", LOSS_SOCKET, false, false, "the program reads too slowly, its UDP receive buffer was full" },
	{ "Udp.SndbufErrors", LOSS_SOCKET, true, false, "a UDP send buffer was full" },
	{ "Udp.MemErrors", LOSS_SOCKET, false, false, "all UDP sockets together used up net.ipv4.udp_mem" },
	{ "Udp6RcvbufErrors", LOSS_SOCKET, false, false, "the program reads too slowly, its UDP receive buffer was full (IPv6)" },
	{ "Udp6SndbufErrors", LOSS_SOCKET, true, false, "a UDP send buffer was full (IPv6)" },
	{ "TcpExt.ListenOverflows", LOSS_SOCKET, false, true, "an accept queue was full: the program does not accept fast enough" },
	{ "TcpExt.ListenDrops", LOSS_SOCKET, false, false, "a SYN or its last ACK was dropped at a listener" },
	{ "TcpExt.TCPReqQFullDrop", LOSS_SOCKET, false, false, "the SYN queue was full, and SYN cookies are off" },
	{ "TcpExt.TCPBacklogDrop", LOSS_SOCKET, false, false, "a socket's backlog was full while its program held it" },
	{ "TcpExt.PFMemallocDrop", LOSS_SOCKET, false, false, "memory was so short that only its own rescue may use it" },
	{ "TcpExt.TCPMinTTLDrop", LOSS_SOCKET, false, false, "the TTL was below the least that the socket takes" },
	{ "TcpExt.RcvPruned", LOSS_SOCKET, false, false, "no receive memory left, even after tidying up (tcp_rmem, tcp_mem)" },
	{ "TcpExt.OfoPruned", LOSS_SOCKET, false, false, "segments behind a gap were thrown away for want of memory" },
	{ "TcpExt.TCPOFODrop", LOSS_SOCKET, false, false, "a segment behind a gap found no memory" },
	{ "TcpExt.TCPRcvQDrop", LOSS_SOCKET, false, false, "a segment found no room in its socket's receive queue" },
	{ "TcpExt.TCPZeroWindowDrop", LOSS_SOCKET, false, false, "the peer sent though the window was closed" },
	{ "TcpExt.TCPDeferAcceptDrop", LOSS_SOCKET, false, true, "held back on purpose (TCP_DEFER_ACCEPT)" },
	{ "TcpExt.TCPAbortOnMemory", LOSS_SOCKET, false, true, "connections that were given up for want of memory" },
};
/* clang-format on */

/* IPv4 only: IPv6 counts multicast that nobody joined as received, and nowhere else. Multicast and broadcast are taken off whole, so that the
 * growth is never too large. */
static void balance(struct losses *losses, const struct counters *counters)
{
	static const char *const arrivals[] = { "Ip.InDelivers",
						"Ip.ForwDatagrams",
						"Ip.InHdrErrors",
						"Ip.InAddrErrors",
						"Ip.InUnknownProtos",
						"Ip.InDiscards",
						"Ip.ReasmReqds",
						"IpExt.InNoRoutes",
						"IpExt.InTruncatedPkts",
						"IpExt.InMcastPkts",
						"IpExt.InBcastPkts",
						"IpExt.InCsumErrors",
						"TcpExt.IPReversePathFilter" };
	losses->vanished_in =
	    (int64_t)(counters_get(counters, "Ip.InReceives") + counters_get(counters, "Ip.ReasmOKs"));
	for (size_t i = 0; i < sizeof arrivals / sizeof arrivals[0]; i++)
		losses->vanished_in -= (int64_t)counters_get(counters, arrivals[i]);
	uint64_t transmits = counters_get(counters, "Ip.OutTransmits");
	losses->vanished_out_known = transmits > 0;
	losses->vanished_out = (int64_t)(counters_get(counters, "Ip.OutRequests") +
					 counters_get(counters, "Ip.ForwDatagrams") - transmits);
}

void losses_add_protocols(struct losses *losses, const struct counters *counters)
{
	balance(losses, counters);
	for (size_t i = 0; i < sizeof protocol_losses / sizeof protocol_losses[0]; i++) {
		struct loss_counter counter = { .place = protocol_losses[i].place,
						.scope = SCOPE_NAMESPACE,
						.outgoing = protocol_losses[i].outgoing,
						.hint = protocol_losses[i].hint,
						.means = protocol_losses[i].means,
						.value = counters_get(counters, protocol_losses[i].name) };
		snprintf(counter.name, sizeof counter.name, "%s", protocol_losses[i].name);
		losses_add(losses, &counter);
	}
}

/* --- sockets --- */

/* "0100007F:1388", "00000000000000000000000001000000:1388": words of the host's byte order. */
static bool endpoint_read(const char *text, struct addr *out)
{
	size_t digits = strspn(text, "0123456789abcdefABCDEF");
	uint32_t words[4];
	if ((digits != 8 && digits != 32) || text[digits] != ':')
		return false;
	for (size_t i = 0; i < digits / 8; i++) {
		char word[9];
		snprintf(word, sizeof word, "%.8s", text + 8 * i);
		words[i] = (uint32_t)strtoul(word, NULL, 16);
	}
	*out = addr_from_bytes(digits == 8 ? AF_INET : AF_INET6, words);
	out->port = (uint16_t)strtoul(text + digits + 1, NULL, 16);
	return true;
}

static void socket_read(struct losses *losses, const char *protocol, const char *line, size_t length)
{
	char copy[512], where[ADDR_TEXT_MAX];
	struct addr local;
	snprintf(copy, sizeof copy, "%.*s", (int)(length < sizeof copy ? length : sizeof copy - 1), line);
	const char *at = strchr(copy, ':'), *last = strrchr(copy, ' ');
	size_t end = strlen(copy);
	while (end && copy[end - 1] == ' ')
		copy[--end] = '\0';
	last = strrchr(copy, ' ');
	if (!at || !last || !endpoint_read(at + 1 + strspn(at + 1, " "), &local))
		return;
	struct loss_counter counter = { .place = LOSS_SOCKET,
					.scope = SCOPE_NAMESPACE,
					.hint = true, /* the protocol counts them, too */
					.means = "dropped at this socket: its program reads too slowly",
					.value = strtoull(last + 1, NULL, 10) };
	if (!counter.value)
		return;
	snprintf(counter.name, sizeof counter.name, "drops");
	snprintf(counter.where, sizeof counter.where, "%s %.60s", protocol, addr_format_port(&local, where));
	losses_add(losses, &counter);
}

void losses_read_sockets(struct losses *losses, const char *protocol, const char *text)
{
	text += strcspn(text, "\n"); /* the heading */
	while (*text) {
		text++;
		size_t length = strcspn(text, "\n");
		socket_read(losses, protocol, text, length);
		text += length;
	}
}
