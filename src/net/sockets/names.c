/* Words for what sockets have: states, kinds, timers, paths, services, and who can reach a listener. */
#include "ntsh/sockets.h"

#include "base/buf.h"
#include "base/mem.h"
#include "ntsh/counters.h"
#include "ntsh/netns.h"
#include "sys/file.h"

#include <ctype.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

const char *socket_state_name(unsigned state)
{
	static const char *const names[SOCKET_STATES] = {
		"?",         "ESTAB",  "SYN-SENT",   "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2",
		"TIME-WAIT", "UNCONN", "CLOSE-WAIT", "LAST-ACK", "LISTEN",     "CLOSING",
	};
	return state < SOCKET_STATES ? names[state] : names[0];
}

const char *socket_kind_name(enum socket_kind kind)
{
	static const char *const names[SOCKET_KINDS] = { "tcp", "udp", "raw", "unix", "packet" };
	return names[kind];
}

const char *socket_timer_name(unsigned timer)
{
	static const char *const names[] = {
		NULL, "retransmit", "keepalive", "time-wait", "persist", "other"
	};
	return names[timer < SOCKET_TIMER_OTHER ? timer : SOCKET_TIMER_OTHER];
}

const char *socket_path_text(const char *path, size_t length, char *buf, size_t size)
{
	if (!path || !length) {
		snprintf(buf, size, "*");
		return buf;
	}
	size_t used = 0;
	/* The kernel ends paths with a NUL; abstract names may hold some, and begin with one. */
	if (path[0] && path[length - 1] == '\0')
		length--;
	for (size_t i = 0; i < length && used + 1 < size; i++)
		buf[used++] = path[i] ? path[i] : '@';
	buf[used] = '\0';
	return buf;
}

bool socket_accept_queue_full(const struct socket_entry *entry)
{
	return entry->state == SOCKET_LISTEN && entry->receive_queue > entry->send_queue;
}

/* --- who can reach it --- */

enum socket_reach socket_reach_of(const struct socket_entry *entry)
{
	bool open =
	    entry->state == SOCKET_LISTEN || (entry->state == SOCKET_CLOSE && entry->kind != SOCKET_TCP);
	if (entry->local.family == AF_UNSPEC || !open)
		return REACH_NOBODY;
	if (entry->kind != SOCKET_RAW && !entry->local.port)
		return REACH_NOBODY;
	if (addr_is_loopback(&entry->local))
		return REACH_HOST;
	if (entry->interface && addr_is_link_local(&entry->local))
		return REACH_LINK;
	if (entry->interface)
		return REACH_INTERFACE;
	return addr_is_any(&entry->local) ? REACH_ANYBODY : REACH_ADDRESS;
}

const char *socket_reach_text(const struct socket_entry *entry, char *buf, size_t size)
{
	char interface[IF_NAMESIZE] = "?", address[ADDR_TEXT_MAX];
	if (entry->interface && !if_indextoname(entry->interface, interface))
		snprintf(interface, sizeof interface, "%u", entry->interface);
	switch (socket_reach_of(entry)) {
	case REACH_NOBODY:
		snprintf(buf, size, "nobody");
		break;
	case REACH_HOST:
		snprintf(buf, size, "this host only");
		break;
	case REACH_LINK:
		snprintf(buf, size, "the link of %s", interface);
		break;
	case REACH_INTERFACE:
		snprintf(buf, size, "what comes in by %s", interface);
		break;
	case REACH_ADDRESS:
		snprintf(buf, size, "who reaches %s", addr_format(&entry->local, address));
		break;
	case REACH_ANYBODY:
		snprintf(buf, size, "%s",
			 entry->family == AF_INET             ? "anyone, by IPv4"
			 : entry->has_v6only && entry->v6only ? "anyone, by IPv6"
			 : entry->family == AF_INET6          ? "anyone"
							      : "anyone");
		break;
	}
	return buf;
}

/* --- services(5) --- */

enum { SERVICES_MAX = 1024 * 1024 };

