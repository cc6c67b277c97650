/* foreach ... parallel N: each run in a process of its own, what they print whole and in the order of the words.
 *
 * Only the oldest run that is still printing is passed on as it comes; what the others print waits, in bounded memory: a run that prints more than that
 * waits itself until it is the oldest. */
#include "base/buf.h"
#include "base/mem.h"
#include "shell/dispatch.h"
#include "shell/exec.h"
#include "shell/points.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAITING_MAX = 1024 * 1024, POINTS_MAX = 64 * 1024 * 1024, AHEAD = 4, READ_BYTES = 64 * 1024 };

/* One run. Its place in the ring is its word's index modulo the ring's size. */
struct run {
	struct crew *crew;
	pid_t pid;          /* 0: none in this place */
	int output, points; /* -1: at their end */
	bool paused;        /* it printed more than may wait */
	bool gone;
	int status;
	struct buf text, sent;
};

struct crew {
	struct shell *shell;
	const struct script *script;
	const struct node *body;
	const char *name;
	const struct words *words;
	struct run *ring;
	size_t ring_size, width;
	size_t next, oldest, running;
	int worst;
	bool stopping, timed_out, done;
};

static struct run *run_of(struct crew *crew, size_t index)
{
	return &crew->ring[index % crew->ring_size];
}

/* --- in the child --- */

static int run_body(struct crew *crew, size_t index)
{
	struct shell *shell = crew->shell;
	struct error error = ERROR_INIT;
	if (vars_set(&shell->vars, crew->name, crew->words->items[index], &error))
		return dispatch_failure(shell, "foreach", crew->words, crew->script, NOWHERE, &error);
	return exec_element(shell, crew->script, crew->body);
}

/* It prints into a pipe, but for whom the parent prints. */
static struct out_style style_for(const struct shell *shell, int output)
{
	struct out_style style = shell->style;
	if (style.color == OUT_COLOR_AUTO && isatty(style.fd) && !getenv("NO_COLOR"))
		style.color = OUT_COLOR_ALWAYS;
	style.fd = output;
	style.progress = false;
	return style;
}

_Noreturn static void child_run(struct crew *crew, size_t index, int output, int points)
{
	struct shell *shell = crew->shell;
	struct error error = ERROR_INIT;
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	shell->style = style_for(shell, output);
	shell->points = points;
	shell->settings.interactive = false;
	shell->commands = shell->checks = shell->failed_checks = 0;
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || loop_forked(shell->loop, &error)) {
		out_error(&shell->style, "foreach", &error);
		_exit(STATUS_CANNOT);
	}
	int status = run_body(crew, index);
	points_send_counts(shell);
	_exit(shell->leaving ? shell->leave_status : status);
}

/* --- what comes from the children --- */

static void print(struct crew *crew, struct run *run)
{
	if (run->text.length && !out_write(crew->shell->style.fd, run->text.bytes, run->text.length)) {
		crew->shell->output_broken = true;
		crew->stopping = true;
	}
	buf_clear(&run->text);
}

static void run_collect(struct crew *crew, struct run *run)
{
	int status = 0;
	while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
		;
	run->gone = true;
	run->status = WIFSIGNALED(status) ? STATUS_INTERRUPTED : WEXITSTATUS(status);
	/* Its time was up, as ours was: whose clock rang first must not show. */
	if (crew->timed_out && run->status == STATUS_INTERRUPTED)
		run->status = STATUS_OK;
	crew->running--;
	if (run->status > crew->worst)
		crew->worst = run->status;
	/* Wrong words stay wrong for those that follow. */
	if (run->status == STATUS_INTERRUPTED || run->status == STATUS_USAGE)
		crew->stopping = true;
}

static void on_output(struct loop *loop, int fd, uint32_t events, void *arg);

static void run_start(struct crew *crew, size_t index);

/* Passes on what is due, takes away what is done, starts what may start. */
static void crew_advance(struct crew *crew)
{
	while (crew->oldest < crew->next) {
		struct run *run = run_of(crew, crew->oldest);
		print(crew, run);
		if (run->paused) {
			run->paused = false;
			loop_watch_events(crew->shell->loop, run->output, EPOLLIN);
		}
		if (!run->gone)
			break;
		points_receive(crew->shell, buf_text(&run->sent), run->sent.length);
		buf_release(&run->text);
		buf_release(&run->sent);
		run->pid = 0;
		crew->oldest++;
	}
	size_t count = (size_t)crew->words->count;
	while (!crew->stopping && crew->next < count && crew->running < crew->width &&
	       crew->next - crew->oldest < crew->ring_size)
		run_start(crew, crew->next);
	crew->done = crew->running == 0 && (crew->stopping || crew->next == count);
}

