#include "shell/child.h"

#include "base/mem.h"
#include "ntsh/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum {
	STATUS_NO_EXEC = 126,
	STATUS_NO_PROGRAM = 127,
	STATUS_SIGNAL = 128,
	CHILDREN_MAX = 4096,
	DEPTH_MAX = 8
};

#define READER_GRACE (2 * NS_PER_S)

/* Everything that the shell has changed for itself. */
static void child_signals(const struct shell *shell, bool reader)
{
	static const int signals[] = { SIGPIPE, SIGQUIT, SIGTTOU, SIGINT, SIGTERM, SIGHUP };
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_DFL);
	loop_reset_signals(shell->loop);
	if (reader)
		signal(SIGINT, SIG_IGN);
}

_Noreturn static void child_become(const struct shell *shell, const char *text, int input, int output)
{
	struct error error = ERROR_INIT;
	child_signals(shell, input >= 0);
	if (netns_prepare_child(&error)) {
		dprintf(STDERR_FILENO, "ntsh: %s\n", error.message);
		_exit(STATUS_NO_EXEC);
	}
	if ((input >= 0 && dup2(input, STDIN_FILENO) < 0) || (output >= 0 && dup2(output, STDOUT_FILENO) < 0))
		_exit(STATUS_NO_EXEC);
	vars_export(&shell->vars);
	const char **argv = mem_alloc(((size_t)shell->argc + 5) * sizeof *argv);
	int count = 0;
	argv[count++] = "sh";
	argv[count++] = "-c";
	argv[count++] = text;
	argv[count++] = shell->argc ? shell->argv[0] : "ntsh";
	for (int i = 1; i < shell->argc; i++)
		argv[count++] = shell->argv[i];
	execv("/bin/sh", (char *const *)argv);
	dprintf(STDERR_FILENO, "ntsh: /bin/sh cannot be started: %s\n", strerrordesc_np(errno));
	_exit(STATUS_NO_PROGRAM);
}

int child_start(struct shell *shell, struct child *child, const char *text, size_t length, int input,
		int output, struct error *err)
{
	char *copy = mem_strndup(text, length);
	*child = (struct child){ .pidfd = -1, .reader = input >= 0 };
	child->pid = fork();
	if (!child->pid)
		child_become(shell, copy, input, output);
	free(copy);
	if (child->pid < 0)
		return error_errno(err, errno, NULL, "no further program can be started");
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	return 0;
}

static void child_ended(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)events;
	struct child *child = arg;
	child->done = true;
	loop_unwatch(loop, fd);
}

/* sh hands no signal on to what it started, so we do: to the children of pid, then to itself. */
static void child_kill(pid_t pid, int signo, unsigned depth)
{
	char path[64], list[CHILDREN_MAX];
	snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
	int fd = depth < DEPTH_MAX ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t length = fd < 0 ? 0 : read(fd, list, sizeof list - 1);
	if (fd >= 0)
		close(fd);
	list[length > 0 ? length : 0] = '\0';
	char *end;
	for (char *at = list;; at = end) {
		long child = strtol(at, &end, 10);
		if (end == at || child <= 1)
			break;
		child_kill((pid_t)child, signo, depth + 1);
	}
	kill(pid, signo);
}

/* A program that has taken the screen (a pager) deals with Ctrl-C itself. */
static bool child_has_screen(void)
{
	struct termios now;
	return !tcgetattr(STDIN_FILENO, &now) && !(now.c_lflag & ICANON);
}

/* Serves the loop until the child is gone. A reader ignores Ctrl-C so that it gets our last words; when it does not end by itself
 * then, we end it. */
static bool child_serve(struct shell *shell, struct child *child, bool stopping)
{
	bool interrupted = false;
	if (child->pidfd < 0 || loop_watch(shell->loop, child->pidfd, EPOLLIN, child_ended, child, NULL))
		return false;
	ns_t deadline = loop_deadline(shell->loop);
	for (;;) {
		loop_rearm(shell->loop, stopping ? clock_mono() + READER_GRACE : deadline);
		enum loop_end end = loop_run(shell->loop, &child->done);
		if (end == LOOP_DONE || end == LOOP_IDLE)
			break;
		bool screen = child_has_screen();
		interrupted |= end == LOOP_INTERRUPTED && (shell->terminated || !screen);
		bool ends = end == LOOP_TIMEOUT || shell->terminated || child->reader;
		if (ends && (shell->terminated || !screen))
			child_kill(child->pid, SIGTERM, 0);
		stopping = false;
		deadline = NS_NEVER;
	}
	loop_unwatch(shell->loop, child->pidfd);
	return interrupted;
}

/* A child with jobs of its own may have died without giving the terminal back. */
static void terminal_reclaim(const struct shell *shell, const struct termios *before, bool broken)
{
	if (!shell->settings.interactive)
		return;
	void (*old)(int) = signal(SIGTTOU, SIG_IGN);
	if (tcgetpgrp(STDIN_FILENO) != getpgrp())
		tcsetpgrp(STDIN_FILENO, getpgrp());
	if (broken)
		tcsetattr(STDIN_FILENO, TCSADRAIN, before);
	signal(SIGTTOU, old);
}

int child_wait(struct shell *shell, struct child *child, bool stopping, bool *interrupted)
{
	struct termios terminal;
	bool known = shell->settings.interactive && !tcgetattr(STDIN_FILENO, &terminal);
	bool stopped = child_serve(shell, child, stopping);
	if (interrupted)
		*interrupted = stopped;
	int status = 0;
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (child->pidfd >= 0)
		close(child->pidfd);
	terminal_reclaim(shell, &terminal, known && WIFSIGNALED(status));
	return WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}
