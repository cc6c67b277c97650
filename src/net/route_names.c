/* The words of ip(8) for the numbers of rtnetlink. */
#include "ntsh/route.h"

#include "base/buf.h"
#include "sys/file.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct name {
	uint32_t number;
	const char *name;
};

static const char *name_find(const struct name *names, size_t count, uint32_t number)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}

#define NAME_FIND(names, number) name_find(names, sizeof names / sizeof names[0], number)

/* Looks a number up in text of the form "254 main # comment". */
static const char *line_find(const char *text, uint32_t number, char buf[16])
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		char *end;
		unsigned long found = strtoul(text, &end, 0);
		if (end == text || found != number || (*end != ' ' && *end != '\t'))
			continue;
		end += strspn(end, " \t");
		size_t length = strcspn(end, " \t\n#");
		if (!length || length >= 16)
			continue;
		snprintf(buf, 16, "%.*s", (int)length, end);
		return buf;
	}
	return NULL;
}

/* Names that the administrator gave: /etc/iproute2, or the distribution's own in newer places. */
static const char *file_name(const char *file, uint32_t number, char buf[16])
{
	static const char *const folders[] = { "/etc/iproute2", "/usr/share/iproute2", "/usr/lib/iproute2" };
	const char *found = NULL;
	for (size_t i = 0; i < sizeof folders / sizeof folders[0] && !found; i++) {
		char path[64];
		struct buf text = BUF_INIT(65536);
		snprintf(path, sizeof path, "%s/%s", folders[i], file);
		if (file_read(path, &text) == 0)
			found = line_find(buf_text(&text), number, buf);
		buf_release(&text);
	}
	if (found)
		return found;
	snprintf(buf, 16, "%u", number);
	return buf;
}

const char *route_type_name(uint8_t type)
{
	static const struct name names[] = {
		{ RTN_UNSPEC, "none" },
		{ RTN_UNICAST, "unicast" },
		{ RTN_LOCAL, "local" },
		{ RTN_BROADCAST, "broadcast" },
		{ RTN_ANYCAST, "anycast" },
		{ RTN_MULTICAST, "multicast" },
		{ RTN_BLACKHOLE, "blackhole" },
		{ RTN_UNREACHABLE, "unreachable" },
		{ RTN_PROHIBIT, "prohibit" },
		{ RTN_THROW, "throw" },
		{ RTN_NAT, "nat" },
		{ RTN_XRESOLVE, "xresolve" },
	};
	const char *name = NAME_FIND(names, type);
	return name ? name : "unknown";
}

const char *route_table_name(uint32_t table, char buf[16])
{
	static const struct name names[] = {
		{ RT_TABLE_DEFAULT, "default" },
		{ RT_TABLE_MAIN, "main" },
		{ RT_TABLE_LOCAL, "local" },
	};
	const char *name = NAME_FIND(names, table);
	return name ? name : file_name("rt_tables", table, buf);
}

const char *route_protocol_name(uint8_t protocol, char buf[16])
{
	static const struct name names[] = {
		{ RTPROT_UNSPEC, "none" }, { RTPROT_REDIRECT, "redirect" }, { RTPROT_KERNEL, "kernel" },
		{ RTPROT_BOOT, "boot" },   { RTPROT_STATIC, "static" },     { RTPROT_RA, "ra" },
		{ RTPROT_ZEBRA, "zebra" }, { RTPROT_BIRD, "bird" },         { RTPROT_DHCP, "dhcp" },
		{ RTPROT_BABEL, "babel" }, { RTPROT_BGP, "bgp" },           { RTPROT_ISIS, "isis" },
		{ RTPROT_OSPF, "ospf" },   { RTPROT_RIP, "rip" },           { RTPROT_EIGRP, "eigrp" },
	};
	const char *name = NAME_FIND(names, protocol);
	return name ? name : file_name("rt_protos", protocol, buf);
}

const char *route_scope_name(uint8_t scope, char buf[16])
{
	static const struct name names[] = {
		{ RT_SCOPE_UNIVERSE, "global" }, { RT_SCOPE_SITE, "site" },       { RT_SCOPE_LINK, "link" },
		{ RT_SCOPE_HOST, "host" },       { RT_SCOPE_NOWHERE, "nowhere" },
	};
	const char *name = NAME_FIND(names, scope);
	return name ? name : file_name("rt_scopes", scope, buf);
}

const char *neighbour_state_name(uint16_t state)
{
	static const struct name names[] = {
		{ 0, "none" },
		{ NUD_INCOMPLETE, "incomplete" },
		{ NUD_REACHABLE, "reachable" },
		{ NUD_STALE, "stale" },
		{ NUD_DELAY, "delay" },
		{ NUD_PROBE, "probe" },
		{ NUD_FAILED, "failed" },
		{ NUD_NOARP, "noarp" },
		{ NUD_PERMANENT, "permanent" },
	};
	const char *name = NAME_FIND(names, state);
	return name ? name : "unknown";
}

const char *neighbour_state_describe(uint16_t state)
{
	static const struct name names[] = {
		{ 0, "was not talked to lately: it will be asked for its MAC address first" },
		{ NUD_INCOMPLETE, "is being asked for its MAC address, and has not answered yet" },
		{ NUD_REACHABLE, "answered within the last seconds" },
		{ NUD_STALE, "is known, but was not checked lately: normal when idle" },
		{ NUD_DELAY, "is known, and about to be checked" },
		{ NUD_PROBE, "is being asked whether it is still there" },
		{ NUD_FAILED, "does not answer on this link: it is off, elsewhere, or filtered" },
		{ NUD_NOARP, "needs no MAC address on this link" },
		{ NUD_PERMANENT, "was set by hand" },
	};
	const char *says = NAME_FIND(names, state);
	return says ? says : "is in a state that this program does not know";
}
