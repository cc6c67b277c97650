#include "ntsh/live.h"

#include "base/mem.h"
#include "out/keys.h"
#include "out/render.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

enum { PICTURE_MAX = 1 << 20, KEYS_MAX = 64, HEIGHT_LEAST = 2 };

/* A lone ESC is a key when nothing follows within this time. */
#define ESCAPE_PATIENCE (50 * NS_PER_MS)

struct live {
	struct result *result, *frame;
	struct loop *loop;
	live_key_fn *key;
	void *arg;
	int fd;         /* of the terminal */
	int picture;    /* where a frame is rendered to (memfd) */
	unsigned lines; /* of the picture that stands there */
	struct winsize size;
	bool raw;
	struct termios before;
	char pending[KEYS_MAX];
	size_t pending_length;
	struct loop_timer timer;
};

static void keys_take(struct live *live, bool last)
{
	size_t at = 0, taken;
	int key;
	while ((taken = keys_read(live->pending + at, live->pending_length - at, last, &key)) > 0) {
		at += taken;
		if (key >= 0)
			live->key(key, live->arg);
	}
	live->pending_length -= at;
	memmove(live->pending, live->pending + at, live->pending_length);
}

static void escape_alone(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	keys_take(arg, true);
}

static void on_input(struct loop *loop, int fd, uint32_t events, void *arg)
{
	struct live *live = arg;
	(void)events;
	size_t room = sizeof live->pending - live->pending_length;
	ssize_t got = read(fd, live->pending + live->pending_length, room);
	if (got <= 0) {
		loop_unwatch(loop, fd);
		return;
	}
	live->pending_length += (size_t)got;
	keys_take(live, live->pending_length == sizeof live->pending);
	if (live->pending_length)
		loop_timer_start(loop, &live->timer, clock_mono() + ESCAPE_PATIENCE, escape_alone, live);
	else
		loop_timer_stop(loop, &live->timer);
}

/* Keys one by one and unseen; Ctrl-C stays a signal. */
static bool keys_open(struct live *live)
{
	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &live->before) < 0)
		return false;
	struct termios raw = live->before;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	raw.c_cc[VSUSP] = _POSIX_VDISABLE;
	if (loop_watch(live->loop, STDIN_FILENO, EPOLLIN, on_input, live, NULL) < 0)
		return false;
	live->raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
	return true;
}

static bool size_read(const struct live *live, struct winsize *size)
{
	return ioctl(live->fd, TIOCGWINSZ, size) == 0 && size->ws_row && size->ws_col;
}

struct live *live_open(struct result *result, struct loop *loop, live_key_fn *key, void *arg)
{
	if (result->json || !result->tty || result->style.quiet)
		return NULL;
	struct live *live = NEW(struct live);
	*live = (struct live){ .result = result,
			       .loop = loop,
			       .key = key,
			       .arg = arg,
			       .fd = result->style.fd,
			       .picture = memfd_create("picture", MFD_CLOEXEC) };
	if (live->picture < 0 || !size_read(live, &live->size) || (key && !keys_open(live))) {
		live_close(live, true);
		return NULL;
	}
	render_settle(result);
	progress_clear(result);
	sink_flush(result->sink);
	static const char hide[] = "\033[?25l";
	result->sink->error = sink_write_fd(live->fd, hide, sizeof hide - 1);
	return live;
}

unsigned live_height(const struct live *live)
{
	unsigned rows = live->size.ws_row;
	return rows > HEIGHT_LEAST ? rows - 1 : HEIGHT_LEAST;
}

unsigned live_width(const struct live *live)
{
	return live->size.ws_col;
}

struct result *live_frame(struct live *live)
{
	struct winsize size;
	static const char wipe[] = "\033[H\033[2J";
	if (size_read(live, &size) &&
	    (size.ws_row != live->size.ws_row || size.ws_col != live->size.ws_col)) {
		/* Lines of the old picture were broken anew: nobody knows where it begins. */
		live->size = size;
		live->lines = 0;
		live->result->sink->error = sink_write_fd(live->fd, wipe, sizeof wipe - 1);
	}
	struct out_style style = live->result->style;
	style.fd = live->picture;
	style.width = live->size.ws_col;
	style.progress = false;
	if (ftruncate(live->picture, 0) < 0)
		live->result->sink->error = ENOSPC;
	lseek(live->picture, 0, SEEK_SET);
	live->frame = result_new(&style, "", 0, NULL);
	return live->frame;
}

/* Each line over the one that stood there; what is left of it is erased. */
static void picture_add(struct live *live, struct buf *out, const char *text, size_t length)
{
	unsigned lines = 0, height = live_height(live);
	if (live->lines)
		buf_printf(out, "\033[%uA", live->lines);
	buf_add_char(out, '\r');
	while (length && lines < height) {
		const char *end = memchr(text, '\n', length);
		size_t line = end ? (size_t)(end - text) : length;
		buf_add(out, text, line);
		buf_add_text(out, "\033[K\r\n");
		line += end != NULL;
		text += line;
		length -= line;
		lines++;
	}
	buf_add_text(out, "\033[J");
	live->lines = lines;
}

void live_paint(struct live *live)
{
	struct error err = ERROR_INIT;
	result_finish(live->frame, STATUS_OK, &err);
	result_free(live->frame);
	live->frame = NULL;
	off_t size = lseek(live->picture, 0, SEEK_END);
	size_t length = size < 0 ? 0 : size > PICTURE_MAX ? PICTURE_MAX : (size_t)size;
	char *text = mem_alloc(length + 1);
	ssize_t got = pread(live->picture, text, length, 0);
	struct buf out = BUF_INIT(4 * PICTURE_MAX);
	picture_add(live, &out, text, got > 0 ? (size_t)got : 0);
	int failed = sink_write_fd(live->fd, buf_text(&out), out.length);
	if (failed)
		live->result->sink->error = failed;
	buf_release(&out);
	free(text);
}

void live_close(struct live *live, bool keep)
{
	if (!live)
		return;
	char end[64];
	int length = 0;
	if (live->lines && !keep)
		length = snprintf(end, sizeof end, "\033[%uA\r\033[J", live->lines);
	length += snprintf(end + length, sizeof end - (size_t)length, "\033[?25h");
	if (live->key)
		loop_unwatch(live->loop, STDIN_FILENO);
	loop_timer_stop(live->loop, &live->timer);
	if (live->raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &live->before);
	if (live->picture >= 0) {
		close(live->picture);
		(void)sink_write_fd(live->fd, end, (size_t)length);
	}
	free(live);
}
