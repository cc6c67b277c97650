#include "ntsh/loop.h"

#include "sys/loop_wait.h"

#include "base/mem.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { EVENTS_MAX = 64 };

/* generation tells an event of this watch from a fetched one of an earlier watch on the same number. */
struct watch {
	loop_fd_fn *fn; /* NULL: not watched */
	void *arg;
	uint32_t generation;
};

struct signal_taken {
	bool taken;
	loop_signal_fn *fn; /* NULL: cancel */
	void *arg;
};

/* What the shell may set to "ignore", which exec would hand on to a child. */
static const int inherited_signals[] = { SIGPIPE, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGCHLD };
enum { INHERITED_SIGNALS = sizeof inherited_signals / sizeof inherited_signals[0] };

struct loop {
	struct loop_wait wait;
	struct watch *watches; /* by descriptor */
	size_t watch_capacity, watch_count;
	uint32_t generation;
	uint64_t turns;           /* how often events were fetched: a nested run is seen by it */
	ns_t turn_now;            /* the timers due in this turn are those up to here */
	struct loop_timer **heap; /* from 1 */
	size_t heap_count, heap_capacity;
	ns_t deadline;
	enum loop_end cancelled;
	int signal_fd;
	struct signal_taken signals[NSIG];
	sigset_t signal_mask; /* taken */
	sigset_t initial_mask;
	struct sigaction initial_actions[INHERITED_SIGNALS];
	unsigned long initial_slack;
};

/* --- timers: a binary heap that knows each timer's place --- */

static void heap_place(struct loop *loop, size_t slot, struct loop_timer *timer)
{
	loop->heap[slot] = timer;
	timer->slot = (uint32_t)slot;
}

static void heap_up(struct loop *loop, size_t slot, struct loop_timer *timer)
{
	while (slot > 1 && loop->heap[slot / 2]->deadline > timer->deadline) {
		heap_place(loop, slot, loop->heap[slot / 2]);
		slot /= 2;
	}
	heap_place(loop, slot, timer);
}

static void heap_down(struct loop *loop, size_t slot, struct loop_timer *timer)
{
	for (;;) {
		size_t child = slot * 2;
		if (child > loop->heap_count)
			break;
		if (child < loop->heap_count && loop->heap[child + 1]->deadline < loop->heap[child]->deadline)
			child++;
		if (loop->heap[child]->deadline >= timer->deadline)
			break;
		heap_place(loop, slot, loop->heap[child]);
		slot = child;
	}
	heap_place(loop, slot, timer);
}

void loop_timer_stop(struct loop *loop, struct loop_timer *timer)
{
	size_t slot = timer->slot;
	if (!slot)
		return;
	timer->slot = 0;
	struct loop_timer *last = loop->heap[loop->heap_count--];
	if (last == timer)
		return;
	if (slot > 1 && loop->heap[slot / 2]->deadline > last->deadline)
		heap_up(loop, slot, last);
	else
		heap_down(loop, slot, last);
}

void loop_timer_start(struct loop *loop, struct loop_timer *timer, ns_t deadline, loop_timer_fn *fn,
		      void *arg)
{
	loop_timer_stop(loop, timer);
	if (loop->heap_count + 1 >= loop->heap_capacity) {
		loop->heap_capacity = loop->heap_capacity ? loop->heap_capacity * 2 : 32;
		loop->heap = mem_resize(loop->heap, loop->heap_capacity, sizeof *loop->heap);
	}
	/* A callback that arms a timer for the past must not keep this turn from ending. */
	timer->deadline = deadline > loop->turn_now ? deadline : loop->turn_now + 1;
	timer->fn = fn;
	timer->arg = arg;
	heap_up(loop, ++loop->heap_count, timer);
}

static void timers_fire(struct loop *loop)
{
	uint64_t turn = loop->turns;
	loop->turn_now = clock_mono();
	while (loop->heap_count && loop->heap[1]->deadline <= loop->turn_now && turn == loop->turns &&
	       loop->cancelled == LOOP_DONE) {
		struct loop_timer *timer = loop->heap[1];
		loop_timer_stop(loop, timer);
		timer->fn(loop, timer, timer->arg);
	}
}

/* --- descriptors --- */

static uint64_t watch_key(int fd, uint32_t generation)
{
	return (uint64_t)generation << 32 | (uint32_t)fd;
}

static struct watch *watch_find(const struct loop *loop, int fd)
{
	if (fd < 0 || (size_t)fd >= loop->watch_capacity || !loop->watches[fd].fn)
		return NULL;
	return &loop->watches[fd];
}

static void watches_reserve(struct loop *loop, size_t fd)
{
	if (fd < loop->watch_capacity)
		return;
	size_t capacity = loop->watch_capacity ? loop->watch_capacity : 32;
	while (capacity <= fd)
		capacity *= 2;
	loop->watches = mem_resize(loop->watches, capacity, sizeof *loop->watches);
	memset(loop->watches + loop->watch_capacity, 0,
	       (capacity - loop->watch_capacity) * sizeof *loop->watches);
	loop->watch_capacity = capacity;
}

