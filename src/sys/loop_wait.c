#include "sys/loop_wait.h"

#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* Same number on all architectures (it is younger than their unification); older headers lack it. */
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

/* No watch has it: watches carry a descriptor in the lower half. */
#define TIMER_KEY UINT64_MAX

int loop_wait_open(struct loop_wait *wait, struct error *err)
{
	wait->timer_fd = -1;
	wait->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (wait->epoll_fd < 0)
		return error_errno(err, errno, "raise the limit of open files (ulimit -n)",
				   "the event loop cannot start");
	return 0;
}

void loop_wait_close(struct loop_wait *wait)
{
	if (wait->timer_fd >= 0)
		close(wait->timer_fd);
	if (wait->epoll_fd >= 0)
		close(wait->epoll_fd);
	wait->epoll_fd = wait->timer_fd = -1;
}

static struct timespec timespec_from(ns_t ns)
{
	return (struct timespec){ .tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S };
}

static int timer_add(struct loop_wait *wait)
{
	wait->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (wait->timer_fd < 0)
		return -1;
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = TIMER_KEY };
	if (epoll_ctl(wait->epoll_fd, EPOLL_CTL_ADD, wait->timer_fd, &event) == 0)
		return 0;
	close(wait->timer_fd);
	wait->timer_fd = -1;
	return -1;
}

static int wait_by_timerfd(struct loop_wait *wait, struct epoll_event *events, int max, ns_t horizon)
{
	/* All zeroes would disarm it: a moment in the past is asked as 1 ns. */
	ns_t at = horizon == NS_NEVER ? 0 : horizon > 0 ? horizon : 1;
	struct itimerspec spec = { .it_value = timespec_from(at) };
	timerfd_settime(wait->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
	int count = epoll_wait(wait->epoll_fd, events, max, -1);
	for (int i = 0; i < count; i++)
		if (events[i].data.u64 == TIMER_KEY)
			events[i--] = events[--count];
	return count < 0 ? 0 : count;
}

int loop_wait_for(struct loop_wait *wait, struct epoll_event *events, int max, ns_t horizon)
{
	if (wait->timer_fd >= 0)
		return wait_by_timerfd(wait, events, max, horizon);
	struct timespec timeout = { 0 };
	if (horizon != NS_NEVER) {
		ns_t now = clock_mono();
		if (horizon > now)
			timeout = timespec_from(horizon - now);
	}
	long count = syscall(SYS_epoll_pwait2, wait->epoll_fd, events, max,
			     horizon == NS_NEVER ? NULL : &timeout, NULL, (size_t)0);
	if (count >= 0)
		return (int)count;
	if (errno != ENOSYS)
		return 0;
	if (timer_add(wait) < 0) {
		/* No descriptor left for it: whole milliseconds, rounded up, are better than none. */
		ns_t rest =
		    horizon == NS_NEVER ? -1 : timeout.tv_sec * 1000 + timeout.tv_nsec / NS_PER_MS + 1;
		int ready = epoll_wait(wait->epoll_fd, events, max, rest > INT_MAX ? INT_MAX : (int)rest);
		return ready < 0 ? 0 : ready;
	}
	return wait_by_timerfd(wait, events, max, horizon);
}
