/* The words of ip(8) for the numbers of rtnetlink. */
#include "ntsh/route.h"
#include "ntsh/routes.h"

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

/* Names that the administrator gave: /etc/iproute2, or the distribution's own in newer places. Returns false when there is no such
 * file. */
static bool names_read(const char *file, struct buf *text)
{
	static const char *const folders[] = { "/etc/iproute2", "/usr/share/iproute2", "/usr/lib/iproute2" };
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		char path[64];
		snprintf(path, sizeof path, "%s/%s", folders[i], file);
		buf_clear(text);
		if (file_read(path, text) == 0)
			return true;
	}
	return false;
}

/* The last answer is kept: a table of a million routes asks for the same number again and again. */
static const char *file_name(const char *file, uint32_t number, char buf[16])
{
	static const char *last_file;
	static uint32_t last_number;
	static char last_name[16];
	if (last_file == file && last_number == number)
		return memcpy(buf, last_name, sizeof last_name);
	struct buf text = BUF_INIT(65536);
	if (!names_read(file, &text) || !line_find(buf_text(&text), number, buf))
		snprintf(buf, 16, "%u", number);
	buf_release(&text);
	last_file = file;
	last_number = number;
	snprintf(last_name, sizeof last_name, "%s", buf);
	return buf;
}

/* Looks a name up in such text; comments begin with '#'. */
static bool line_number(const char *text, const char *name, uint32_t *out)
{
	size_t wanted = strlen(name);
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		char *end;
		unsigned long number = strtoul(text, &end, 0);
		if (end == text || number > UINT32_MAX || (*end != ' ' && *end != '\t'))
			continue;
		end += strspn(end, " \t");
		if (strcspn(end, " \t\n#") != wanted || strncmp(end, name, wanted) != 0)
			continue;
		*out = (uint32_t)number;
		return true;
	}
	return false;
}

static int name_number(const struct name *names, size_t count, const char *file, const char *text,
		       uint32_t max, uint32_t *out)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i].name, text) == 0) {
			*out = names[i].number;
			return 0;
		}
	char *end;
	unsigned long number = strtoul(text, &end, 0);
	if (*text >= '0' && *text <= '9' && !*end && number <= max) {
		*out = (uint32_t)number;
		return 0;
	}
	struct buf file_text = BUF_INIT(65536);
	bool found = file && names_read(file, &file_text) && line_number(buf_text(&file_text), text, out);
	buf_release(&file_text);
	return found ? 0 : -1;
}

static const struct name types[] = {
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

const char *route_type_name(uint8_t type)
{
	const char *name = NAME_FIND(types, type);
	return name ? name : "unknown";
}

static const struct name tables[] = {
	{ RT_TABLE_DEFAULT, "default" },
	{ RT_TABLE_MAIN, "main" },
	{ RT_TABLE_LOCAL, "local" },
};

const char *route_table_name(uint32_t table, char buf[16])
{
	const char *name = NAME_FIND(tables, table);
	return name ? name : file_name("rt_tables", table, buf);
}

static const struct name protocols[] = {
	{ RTPROT_UNSPEC, "none" }, { RTPROT_REDIRECT, "redirect" }, { RTPROT_KERNEL, "kernel" },
	{ RTPROT_BOOT, "boot" },   { RTPROT_STATIC, "static" },     { RTPROT_RA, "ra" },
	{ RTPROT_ZEBRA, "zebra" }, { RTPROT_BIRD, "bird" },         { RTPROT_DHCP, "dhcp" },
	{ RTPROT_BABEL, "babel" }, { RTPROT_BGP, "bgp" },           { RTPROT_ISIS, "isis" },
	{ RTPROT_OSPF, "ospf" },   { RTPROT_RIP, "rip" },           { RTPROT_EIGRP, "eigrp" },
};

const char *route_protocol_name(uint8_t protocol, char buf[16])
{
	const char *name = NAME_FIND(protocols, protocol);
	return name ? name : file_name("rt_protos", protocol, buf);
}

static const struct name scopes[] = {
	{ RT_SCOPE_UNIVERSE, "global" }, { RT_SCOPE_SITE, "site" },       { RT_SCOPE_LINK, "link" },
	{ RT_SCOPE_HOST, "host" },       { RT_SCOPE_NOWHERE, "nowhere" },
};

const char *route_scope_name(uint8_t scope, char buf[16])
{
	const char *name = NAME_FIND(scopes, scope);
	return name ? name : file_name("rt_scopes", scope, buf);
}

/* A name of ours, a number, or a name of the administrator's. */
#define NAME_NUMBER(names, file, text, max, out)                                                             \
	name_number(names, sizeof names / sizeof names[0], file, text, max, out)

int route_table_number(const char *text, uint32_t *out)
{
	return NAME_NUMBER(tables, "rt_tables", text, UINT32_MAX, out);
}

static int small_number(int failed, uint32_t number, int *out)
{
	*out = (int)number;
	return failed;
}

int route_protocol_number(const char *text, int *out)
{
	uint32_t number = 0;
	int failed = NAME_NUMBER(protocols, "rt_protos", text, UINT8_MAX, &number);
	return small_number(failed, number, out);
}

int route_scope_number(const char *text, int *out)
{
	uint32_t number = 0;
	int failed = NAME_NUMBER(scopes, "rt_scopes", text, UINT8_MAX, &number);
	return small_number(failed, number, out);
}

int route_type_number(const char *text, int *out)
{
	uint32_t number = 0;
	int failed = NAME_NUMBER(types, NULL, text, UINT8_MAX, &number);
	return small_number(failed, number, out);
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
