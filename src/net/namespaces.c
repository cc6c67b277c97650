#include "ntsh/namespaces.h"

#include "net/iface_read.h"

#include "base/buf.h"
#include "base/mem.h"
#include "sys/file.h"
#include "sys/netlink.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t inode_of(const char *path)
{
	struct stat found;
	return stat(path, &found) < 0 ? 0 : found.st_ino;
}

static struct namespace_info *namespace_at(struct namespaces *all, uint64_t inode)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].inode == inode)
			return &all->items[i];
	all->items = mem_resize(all->items, all->count + 1, sizeof *all->items);
	struct namespace_info *info = &all->items[all->count++];
	*info = (struct namespace_info){ .inode = inode, .id = -1 };
	return info;
}

/* --- the number that this namespace has for another one --- */

static bool id_message(const struct nlmsghdr *message, void *arg)
{
	*(int *)arg = iface_read_nsid(message);
	return false;
}

static int id_ask(struct netlink *netlink, uint16_t attribute, uint32_t value)
{
	struct netlink_request request;
	int id = -1;
	netlink_begin(&request, RTM_GETNSID, 0, sizeof(struct rtgenmsg));
	netlink_add_u32(&request, attribute, value);
	(void)netlink_ask(netlink, &request, id_message, NULL, &id);
	return id;
}

static void ids_read(struct namespaces *all)
{
	struct netlink *netlink = netlink_open(NETLINK_ROUTE, NULL);
	for (size_t i = 0; netlink && i < all->count; i++) {
		struct namespace_info *info = &all->items[i];
		char path[NAMESPACE_NAME_MAX + 16];
		snprintf(path, sizeof path, "/run/netns/%s", info->name);
		int fd = *info->name ? open(path, O_RDONLY | O_CLOEXEC) : -1;
		if (fd >= 0)
			info->id = id_ask(netlink, NETNSA_FD, (uint32_t)fd);
		else if (info->pid)
			info->id = id_ask(netlink, NETNSA_PID, (uint32_t)info->pid);
		if (fd >= 0)
			close(fd);
	}
	netlink_close(netlink);
}

/* --- finding them --- */

static void names_read(struct namespaces *all)
{
	DIR *dir = opendir("/run/netns");
	const struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		char path[sizeof entry->d_name + 16];
		if (*entry->d_name == '.' || strlen(entry->d_name) >= NAMESPACE_NAME_MAX)
			continue;
		snprintf(path, sizeof path, "/run/netns/%s", entry->d_name);
		uint64_t inode = inode_of(path);
		if (!inode)
			continue;
		struct namespace_info *info = namespace_at(all, inode);
		if (!*info->name)
			snprintf(info->name, sizeof info->name, "%s", entry->d_name);
	}
	if (dir)
		closedir(dir);
}

static void process_add(struct namespaces *all, int pid)
{
	char path[48];
	snprintf(path, sizeof path, "/proc/%d/ns/net", pid);
	uint64_t inode = inode_of(path);
	if (!inode) {
		all->hidden += errno == EACCES || errno == EPERM;
		return;
	}
	struct namespace_info *info = namespace_at(all, inode);
	info->processes++;
	info->initial |= pid == 1;
	if (info->pid && info->pid <= pid)
		return;
	struct buf name = BUF_INIT(64);
	info->pid = pid;
	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	(void)file_read(path, &name);
	snprintf(info->program, sizeof info->program, "%.*s", (int)strcspn(buf_text(&name), "\n"),
		 buf_text(&name));
	buf_release(&name);
}

static void processes_read(struct namespaces *all)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)*entry->d_name))
			process_add(all, (int)strtol(entry->d_name, NULL, 10));
	if (dir)
		closedir(dir);
}

static int compare(const void *a, const void *b)
{
	const struct namespace_info *x = a, *y = b;
	if (x->initial != y->initial)
		return x->initial ? -1 : 1;
	if (x->current != y->current)
		return x->current ? -1 : 1;
	if (!*x->name != !*y->name)
		return *x->name ? -1 : 1;
	int names = strcmp(x->name, y->name);
	return names ? names : (x->pid > y->pid) - (x->pid < y->pid);
}

int namespaces_read(struct namespaces *out, struct error *err)
{
	*out = (struct namespaces){ 0 };
	uint64_t own = inode_of("/proc/self/ns/net");
	if (!own)
		return error_errno(err, errno, "mount /proc",
				   "this process's own network namespace cannot be seen");
	names_read(out);
	processes_read(out);
	namespace_at(out, own)->current = true;
	ids_read(out);
	qsort(out->items, out->count, sizeof *out->items, compare);
	return 0;
}

void namespaces_free(struct namespaces *namespaces)
{
	free(namespaces->items);
	*namespaces = (struct namespaces){ 0 };
}

const char *namespace_handle(const struct namespace_info *info, char buf[NAMESPACE_NAME_MAX])
{
	if (*info->name)
		return info->name;
	snprintf(buf, NAMESPACE_NAME_MAX, "%d", info->pid);
	return buf;
}

char *namespace_describe(const struct namespace_info *info, char *buf, size_t size)
{
	if (*info->name)
		snprintf(buf, size, "%s", info->name);
	else if (info->pid)
		snprintf(buf, size, "pid %d (%s)", info->pid, info->program);
	else
		snprintf(buf, size, "%llu", (unsigned long long)info->inode);
	return buf;
}
