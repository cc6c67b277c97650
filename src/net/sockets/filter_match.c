/* Does a filter hold for a socket? What the kernel does not evaluate for us, and what it does, in the same way. */
#include "net/sockets/filter.h"

#include "ntsh/counters.h"
#include "ntsh/resolve.h"
#include "ntsh/sockets.h"

#include <errno.h>
#include <fnmatch.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- names become addresses and numbers --- */

static int host_resolve(struct loop *loop, struct filter_condition *condition, int family, struct error *err)
{
	if (condition->family != AF_UNSPEC)
		family = condition->family;
	if (resolve_all(loop, condition->name, family, condition->addresses, FILTER_ADDRESSES_MAX,
			&condition->address_count, err) < 0)
		return -1;
	condition->prefix = 128;
	return 0;
}

static int device_resolve(struct filter_condition *condition, struct error *err)
{
	char *end;
	condition->number = if_nametoindex(condition->name);
	if (condition->number)
		return 0;
	unsigned long index = strtoul(condition->name, &end, 10);
	condition->number = (uint32_t)index;
	if (*end || !index || index > INT32_MAX)
		return error_set(err, STATUS_USAGE, "EUSAGE", "ntsh iface list",
				 "there is no interface %.100s here", condition->name);
	return 0;
}

/* The id of a cgroup is the inode of its folder (cgroup v2). */
static int cgroup_resolve(struct filter_condition *condition, struct error *err)
{
	static const char *const roots[] = { "", "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	char path[512];
	struct stat stat_;
	const char *slash = condition->name[0] == '/' ? "" : "/";
	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
		/* A path below the mount point, or the whole path. */
		if (!*roots[i] && strncmp(condition->name, "/sys/", 5) != 0)
			continue;
		snprintf(path, sizeof path, "%s%s%s", roots[i], slash, condition->name);
		if (stat(path, &stat_) == 0 && S_ISDIR(stat_.st_mode)) {
			condition->id = stat_.st_ino;
			return 0;
		}
	}
	return error_set(err, STATUS_USAGE, "EUSAGE", "write its path below /sys/fs/cgroup",
			 "there is no cgroup %.200s", condition->name);
}

int socket_filter_resolve(struct loop *loop, struct socket_filter *filter, int family, struct error *err)
{
	for (size_t i = 0; i < filter->node_count; i++) {
		struct filter_condition *condition = filter->nodes[i].condition;
		int bad = 0;
		if (!condition || !condition->name)
			continue;
		if (condition->field == FIELD_DEV)
			bad = device_resolve(condition, err);
		else if (condition->field == FIELD_CGROUP)
			bad = cgroup_resolve(condition, err);
		else if (condition->family != AF_UNIX && condition->family != AF_PACKET)
			bad = host_resolve(loop, condition, family, err);
		if (bad < 0)
			return -1;
	}
	return 0;
}

/* --- matching --- */

static bool bits_agree(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	if (memcmp(a, b, whole) != 0)
		return false;
	return !rest || ((a[whole] ^ b[whole]) & (0xff << (8 - rest))) == 0;
}

/* An IPv4 address also means the IPv6 socket that talks IPv4 with it (RFC 4291 2.5.5.2), as in the kernel's filter. */
static bool address_agrees(const struct addr *wanted, unsigned prefix, const struct addr *addr)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	unsigned most = wanted->family == AF_INET ? 32 : 128;
	if (prefix > most)
		prefix = most;
	if (wanted->zone && addr->zone != wanted->zone)
		return false;
	if (addr->family == wanted->family)
		return bits_agree(addr->bytes, wanted->bytes, prefix);
	return wanted->family == AF_INET && addr->family == AF_INET6 &&
	       memcmp(addr->bytes, mapped, 12) == 0 && bits_agree(addr->bytes + 12, wanted->bytes, prefix);
}

/* A pattern of the shell (fnmatch(3)). Abstract names are written with @. */
static bool path_agrees(const struct filter_condition *condition, const struct socket_entry *entry)
{
	char text[256];
	if (entry->kind != SOCKET_UNIX || condition->field != FIELD_SRC)
		return false;
	return condition->any ||
	       fnmatch(condition->name, socket_path_text(entry->path, entry->path_length, text, sizeof text),
		       0) == 0;
}

