/* The event loop: order and punctuality of timers, watches that end in callbacks, nesting, cancelling, signals - with
 * epoll_pwait2 and, under a seccomp filter that denies it, with timerfd. */
#include "ntsh/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { TIMERS = 500 };

struct fired {
	struct loop_timer timer;
	ns_t wanted;
};

static struct fired fired[TIMERS];
static int order[TIMERS];
static int fired_count;
static bool early;

static void record(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	struct fired *self = arg;
	early |= clock_mono() < self->wanted;
	assert_false(loop_timer_armed(timer));
	order[fired_count++] = (int)(self - fired);
}

static void timers_in_order(void **state)
{
	(void)state;
	struct loop *loop = loop_new(NULL);
	ns_t now = clock_mono();
	uint32_t random = 1;
	memset(fired, 0, sizeof fired);
	fired_count = 0;
	for (int i = 0; i < TIMERS; i++) {
		random = random * 1664525 + 1013904223;
		fired[i].wanted = now + (ns_t)(random >> 8) % (20 * NS_PER_MS);
		loop_timer_start(loop, &fired[i].timer, fired[i].wanted, record, &fired[i]);
	}
	for (int i = 0; i < TIMERS; i += 5)
		loop_timer_stop(loop, &fired[i].timer);
	assert_int_equal(loop_run(loop, NULL), LOOP_IDLE);
	assert_int_equal(fired_count, TIMERS - TIMERS / 5);
	assert_false(early);
	for (int i = 1; i < fired_count; i++)
		assert_true(fired[order[i - 1]].wanted <= fired[order[i]].wanted);
	loop_free(loop);
}

static int rearms;
static bool looked;

static void rearm_in_the_past(struct loop *loop, struct loop_timer *timer, void *arg)
{
	if (!looked)
		rearms++;
	loop_timer_start(loop, timer, 0, rearm_in_the_past, arg);
}

static void look(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)fd;
	(void)events;
	(void)arg;
	looked = true;
}

static void past_timer_starves_nobody(void **state)
{
	(void)state;
	struct loop *loop = loop_new(NULL);
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	struct loop_timer timer = { 0 };
	rearms = 0;
	looked = false;
	assert_int_equal(loop_watch(loop, ends[0], EPOLLIN, look, NULL, NULL), 0);
	loop_timer_start(loop, &timer, 0, rearm_in_the_past, NULL);
	assert_int_equal(loop_run(loop, &looked), LOOP_DONE);
	assert_true(rearms <= 2);
	loop_free(loop);
	close(ends[0]);
	close(ends[1]);
}

static int pipes[2][2];
static int reads;

static void unwatch_other(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)events;
	(void)arg;
	reads++;
	loop_unwatch(loop, fd == pipes[0][0] ? pipes[1][0] : pipes[0][0]);
	loop_unwatch(loop, fd);
}

static void unwatched_events_are_not_delivered(void **state)
{
	(void)state;
	struct loop *loop = loop_new(NULL);
	reads = 0;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pipe(pipes[i]), 0);
		assert_int_equal(write(pipes[i][1], "x", 1), 1);
		assert_int_equal(loop_watch(loop, pipes[i][0], EPOLLIN, unwatch_other, NULL, NULL), 0);
	}
	assert_int_equal(loop_run(loop, NULL), LOOP_IDLE);
	assert_int_equal(reads, 1);
	loop_free(loop);
	for (int i = 0; i < 2; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
}

static bool drained_empty;

static void drain_both(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)events;
	char byte;
	if (read(fd, &byte, 1) != 1)
		drained_empty = true; /* would have blocked the prompt */
	reads++;
	bool *outer = arg;
	if (!*outer) {
		*outer = true;
		bool done = false;
		while (reads < 2 && !done)
			done = loop_sleep(loop, NS_PER_MS) != LOOP_DONE;
	}
}

static void nested_run_leaves_no_stale_events(void **state)
{
	(void)state;
	struct loop *loop = loop_new(NULL);
	reads = 0;
	drained_empty = false;
	bool outer = false;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pipe2(pipes[i], O_NONBLOCK), 0);
		assert_int_equal(write(pipes[i][1], "x", 1), 1);
		assert_int_equal(loop_watch(loop, pipes[i][0], EPOLLIN, drain_both, &outer, NULL), 0);
	}
	assert_int_equal(loop_sleep(loop, 5 * NS_PER_MS), LOOP_DONE);
	assert_int_equal(reads, 2);
	assert_false(drained_empty);
	loop_free(loop);
	for (int i = 0; i < 2; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
}

static void regular_file_is_refused(void **state)
{
	(void)state;
	struct loop *loop = loop_new(NULL);
	struct error err = ERROR_INIT;
	int fd = open("/proc/self/exe", O_RDONLY);
	assert_int_equal(loop_watch(loop, fd, EPOLLIN, look, NULL, &err), -1);
	assert_string_equal(err.code, "EPERM");
	assert_int_equal(loop_run(loop, NULL), LOOP_IDLE);
	close(fd);
	loop_free(loop);
}