int loop_watch(struct loop *loop, int fd, uint32_t events, loop_fd_fn *fn, void *arg, struct error *err)
{
	uint32_t generation = ++loop->generation;
	struct epoll_event event = { .events = events, .data.u64 = watch_key(fd, generation) };
	if (epoll_ctl(loop->wait.epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		return error_errno(err, errno, NULL, "descriptor %d cannot be watched", fd);
	watches_reserve(loop, (size_t)fd);
	/* An entry that is still there belongs to a descriptor that was closed without loop_unwatch. */
	if (!loop->watches[fd].fn)
		loop->watch_count++;
	loop->watches[fd] = (struct watch){ .fn = fn, .arg = arg, .generation = generation };
	return 0;
}

void loop_watch_events(struct loop *loop, int fd, uint32_t events)
{
	const struct watch *watch = watch_find(loop, fd);
	if (!watch)
		return;
	struct epoll_event event = { .events = events, .data.u64 = watch_key(fd, watch->generation) };
	epoll_ctl(loop->wait.epoll_fd, EPOLL_CTL_MOD, fd, &event);
}

void loop_unwatch(struct loop *loop, int fd)
{
	struct watch *watch = watch_find(loop, fd);
	if (!watch)
		return;
	watch->fn = NULL;
	loop->watch_count--;
	epoll_ctl(loop->wait.epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

static void events_deliver(struct loop *loop, const struct epoll_event *events, int count)
{
	uint64_t turn = loop->turns;
	/* After a nested run the rest of the batch may be stale: what still holds is fetched again (level-triggered). */
	for (int i = 0; i < count && turn == loop->turns; i++) {
		int fd = (int)(uint32_t)events[i].data.u64;
		const struct watch *watch = watch_find(loop, fd);
		if (watch && watch->generation == (uint32_t)(events[i].data.u64 >> 32))
			watch->fn(loop, fd, events[i].events, watch->arg);
	}
}

/* --- signals --- */

static void signals_read(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)events;
	(void)arg;
	struct signalfd_siginfo info;
	/* One at a time: a handler may run the loop, and finds the rest there. */
	if (read(fd, &info, sizeof info) != (ssize_t)sizeof info || info.ssi_signo >= NSIG)
		return;
	const struct signal_taken *taken = &loop->signals[info.ssi_signo];
	if (taken->fn)
		taken->fn(loop, (int)info.ssi_signo, taken->arg);
	else if (taken->taken)
		loop_cancel(loop, LOOP_INTERRUPTED);
}

static bool signal_cancels(int signo)
{
	return signo == SIGINT || signo == SIGTERM || signo == SIGHUP;
}

static int signals_apply(struct loop *loop, struct error *err)
{
	int fd = signalfd(loop->signal_fd, &loop->signal_mask, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, NULL, "signals cannot be taken");
	if (loop->signal_fd >= 0)
		return 0;
	loop->signal_fd = fd;
	if (loop_watch(loop, fd, EPOLLIN, signals_read, NULL, err) < 0)
		return -1;
	loop->watch_count--; /* the loop's own: it does not keep a run from being idle */
	return 0;
}

int loop_on_signal(struct loop *loop, int signo, loop_signal_fn *fn, void *arg, struct error *err)
{
	bool take = fn || (signal_cancels(signo) && loop->signals[signo].taken);
	sigset_t one;
	sigemptyset(&one);
	sigaddset(&one, signo);
	loop->signals[signo] = (struct signal_taken){ .taken = take, .fn = fn, .arg = arg };
	if (take) {
		sigaddset(&loop->signal_mask, signo);
		sigprocmask(SIG_BLOCK, &one, NULL);
	} else {
		sigdelset(&loop->signal_mask, signo);
		if (!sigismember(&loop->initial_mask, signo))
			sigprocmask(SIG_UNBLOCK, &one, NULL);
	}
	return signals_apply(loop, err);
}

/* Ctrl-C and its kin cancel from the start - unless whoever started us had them ignored (nohup, a shell's "&"). */
static int signals_begin(struct loop *loop, struct error *err)
{
	static const int cancelling[] = { SIGINT, SIGTERM, SIGHUP };
	sigemptyset(&loop->signal_mask);
	for (size_t i = 0; i < INHERITED_SIGNALS; i++)
		sigaction(inherited_signals[i], NULL, &loop->initial_actions[i]);
	for (size_t i = 0; i < sizeof cancelling / sizeof cancelling[0]; i++) {
		struct sigaction action;
		sigaction(cancelling[i], NULL, &action);
		if (action.sa_handler == SIG_IGN)
			continue;
		sigaddset(&loop->signal_mask, cancelling[i]);
		loop->signals[cancelling[i]].taken = true;
	}
	sigprocmask(SIG_BLOCK, &loop->signal_mask, &loop->initial_mask);
	return signals_apply(loop, err);
}

void loop_reset_signals(const struct loop *loop)
{
	for (size_t i = 0; i < INHERITED_SIGNALS; i++)
		sigaction(inherited_signals[i], &loop->initial_actions[i], NULL);
	sigprocmask(SIG_SETMASK, &loop->initial_mask, NULL);
	prctl(PR_SET_TIMERSLACK, loop->initial_slack, 0, 0, 0);
}

/* --- running --- */

/* Until when nothing but a descriptor can need us. */
static ns_t loop_horizon(const struct loop *loop)
{
	ns_t first = loop->heap_count ? loop->heap[1]->deadline : NS_NEVER;
	return first < loop->deadline ? first : loop->deadline;
}

static void loop_turn(struct loop *loop)
{
	struct epoll_event events[EVENTS_MAX];
	int count = loop_wait_for(&loop->wait, events, EVENTS_MAX, loop_horizon(loop));
	loop->turns++;
	uint64_t turn = loop->turns;
	events_deliver(loop, events, count);
	if (turn == loop->turns && loop->cancelled == LOOP_DONE)
		timers_fire(loop);
}

enum loop_end loop_run(struct loop *loop, const bool *done)
{
	for (;;) {
		if (done && *done)
			return LOOP_DONE;
		if (loop->cancelled == LOOP_DONE && loop->deadline != NS_NEVER &&
		    clock_mono() >= loop->deadline)
			loop_cancel(loop, LOOP_TIMEOUT);
		if (loop->cancelled != LOOP_DONE)
			return loop->cancelled;
		if (!loop->watch_count && !loop->heap_count)
			return LOOP_IDLE;
		loop_turn(loop);
	}
}

static void sleep_ended(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	*(bool *)arg = true;
}

enum loop_end loop_sleep(struct loop *loop, ns_t duration)
{
	struct loop_timer timer = { 0 };
	bool done = false;
	ns_t deadline;
	if (__builtin_add_overflow(clock_mono(), duration, &deadline))
		deadline = NS_NEVER;
	loop_timer_start(loop, &timer, deadline, sleep_ended, &done);
	enum loop_end end = loop_run(loop, &done);
	loop_timer_stop(loop, &timer);
	return end;
}

enum loop_end loop_cancelled(const struct loop *loop)
{
	if (loop->cancelled != LOOP_DONE)
		return loop->cancelled;
	if (loop->deadline != NS_NEVER && clock_mono() >= loop->deadline)
		return LOOP_TIMEOUT;
	/* Whoever computes does not read the signalfd: look for what waits there. */
	sigset_t pending;
	sigpending(&pending);
	for (int signo = 1; signo < NSIG; signo++)
		if (signal_cancels(signo) && loop->signals[signo].taken && !loop->signals[signo].fn &&
		    sigismember(&pending, signo))
			return LOOP_INTERRUPTED;
	return LOOP_DONE;
}

void loop_cancel(struct loop *loop, enum loop_end why)
{
	if (loop->cancelled == LOOP_DONE)
		loop->cancelled = why;
}

void loop_rearm(struct loop *loop, ns_t deadline)
{
	loop->cancelled = LOOP_DONE;
	loop->deadline = deadline;
}

ns_t loop_deadline(const struct loop *loop)
{
	return loop->deadline;
}

/* --- life --- */

struct loop *loop_new(struct error *err)
{
	struct loop *loop = NEW(struct loop);
	loop->deadline = NS_NEVER;
	loop->signal_fd = -1;
	loop->turn_now = NS_NONE;
	int slack = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
	loop->initial_slack = slack > 0 ? (unsigned long)slack : 0;
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	if (loop_wait_open(&loop->wait, err) < 0 || signals_begin(loop, err) < 0) {
		loop_free(loop);
		return NULL;
	}
	return loop;
}

int loop_forked(struct loop *loop, struct error *err)
{
	for (size_t slot = 1; slot <= loop->heap_count; slot++)
		loop->heap[slot]->slot = 0;
	loop->heap_count = loop->watch_count = 0;
	if (loop->watch_capacity)
		memset(loop->watches, 0, loop->watch_capacity * sizeof *loop->watches);
	loop_wait_close(&loop->wait);
	close(loop->signal_fd);
	loop->signal_fd = -1;
	loop->turn_now = NS_NONE;
	loop_rearm(loop, loop->deadline);
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	return loop_wait_open(&loop->wait, err) < 0 || signals_apply(loop, err) < 0 ? -1 : 0;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	if (loop->signal_fd >= 0) {
		/* What is pending was for us: unblocked, it would end the process. */
		struct signalfd_siginfo info;
		while (read(loop->signal_fd, &info, sizeof info) > 0)
			continue;
		close(loop->signal_fd);
		sigprocmask(SIG_SETMASK, &loop->initial_mask, NULL);
	}
	loop_wait_close(&loop->wait);
	prctl(PR_SET_TIMERSLACK, loop->initial_slack, 0, 0, 0);
	free(loop->heap);
	free(loop->watches);
	free(loop);
}