static void on_output(struct loop *loop, int fd, uint32_t events, void *arg)
{
	struct run *run = arg;
	struct crew *crew = run->crew;
	bool output = fd == run->output;
	struct buf *into = output ? &run->text : &run->sent;
	char bytes[READ_BYTES];
	(void)events;
	ssize_t got = read(fd, bytes, sizeof bytes);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got > 0) {
		buf_add(into, bytes, (size_t)got);
	} else {
		loop_unwatch(loop, fd);
		close(fd);
		*(output ? &run->output : &run->points) = -1;
		if (run->output < 0 && run->points < 0)
			run_collect(crew, run);
	}
	if (output && run->text.length >= WAITING_MAX && run != run_of(crew, crew->oldest)) {
		run->paused = true;
		loop_watch_events(loop, fd, 0);
	}
	crew_advance(crew);
}

/* --- starting --- */

static int run_fork(struct crew *crew, size_t index, struct run *run, struct error *err)
{
	int output[2], points[2];
	if (pipe2(output, O_CLOEXEC))
		return error_errno(err, errno, "fewer at once need fewer descriptors", "no pipe can be made");
	if (pipe2(points, O_CLOEXEC)) {
		close(output[0]);
		close(output[1]);
		return error_errno(err, errno, "fewer at once need fewer descriptors", "no pipe can be made");
	}
	run->pid = fork();
	if (!run->pid)
		child_run(crew, index, output[1], points[1]);
	close(output[1]);
	close(points[1]);
	run->output = output[0];
	run->points = points[0];
	if (run->pid > 0 && !loop_watch(crew->shell->loop, run->output, EPOLLIN, on_output, run, err) &&
	    !loop_watch(crew->shell->loop, run->points, EPOLLIN, on_output, run, err))
		return 0;
	close(run->output);
	close(run->points);
	return error_errno(err, errno, "fewer at once may help", "no further run can be started");
}

static void run_start(struct crew *crew, size_t index)
{
	struct run *run = run_of(crew, index);
	struct error error = ERROR_INIT;
	*run = (struct run){ .crew = crew,
			     .text = BUF_INIT(WAITING_MAX + 2 * READ_BYTES),
			     .sent = BUF_INIT(POINTS_MAX) };
	if (run_fork(crew, index, run, &error)) {
		int status = dispatch_failure(crew->shell, "foreach", NULL, crew->script, NOWHERE, &error);
		crew->worst = status > crew->worst ? status : crew->worst;
		crew->stopping = true;
		return;
	}
	crew->next++;
	crew->running++;
}

/* Ctrl-C at a terminal has reached the children as well; a signal to us alone, or the end of the time, has not. */
static void crew_stop(struct crew *crew, int signo)
{
	crew->stopping = true;
	for (size_t i = crew->oldest; i < crew->next; i++)
		if (!run_of(crew, i)->gone)
			kill(run_of(crew, i)->pid, signo);
}

static void crew_run(struct crew *crew)
{
	struct shell *shell = crew->shell;
	crew_advance(crew);
	while (!crew->done) {
		enum loop_end end = loop_run(shell->loop, &crew->done);
		if (end == LOOP_DONE || end == LOOP_IDLE)
			break;
		if (end == LOOP_INTERRUPTED)
			crew->worst = STATUS_INTERRUPTED;
		crew->timed_out |= end == LOOP_TIMEOUT;
		crew_stop(crew, end == LOOP_INTERRUPTED && !shell->terminated ? SIGINT : SIGTERM);
		loop_rearm(shell->loop, NS_NEVER);
		crew_advance(crew);
	}
}

int exec_parallel(struct shell *shell, const struct script *script, const struct node *node, const char *name,
		  const struct words *words, size_t width)
{
	struct crew crew = { .shell = shell,
			     .script = script,
			     .body = node->body,
			     .name = name,
			     .words = words,
			     .width = width,
			     .ring_size = width * AHEAD };
	crew.ring = mem_alloc(crew.ring_size * sizeof *crew.ring);
	crew_run(&crew);
	free(crew.ring);
	shell->status = crew.worst;
	return crew.worst;
}
