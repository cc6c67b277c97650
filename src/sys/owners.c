#include "ntsh/owners.h"

#include "base/mem.h"
#include "sys/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* struct linux_dirent64 of getdents64(2). libc's readdir would copy each of the hundreds of thousands of entries once more. */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

enum { LISTING_SIZE = 64 * 1024, COMMAND_MAX = 16, LINK_MAX_BYTES = 64 };

struct process {
	uint32_t pid;
	size_t first; /* its first owner */
};

struct owners {
	struct owner *items;
	size_t count, capacity;
	char **commands;
	size_t command_count, command_capacity;
	size_t hidden;
	const uint64_t *wanted;
	size_t wanted_count;
};

static bool number_read(const char *text, size_t length, uint64_t *out)
{
	uint64_t number = 0;
	if (!length || length > 19)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = 10 * number + (uint64_t)(text[i] - '0');
	}
	*out = number;
	return true;
}

uint64_t owners_link_inode(const char *link, size_t length)
{
	static const char prefix[] = "socket:[";
	const size_t skip = sizeof prefix - 1;
	uint64_t inode = 0;
	if (length <= skip + 1 || memcmp(link, prefix, skip) != 0 || link[length - 1] != ']' ||
	    !number_read(link + skip, length - skip - 1, &inode))
		return 0;
	return inode;
}

/* --- a walk over a folder of /proc --- */

/* Returns false to end the walk. */
typedef bool entry_fn(int folder, const char *name, uint64_t number, void *arg);

/* Calls fn for each entry whose name is a number. Returns 0, or -1 with errno. */
static int numbers_walk(int folder, char *listing, entry_fn *fn, void *arg)
{
	for (;;) {
		long got = syscall(SYS_getdents64, folder, listing, LISTING_SIZE);
		if (got <= 0)
			return (int)got;
		for (long at = 0; at < got;) {
			const struct entry *entry = (const struct entry *)(listing + at);
			uint64_t number;
			at += entry->length;
			if (number_read(entry->name, strlen(entry->name), &number) &&
			    !fn(folder, entry->name, number, arg))
				return 0;
		}
	}
}

/* --- one process --- */

struct walk {
	struct owners *owners;
	struct process *process;
	char *listing; /* for the descriptors */
};

static bool is_wanted(const struct owners *owners, uint64_t inode)
{
	size_t low = 0, high = owners->wanted_count;
	if (!owners->wanted)
		return true;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (owners->wanted[middle] < inode)
			low = middle + 1;
		else
			high = middle;
	}
	return low < owners->wanted_count && owners->wanted[low] == inode;
}

static bool descriptor_look(int folder, const char *name, uint64_t number, void *arg)
{
	struct walk *walk = arg;
	struct owners *owners = walk->owners;
	char link[LINK_MAX_BYTES];
	ssize_t length = readlinkat(folder, name, link, sizeof link);
	uint64_t inode = length > 0 ? owners_link_inode(link, (size_t)length) : 0;
	if (!inode || !is_wanted(owners, inode))
		return true;
	if (owners->count == owners->capacity) {
		owners->capacity = owners->capacity ? 2 * owners->capacity : 256;
		owners->items = mem_resize(owners->items, owners->capacity, sizeof *owners->items);
	}
	owners->items[owners->count++] =
	    (struct owner){ .inode = inode, .pid = walk->process->pid, .fd = (int)number };
	return true;
}

/* comm of proc(5): up to 15 bytes and a newline. */
static char *command_read(int folder)
{
	char text[COMMAND_MAX + 1];
	int fd = openat(folder, "comm", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, text, COMMAND_MAX);
	if (fd >= 0)
		close(fd);
	if (length > 0 && text[length - 1] == '\n')
		length--;
	return mem_strndup(text, length > 0 ? (size_t)length : 0);
}

/* Only processes that hold sockets are asked for their names. */
static void process_name(struct owners *owners, int folder, const struct process *process)
{
	struct stat stat;
	char *command = command_read(folder);
	if (owners->command_count == owners->command_capacity) {
		owners->command_capacity = owners->command_capacity ? 2 * owners->command_capacity : 64;
		owners->commands =
		    mem_resize(owners->commands, owners->command_capacity, sizeof *owners->commands);
	}
	owners->commands[owners->command_count++] = command;
	uint32_t uid = fstat(folder, &stat) == 0 ? stat.st_uid : 0;
	for (size_t i = process->first; i < owners->count; i++) {
		owners->items[i].command = command;
		owners->items[i].uid = uid;
	}
}

/* Kernel threads (and zombies) have neither a command line nor descriptors: nothing of theirs is hidden. */
static bool has_program(int folder)
{
	char byte;
	int fd = openat(folder, "cmdline", O_RDONLY | O_CLOEXEC);
	bool has = fd >= 0 && read(fd, &byte, 1) == 1;
	if (fd >= 0)
		close(fd);
	return has;
}

static bool process_look(int proc, const char *name, uint64_t number, void *arg)
{
	struct walk *walk = arg;
	struct owners *owners = walk->owners;
	struct process process = { .pid = (uint32_t)number, .first = owners->count };
	int folder = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return true;
	int descriptors = openat(folder, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	walk->process = &process;
	int bad = descriptors < 0 ? -1 : numbers_walk(descriptors, walk->listing, descriptor_look, walk);
	if (bad < 0 && (errno == EACCES || errno == EPERM))
		owners->hidden += has_program(folder);
	if (descriptors >= 0)
		close(descriptors);
	if (owners->count > process.first)
		process_name(owners, folder, &process);
	close(folder);
	return true;
}

static int compare_owners(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;
	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->fd < y->fd ? -1 : x->fd > y->fd;
}

struct owners *owners_scan(const uint64_t *inodes, size_t count, struct error *err)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0) {
		error_errno(err, errno, "mount -t proc proc /proc", "the processes cannot be listed");
		return NULL;
	}
	struct owners *owners = NEW(struct owners);
	struct walk walk = { .owners = owners, .listing = mem_alloc(LISTING_SIZE) };
	char *listing = mem_alloc(LISTING_SIZE);
	owners->wanted = inodes;
	owners->wanted_count = count;
	int bad = numbers_walk(proc, listing, process_look, &walk);
	if (bad < 0)
		error_errno(err, errno, NULL, "the processes cannot be listed");
	close(proc);
	free(listing);
	free(walk.listing);
	owners->wanted = NULL;
	if (bad < 0) {
		owners_free(owners);
		return NULL;
	}
	if (owners->count)
		qsort(owners->items, owners->count, sizeof *owners->items, compare_owners);
	return owners;
}

void owners_free(struct owners *owners)
{
	if (!owners)
		return;
	for (size_t i = 0; i < owners->command_count; i++)
		free(owners->commands[i]);
	free(owners->commands);
	free(owners->items);
	free(owners);
}

size_t owners_find(const struct owners *owners, uint64_t inode, const struct owner **out)
{
	size_t low = 0, high = owners->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (owners->items[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	*out = owners->items + low;
	size_t found = 0;
	while (inode && low + found < owners->count && owners->items[low + found].inode == inode)
		found++;
	return found;
}

size_t owners_hidden(const struct owners *owners)
{
	return owners->hidden;
}

size_t owners_all(const struct owners *owners, const struct owner **out)
{
	*out = owners->items;
	return owners->count;
}

const char *owners_grant(char *buf, size_t size)
{
	return privilege_grant(buf, size, "cap_dac_read_search,cap_sys_ptrace");
}
