/* The network namespaces of this machine: those with a name (ip-netns(8)), and those that only processes hold. */
#ifndef NTSH_NAMESPACES_H
#define NTSH_NAMESPACES_H

#include "ntsh/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAMESPACE_NAME_MAX = 128 };

struct namespace_info {
	char name[NAMESPACE_NAME_MAX]; /* "" when it has none */
	uint64_t inode;                /* of its nsfs file: its identity, as in lsns(8) */
	int id;                        /* this namespace's number for it (RTM_GETNSID), -1 none */
	unsigned processes;            /* that this user can see */
	int pid;                       /* the lowest of them, 0 none */
	char program[17];              /* its name */
	bool current;                  /* this process is in it */
	bool initial;                  /* process 1 is in it */
};

struct namespaces {
	struct namespace_info *items; /* the initial one, ours, then by name, then by process */
	size_t count;
	unsigned hidden; /* processes whose namespace this user may not see */
};

/* Reads /run/netns and the processes of /proc. Free with namespaces_free. */
int namespaces_read(struct namespaces *out, struct error *err);
void namespaces_free(struct namespaces *namespaces);

/* What -n takes for it: its name, or the number of a process in it. Returns buf. */
const char *namespace_handle(const struct namespace_info *info, char buf[NAMESPACE_NAME_MAX]);

/* "blue", "pid 12 (nginx)", "4026532281". Returns buf. */
char *namespace_describe(const struct namespace_info *info, char *buf, size_t size);

#endif
