/* What a frame is, and whether a rule means it. */
#include "emu.h"

#include <netinet/in.h>
#include <string.h>

enum { ETHERNET_HEADER = 14, IPV6_HEADER = 40 };

static unsigned read16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static void parse_transport(const uint8_t *at, size_t left, struct frame_info *info)
{
	if ((info->protocol == IPPROTO_TCP || info->protocol == IPPROTO_UDP) && left >= 4) {
		info->sport = (int)read16(at);
		info->dport = (int)read16(at + 2);
	}
	if (info->protocol == IPPROTO_TCP && left >= 14)
		info->flags = at[13];
}

static void parse_ipv4(const uint8_t *ip, size_t left, struct frame_info *info)
{
	size_t header = (size_t)(ip[0] & 15) * 4;
	unsigned fragment = read16(ip + 6);
	info->family = 4;
	info->protocol = ip[9];
	info->ip_bytes = read16(ip + 2);
	info->fragment = (fragment & 0x3fff) != 0;
	if ((fragment & 0x1fff) == 0 && header >= 20 && header <= left)
		parse_transport(ip + header, left - header, info);
}

static void parse_ipv6(const uint8_t *ip, size_t left, struct frame_info *info)
{
	int next = ip[6];
	size_t at = IPV6_HEADER;
	bool first = true;
	info->family = 6;
	info->ip_bytes = read16(ip + 4) + IPV6_HEADER;
	while ((next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS ||
		next == IPPROTO_FRAGMENT) &&
	       at + 8 <= left) {
		if (next == IPPROTO_FRAGMENT) {
			info->fragment = true;
			first = (read16(ip + at + 2) & 0xfff8) == 0;
		}
		int length = next == IPPROTO_FRAGMENT ? 8 : (ip[at + 1] + 1) * 8;
		next = ip[at];
		at += (size_t)length;
	}
	info->protocol = next == IPPROTO_ICMPV6 ? IPPROTO_ICMP : next;
	if (first && at <= left)
		parse_transport(ip + at, left - at, info);
}

void frame_parse(const uint8_t *frame, size_t length, struct frame_info *info)
{
	*info = (struct frame_info){ .protocol = -1, .sport = -1, .dport = -1 };
	if (length < ETHERNET_HEADER)
		return;
	unsigned type = read16(frame + 12);
	const uint8_t *ip = frame + ETHERNET_HEADER;
	size_t left = length - ETHERNET_HEADER;
	info->ip_bytes = left;
	if (type == 0x0800 && left >= 20)
		parse_ipv4(ip, left, info);
	else if (type == 0x86dd && left >= IPV6_HEADER)
		parse_ipv6(ip, left, info);
}

bool match_frame(const struct match *match, const struct frame_info *info)
{
	if (info->family == 0)
		return false; /* ARP and the like always pass: rules are about IP */
	if (match->family != -1 && match->family != info->family)
		return false;
	if (match->protocol != -1 && match->protocol != info->protocol)
		return false;
	if (match->sport != -1 && match->sport != info->sport)
		return false;
	if (match->dport != -1 && match->dport != info->dport)
		return false;
	if (match->port != -1 && match->port != info->sport && match->port != info->dport)
		return false;
	if ((info->flags & match->flags_set) != match->flags_set || (info->flags & match->flags_clear))
		return false;
	if (match->fragment && !info->fragment)
		return false;
	return info->ip_bytes >= match->size_min && info->ip_bytes <= match->size_max;
}