static void deadline_ends_a_run(void **state)
{
	(void)state;
	struct loop *loop = loop_new(NULL);
	ns_t until = clock_mono() + 3 * NS_PER_MS;
	loop_rearm(loop, until);
	assert_int_equal(loop_deadline(loop), until);
	assert_int_equal(loop_sleep(loop, 60 * NS_PER_S), LOOP_TIMEOUT);
	assert_true(clock_mono() >= until);
	assert_int_equal(loop_sleep(loop, NS_PER_S), LOOP_TIMEOUT);
	assert_int_equal(loop_cancelled(loop), LOOP_TIMEOUT);
	loop_rearm(loop, NS_NEVER);
	assert_int_equal(loop_cancelled(loop), LOOP_DONE);
	assert_int_equal(loop_sleep(loop, NS_PER_MS), LOOP_DONE);
	loop_free(loop);
}

static void ctrl_c_cancels(void **state)
{
	(void)state;
	struct loop *loop = loop_new(NULL);
	kill(getpid(), SIGINT);
	assert_int_equal(loop_cancelled(loop), LOOP_INTERRUPTED); /* seen by a computation, too */
	assert_int_equal(loop_sleep(loop, 60 * NS_PER_S), LOOP_INTERRUPTED);
	assert_int_equal(loop_cancelled(loop), LOOP_INTERRUPTED);
	loop_rearm(loop, NS_NEVER);
	assert_int_equal(loop_sleep(loop, NS_PER_MS), LOOP_DONE);
	kill(getpid(), SIGTERM); /* pending when the loop goes: must not end the process */
	loop_free(loop);
}

static int signals_seen;

static void signal_seen(struct loop *loop, int signo, void *arg)
{
	(void)loop;
	assert_int_equal(signo, *(int *)arg);
	signals_seen++;
}

static void signals_have_handlers(void **state)
{
	(void)state;
	struct loop *loop = loop_new(NULL);
	int usr1 = SIGUSR1, interrupt = SIGINT;
	signals_seen = 0;
	assert_int_equal(loop_on_signal(loop, SIGUSR1, signal_seen, &usr1, NULL), 0);
	assert_int_equal(loop_on_signal(loop, SIGINT, signal_seen, &interrupt, NULL), 0);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGINT);
	assert_int_equal(loop_sleep(loop, NS_PER_MS), LOOP_DONE);
	assert_int_equal(signals_seen, 2);
	assert_int_equal(loop_on_signal(loop, SIGINT, NULL, NULL, NULL), 0);
	kill(getpid(), SIGINT);
	assert_int_equal(loop_sleep(loop, NS_PER_S), LOOP_INTERRUPTED);
	loop_free(loop);
	sigset_t mask;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	assert_false(sigismember(&mask, SIGINT) || sigismember(&mask, SIGUSR1));
}

static void child_gets_signals_back(void **state)
{
	(void)state;
	struct loop *loop = loop_new(NULL);
	int usr1 = SIGUSR1;
	assert_int_equal(loop_on_signal(loop, SIGUSR1, signal_seen, &usr1, NULL), 0);
	signal(SIGPIPE, SIG_IGN);
	pid_t child = fork();
	if (child == 0) {
		loop_reset_signals(loop);
		sigset_t mask;
		struct sigaction action;
		sigprocmask(SIG_BLOCK, NULL, &mask);
		sigaction(SIGPIPE, NULL, &action);
		_exit(sigismember(&mask, SIGINT) || sigismember(&mask, SIGUSR1) ||
		      action.sa_handler != SIG_DFL || prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0) == 1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	signal(SIGPIPE, SIG_DFL);
	loop_free(loop);
}

/* Median lateness of 1 ms sleeps stays far below a millisecond, which is what a loop with 1 ms timers cannot do. */
static void sleeps_are_punctual(void **state)
{
	(void)state;
	struct loop *loop = loop_new(NULL);
	int late = 0;
	for (int i = 0; i < 21; i++) {
		ns_t until = clock_mono() + NS_PER_MS / 2;
		loop_sleep(loop, NS_PER_MS / 2);
		late += clock_mono() - until > NS_PER_MS / 2;
	}
	assert_true(late < 11);
	loop_free(loop);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_in_order),
		cmocka_unit_test(past_timer_starves_nobody),
		cmocka_unit_test(unwatched_events_are_not_delivered),
		cmocka_unit_test(nested_run_leaves_no_stale_events),
		cmocka_unit_test(regular_file_is_refused),
		cmocka_unit_test(deadline_ends_a_run),
		cmocka_unit_test(ctrl_c_cancels),
		cmocka_unit_test(signals_have_handlers),
		cmocka_unit_test(child_gets_signals_back),
		cmocka_unit_test(sleeps_are_punctual),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* An old kernel: epoll_pwait2 (441 everywhere) does not exist. */
static int deny_epoll_pwait2(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 441, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof code / sizeof code[0], .filter = code };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(void)
{
	alarm(50); /* SIGTERM is the loop's: a loop that spins would not end by it */
	int failed = run_all();
	if (deny_epoll_pwait2() < 0) {
		print_message("SKIPPED: no seccomp, the timerfd way was not tried\n");
		return failed;
	}
	return failed + run_all();
}
