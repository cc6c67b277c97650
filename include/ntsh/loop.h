/* The event loop: one thread, epoll_pwait2 (timerfd where that is missing), a timer heap, signalfd.
 *
 * Engines start work that reports through callbacks; whoever wants an answer runs the loop until
 * the work is done. Runs nest (a flow runs an engine to its end inside a callback of the prompt),
 * so a callback must leave its own state consistent before it runs the loop.
 *
 * Every wait can be ended early from outside: Ctrl-C and the command's own deadline (-t) both "cancel",
 * and loop_run then returns at once; the engine's owner reports what was measured so far. */
#ifndef NTSH_LOOP_H
#define NTSH_LOOP_H

#include "ntsh/clock.h"
#include "ntsh/error.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* Returns a loop, or NULL with err set (EMFILE, ENOSYS). loop_free closes what the loop opened and
 * forgets watches and timers still there; descriptors that were watched stay open. */
struct loop *loop_new(struct error *err);
void loop_free(struct loop *loop);

/* --- descriptors --- */

/* events are EPOLLIN, EPOLLOUT, ...; EPOLLERR and EPOLLHUP are always reported. */
typedef void loop_fd_fn(struct loop *loop, int fd, uint32_t events, void *arg);

/* Watches fd, level-triggered. One watch for each descriptor. Returns 0, or -1 with err set (a regular file
 * cannot be watched: EPERM). */
int loop_watch(struct loop *loop, int fd, uint32_t events, loop_fd_fn *fn, void *arg, struct error *err);

/* Changes what is watched for; events may be 0. */
void loop_watch_events(struct loop *loop, int fd, uint32_t events);

/* Ends the watch: call it before close(fd). Unknown descriptors are ignored. Safe inside any callback:
 * events of fd that were already fetched are not delivered. */
void loop_unwatch(struct loop *loop, int fd);

/* --- timers --- */

struct loop_timer;
typedef void loop_timer_fn(struct loop *loop, struct loop_timer *timer, void *arg);

/* Lives in its owner's struct; zero it before first use. Fires once. */
struct loop_timer {
	ns_t deadline; /* CLOCK_MONOTONIC */
	loop_timer_fn *fn;
	void *arg;
	uint32_t slot; /* place in the heap, from 1; 0 = not armed */
};

/* Arms (or moves) the timer; a deadline in the past fires in the next turn. Never fires early. */
void loop_timer_start(struct loop *loop, struct loop_timer *timer, ns_t deadline, loop_timer_fn *fn,
                      void *arg);
void loop_timer_stop(struct loop *loop, struct loop_timer *timer);
static inline bool loop_timer_armed(const struct loop_timer *timer)
{
	return timer->slot != 0;
}

/* In a child after fork(2): what the parent watches and waits for is forgotten, the parent's epoll set stays untouched, signals are taken
 * as before. Returns 0, or -1 with err (EMFILE). */
int loop_forked(struct loop *loop, struct error *err);

/* --- running --- */

enum loop_end {
	LOOP_DONE,        /* *done became true */
	LOOP_INTERRUPTED, /* Ctrl-C, SIGTERM or SIGHUP */
	LOOP_TIMEOUT,     /* the deadline of loop_set_deadline passed */
	LOOP_IDLE,        /* nothing is watched and no timer is armed: nothing can ever happen */
};

/* Runs until *done, or until cancelled. While the loop is cancelled it returns at once. */
enum loop_end loop_run(struct loop *loop, const bool *done);

/* Sleeps, serving everything else, for duration. */
enum loop_end loop_sleep(struct loop *loop, ns_t duration);

/* --- cancelling --- */

/* LOOP_DONE when not cancelled, else why. Long computations ask now and then. */
enum loop_end loop_cancelled(const struct loop *loop);

/* Cancels as Ctrl-C does. */
void loop_cancel(struct loop *loop, enum loop_end why);

/* Starts a new command: no longer cancelled, deadline in CLOCK_MONOTONIC ns or NS_NEVER. */
void loop_rearm(struct loop *loop, ns_t deadline);

/* The whole-command deadline (NS_NEVER if none), so that engines can fit their own waits below it. */
ns_t loop_deadline(const struct loop *loop);

/* --- signals --- */

typedef void loop_signal_fn(struct loop *loop, int signo, void *arg);

/* Takes signo (SIGINT, SIGWINCH, SIGCHLD, SIGTERM, SIGHUP, SIGTSTP ...) by signalfd: it is blocked for the process until
 * loop_free or fn = NULL. Without a handler of their own, SIGINT, SIGTERM and SIGHUP cancel. A child
 * that is to exec a program unblocks all signals first (loop_reset_signals). */
int loop_on_signal(struct loop *loop, int signo, loop_signal_fn *fn, void *arg, struct error *err);

/* To be called in a child between fork and exec: signal mask and dispositions as at start-up. */
void loop_reset_signals(const struct loop *loop);

#endif