static struct {
	bool read;
	struct buf text;
	uint32_t names[2][65536]; /* place of the name in text, from 1 */
} * services;

/* "ssh  22/tcp  alias # comment": the first name of a port wins. */
static void service_line(char *line, char *begin)
{
	line[strcspn(line, "#")] = '\0';
	char *name = line + strspn(line, " \t"), *end = name + strcspn(name, " \t"), *rest;
	if (end == name || !*end)
		return;
	*end++ = '\0';
	unsigned long port = strtoul(end, &rest, 10);
	if (!port || port > UINT16_MAX || *rest != '/')
		return;
	bool udp = strncmp(rest + 1, "udp", 3) == 0;
	if ((udp || strncmp(rest + 1, "tcp", 3) == 0) && !services->names[udp][port])
		services->names[udp][port] = (uint32_t)(name - begin) + 1;
}

static void services_read(void)
{
	char path[256];
	services = NEW(__typeof__(*services));
	services->text = (struct buf)BUF_INIT(SERVICES_MAX);
	if (file_read(netns_etc_path("services", path), &services->text) < 0 || !services->text.length)
		return;
	char *begin = services->text.bytes;
	for (char *line = begin, *end; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		service_line(line, begin);
	}
}

const char *socket_service_name(uint16_t port, bool udp)
{
	if (!services)
		services_read();
	uint32_t at = services->names[udp][port];
	return at ? services->text.bytes + at - 1 : NULL;
}

const char *socket_service_shown(uint16_t port, bool udp)
{
	static int64_t low, high = -1;
	if (high < 0 && (sysctl_read_int("net.ipv4.ip_local_port_range", 0, &low) < 0 ||
			 sysctl_read_int("net.ipv4.ip_local_port_range", 1, &high) < 0))
		high = 0;
	return port >= low && port <= high ? NULL : socket_service_name(port, udp);
}

/* --- the peers of unix sockets --- */

enum { NAMES_MAX = 256 * 1024 * 1024 };

struct socket_name {
	uint32_t inode;
	size_t at, length;
};

struct socket_names {
	struct socket_name *items;
	size_t count, capacity;
	struct buf text;
};

static bool name_add(const struct socket_entry *entry, void *arg)
{
	struct socket_names *names = arg;
	if (!entry->path_length)
		return true;
	if (names->count == names->capacity) {
		names->capacity = names->capacity ? 2 * names->capacity : 64;
		names->items = mem_resize(names->items, names->capacity, sizeof *names->items);
	}
	names->items[names->count++] =
	    (struct socket_name){ entry->inode, names->text.length, entry->path_length };
	buf_add(&names->text, entry->path, entry->path_length);
	return !names->text.overflow;
}

static void names_forget(void *arg)
{
	struct socket_names *names = arg;
	names->count = 0;
	buf_clear(&names->text);
}

static int compare_names(const void *a, const void *b)
{
	const struct socket_name *x = a, *y = b;
	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

struct socket_names *socket_names_read(struct error *err)
{
	struct sockets_query query = { .kinds = 1 << SOCKET_UNIX, .states = { [SOCKET_UNIX] = STATES_ALL } };
	struct socket_names *names = NEW(struct socket_names);
	names->text = (struct buf)BUF_INIT(NAMES_MAX);
	if (sockets_list(&query, name_add, names_forget, names, NULL, err) < 0) {
		socket_names_free(names);
		return NULL;
	}
	if (names->count)
		qsort(names->items, names->count, sizeof *names->items, compare_names);
	return names;
}

void socket_names_free(struct socket_names *names)
{
	if (!names)
		return;
	free(names->items);
	buf_release(&names->text);
	free(names);
}

const char *socket_names_find(const struct socket_names *names, uint32_t inode, size_t *length)
{
	struct socket_name key = { .inode = inode };
	const struct socket_name *found =
	    names->count ? bsearch(&key, names->items, names->count, sizeof key, compare_names) : NULL;
	*length = found ? found->length : 0;
	return found ? names->text.bytes + found->at : NULL;
}