/* link: a protocol by number (0x0800) or "all", and after a colon an interface. */
static bool packet_agrees(const struct filter_condition *condition, const struct socket_entry *entry)
{
	if (entry->kind != SOCKET_PACKET || condition->field != FIELD_SRC)
		return false;
	if (condition->any)
		return true;
	char protocol[32], *end;
	size_t length = strcspn(condition->name, ":");
	snprintf(protocol, sizeof protocol, "%.*s", (int)length, condition->name);
	unsigned long number = strtoul(protocol, &end, 0);
	bool every = !*protocol || strcmp(protocol, "*") == 0;
	if (strcmp(protocol, "all") == 0)
		number = ETH_P_ALL;
	else if (!every && *end)
		return false;
	if (!every && number != entry->protocol)
		return false;
	const char *interface = condition->name[length] ? condition->name + length + 1 : "";
	return !*interface || strcmp(interface, "*") == 0 || if_nametoindex(interface) == entry->interface;
}

static bool host_agrees(const struct filter_condition *condition, const struct socket_entry *entry)
{
	const struct addr *addr = condition->field == FIELD_SRC ? &entry->local : &entry->peer;
	if (condition->family == AF_UNIX)
		return path_agrees(condition, entry);
	if (condition->family == AF_PACKET)
		return packet_agrees(condition, entry);
	if (addr->family == AF_UNSPEC || (condition->port != PORT_ANY && addr->port != condition->port))
		return false;
	if (condition->any)
		return condition->family == AF_UNSPEC || condition->family == addr->family;
	for (size_t i = 0; i < condition->address_count; i++)
		if (address_agrees(&condition->addresses[i], condition->prefix, addr))
			return true;
	return false;
}

static bool port_agrees(const struct filter_condition *condition, const struct socket_entry *entry)
{
	const struct addr *addr = condition->field == FIELD_SPORT ? &entry->local : &entry->peer;
	if (addr->family == AF_UNSPEC)
		return false;
	switch (condition->compare) {
	case COMPARE_LT:
		return addr->port < condition->port;
	case COMPARE_LE:
		return addr->port <= condition->port;
	case COMPARE_GT:
		return addr->port > condition->port;
	case COMPARE_GE:
		return addr->port >= condition->port;
	case COMPARE_EQ:
	case COMPARE_NE:
		break;
	}
	return addr->port == condition->port;
}

/* A port of the kernel's choice: within ip_local_port_range. (The kernel's own filter knows it for sure; this is what can be told from
 * outside.) */
static bool port_is_automatic(const struct socket_entry *entry)
{
	static int64_t low, high;
	if (!high && (sysctl_read_int("net.ipv4.ip_local_port_range", 0, &low) < 0 ||
		      sysctl_read_int("net.ipv4.ip_local_port_range", 1, &high) < 0))
		return false;
	return entry->local.port >= low && entry->local.port <= high;
}

static bool condition_holds(const struct filter_condition *condition, const struct socket_entry *entry)
{
	switch (condition->field) {
	case FIELD_SRC:
	case FIELD_DST:
		return host_agrees(condition, entry);
	case FIELD_SPORT:
	case FIELD_DPORT:
		return port_agrees(condition, entry);
	case FIELD_DEV:
		return entry->interface == condition->number;
	case FIELD_MARK:
		return entry->has_mark && (entry->mark & condition->mask) == condition->number;
	case FIELD_CGROUP:
		return entry->has_cgroup && entry->cgroup == condition->id;
	case FIELD_AUTOBOUND:
		return port_is_automatic(entry);
	}
	return false;
}

static bool node_holds(const struct socket_filter *filter, size_t index, const struct socket_entry *entry)
{
	const struct filter_node *node = &filter->nodes[index];
	switch (node->op) {
	case FILTER_NOT:
		return !node_holds(filter, node->left, entry);
	case FILTER_AND:
		return node_holds(filter, node->left, entry) && node_holds(filter, node->right, entry);
	case FILTER_OR:
		return node_holds(filter, node->left, entry) || node_holds(filter, node->right, entry);
	case FILTER_CONDITION:
		break;
	}
	return condition_holds(node->condition, entry) != (node->condition->compare == COMPARE_NE);
}

bool socket_filter_matches(const struct socket_filter *filter, const struct socket_entry *entry)
{
	return filter->root < 0 || node_holds(filter, (size_t)filter->root, entry);
}
