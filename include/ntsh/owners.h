/* Which processes hold which sockets: the inode of a socket (sock_diag, /proc/net/tcp) to the processes that have it open.
 *
 * Found by a walk over /proc/PID/fd (proc(5)), which takes about a microsecond for each open file of the machine. The kernel shows the
 * descriptors of a process to its own user and to those with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH: what stays hidden is counted. */
#ifndef NTSH_OWNERS_H
#define NTSH_OWNERS_H

#include "ntsh/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One descriptor of a socket. command is the process' name (comm, at most 15 bytes, anything may be in it), owned by the owners. */
struct owner {
	uint64_t inode;
	uint32_t pid;
	uint32_t uid; /* effective, of the process */
	int fd;
	const char *command;
};

struct owners;

/* Walks all processes now. inodes (may be NULL: all): only these are remembered, sorted upwards, count of them. Returns NULL with err when there
 * is no /proc. Free with owners_free. */
struct owners *owners_scan(const uint64_t *inodes, size_t count, struct error *err);
void owners_free(struct owners *owners);

/* The descriptors of a socket, by process and descriptor: *out points to the first, the number of them is returned. 0: nobody
 * that could be seen (time-wait and orphaned sockets have no owner, and their inode is 0). */
size_t owners_find(const struct owners *owners, uint64_t inode, const struct owner **out);

/* Processes whose descriptors were hidden from this user. */
size_t owners_hidden(const struct owners *owners);

/* All of them, sorted by inode. */
size_t owners_all(const struct owners *owners, const struct owner **out);

/* "setcap cap_dac_read_search,cap_sys_ptrace+ep PROGRAM": what shows the rest. Returns buf. */
const char *owners_grant(char *buf, size_t size);

/* "socket:[12345]": the inode, or 0 when the link names something else. For every byte that /proc may hold. */
uint64_t owners_link_inode(const char *link, size_t length);

#endif
