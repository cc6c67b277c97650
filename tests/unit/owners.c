/* Owners of sockets: what a link of /proc/PID/fd says, and this very process. */
#include "ntsh/owners.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void links(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t inode;
	} cases[] = { { "socket:[12345]", 12345 },
		      { "socket:[1]", 1 },
		      { "socket:[]", 0 },
		      { "socket:[12", 0 },
		      { "socket:[12x]", 0 },
		      { "socket:[-1]", 0 },
		      { "pipe:[12]", 0 },
		      { "/tmp/socket:[5]", 0 },
		      { "socket:[99999999999999999999]", 0 },
		      { "", 0 } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_true(owners_link_inode(cases[i].text, strlen(cases[i].text)) == cases[i].inode);
	/* What readlink(2) cut off is no inode. */
	assert_true(owners_link_inode("socket:[12345]", 13) == 0);
}

static uint64_t inode_of(int fd)
{
	struct stat stat;
	assert_int_equal(fstat(fd, &stat), 0);
	return stat.st_ino;
}

/* A socket that this process has twice and a child once: three owners, by process and descriptor. */
static void shared(void **state)
{
	(void)state;
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	uint64_t inode = inode_of(pair[0]), other = inode_of(pair[1]);
	int copy = dup(pair[0]);
	pid_t child = fork();
	if (!child) {
		close(copy);
		pause();
		_exit(0);
	}
	/* The child has closed its copy once its descriptor is gone: until then it is seen, too. */
	const struct owner *found;
	struct owners *owners = NULL;
	size_t count = 0;
	for (int tries = 0; tries < 100 && count != 3; tries++, usleep(10000)) {
		owners_free(owners);
		owners = owners_scan(NULL, 0, NULL);
		assert_non_null(owners);
		count = owners_find(owners, inode, &found);
	}
	assert_int_equal(count, 3);
	for (size_t i = 0; i < count; i++) {
		assert_true(found[i].inode == inode);
		assert_true(found[i].pid == (uint32_t)getpid() || found[i].pid == (uint32_t)child);
		assert_int_equal(found[i].uid, geteuid());
		assert_non_null(strstr("unit_owners", found[i].command));
		assert_true(i == 0 || found[i - 1].pid < found[i].pid || found[i - 1].fd < found[i].fd);
	}
	assert_int_equal(owners_find(owners, other, &found), 2);
	assert_int_equal(owners_find(owners, 0, &found), 0);
	assert_int_equal(owners_find(owners, UINT64_MAX, &found), 0);
	owners_free(owners);
	/* Asked for one socket, only that one is remembered. */
	owners = owners_scan(&other, 1, NULL);
	assert_int_equal(owners_all(owners, &found), 2);
	assert_int_equal(owners_find(owners, inode, &found), 0);
	owners_free(owners);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(links), cmocka_unit_test(shared) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
