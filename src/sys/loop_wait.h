/* Waiting for descriptors until a moment given in nanoseconds: epoll_pwait2(2), or a timerfd in the epoll set where the
 * kernel is older than 5.11. */
#ifndef SYS_LOOP_WAIT_H
#define SYS_LOOP_WAIT_H

#include "ntsh/clock.h"
#include "ntsh/error.h"

#include <sys/epoll.h>

/* timer_fd: -1 until epoll_pwait2 turned out to be missing. */
struct loop_wait {
	int epoll_fd, timer_fd;
};

/* Returns 0, or -1 with err (EMFILE). */
int loop_wait_open(struct loop_wait *wait, struct error *err);
void loop_wait_close(struct loop_wait *wait);

/* Waits for at most max events until horizon (CLOCK_MONOTONIC ns, NS_NEVER: for ever; the past: only looks). Returns how many
 * there are: 0 when the time is up, or a signal came. */
int loop_wait_for(struct loop_wait *wait, struct epoll_event *events, int max, ns_t horizon);

#endif
