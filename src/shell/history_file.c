#include "base/buf.h"
#include "base/mem.h"
#include "shell/history_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char keep_hint[] = "lines of this session are remembered until it ends";

/* A file in somebody else's home (sudo with HOME kept) would lock its owner out of it later. */
static int history_home_check(const char *home, struct error *err)
{
	struct stat st;
	if (stat(home, &st) < 0)
		return error_errno(err, errno, keep_hint, "%s cannot be used", home);
	if (st.st_uid != geteuid())
		return error_set(err, STATUS_CANNOT, "EPERM", keep_hint, "%s belongs to another user", home);
	return 0;
}

char *history_file_path(struct error *err)
{
	struct buf path = BUF_INIT(4096);
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	if (state && state[0] == '/') {
		buf_add_text(&path, state);
	} else if (home && home[0] == '/') {
		if (history_home_check(home, err) < 0)
			return NULL;
		buf_printf(&path, "%s/.local/state", home);
	} else {
		error_set(err, STATUS_CANNOT, "ENOENT", keep_hint, "neither HOME nor XDG_STATE_HOME is set");
		return NULL;
	}
	buf_add_text(&path, "/ntsh/history");
	char *result = path.overflow ? NULL : mem_strdup(buf_text(&path));
	if (!result)
		error_set(err, STATUS_CANNOT, "ENAMETOOLONG", keep_hint, "the path of the home is too long");
	buf_release(&path);
	return result;
}

/* All folders above path, as mkdir -p does. */
static int history_folders_make(const char *path, struct error *err)
{
	char *copy = mem_strdup(path);
	int result = 0;
	for (char *slash = strchr(copy + 1, '/'); slash && result == 0; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			result = error_errno(err, errno, keep_hint, "%s cannot be made", copy);
		*slash = '/';
	}
	free(copy);
	return result;
}

/* Opens and locks the file that has the name now: another shell may have put a shorter one in its place between the two
 * steps. A lock that cannot be had (some network file systems) is done without. */
static int history_file_open(const char *path, int flags, struct error *err)
{
	for (int tries = 0;; tries++) {
		int fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
		if (fd < 0)
			return error_errno(err, errno, keep_hint, "%s cannot be opened", path);
		struct stat opened, named;
		if (fstat(fd, &opened) < 0 || !S_ISREG(opened.st_mode)) {
			close(fd);
			return error_set(err, STATUS_CANNOT, "EINVAL", keep_hint, "%s is not a regular file",
					 path);
		}
		bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
		if (!locked && tries < 50) {
			close(fd);
			poll(NULL, 0, 2); /* others hold it for one write */
			continue;
		}
		if (tries >= 50 || (stat(path, &named) == 0 && named.st_ino == opened.st_ino)) {
			if ((opened.st_mode & 0077) && opened.st_uid == geteuid())
				(void)!fchmod(fd, 0600);
			return fd;
		}
		close(fd);
	}
}

static void history_encode(struct buf *out, const char *line)
{
	for (; *line; line++) {
		if (*line == '\n')
			buf_add_text(out, "\\n");
		else if (*line == '\\')
			buf_add_text(out, "\\\\");
		else
			buf_add_char(out, *line);
	}
	buf_add_char(out, '\n');
}

static char *history_decode(const char *bytes, size_t length)
{
	char *line = mem_alloc(length + 1);
	size_t out = 0;
	for (size_t i = 0; i < length; i++) {
		char c = bytes[i];
		if (c == '\\' && i + 1 < length) {
			c = bytes[++i];
			c = c == 'n' ? '\n' : c;
		}
		if (c)
			line[out++] = c;
	}
	line[out] = '\0';
	return line;
}

static int history_write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t written = write(fd, bytes, length);
		if (written < 0)
			return -1;
		bytes += written;
		length -= (size_t)written;
	}
	return 0;
}

/* Puts a file with the entries of memory in the place of the grown one. Trouble is no loss: the old file stays. */
static void history_file_cut(const struct history *history)
{
	struct buf text = BUF_INIT(2 * HISTORY_FILE_MAX), temporary = BUF_INIT(4200);
	for (size_t i = 0; i < history->count; i++)
		history_encode(&text, history->lines[i]);
	buf_printf(&temporary, "%s.%d", history->path, (int)getpid());
	int fd = open(buf_text(&temporary), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		bool good = history_write_all(fd, buf_text(&text), text.length) == 0;
		good = close(fd) == 0 && good && !text.overflow;
		if (!good || rename(buf_text(&temporary), history->path) < 0)
			unlink(buf_text(&temporary));
	}
	buf_release(&text);
	buf_release(&temporary);
}

/* Takes the entries of bytes over; a first line that was cut by the read limit is left out. Returns how many there were. */
static size_t history_file_parse(struct history *history, const char *bytes, size_t length, bool cut)
{
	const char *end = bytes + length, *at = bytes;
	size_t found = 0;
	if (cut)
		at = (at = memchr(at, '\n', length)) ? at + 1 : end;
	const char *first = at;
	for (const char *p = at; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		found++;
	size_t skip = found > HISTORY_LINES_MAX ? found - HISTORY_LINES_MAX : 0;
	history->lines = mem_resize(NULL, found - skip + 1, sizeof *history->lines);
	for (at = first; at < end;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		if (!stop)
			break;
		if (skip)
			skip--;
		else if (stop > at)
			history->lines[history->count++] = history_decode(at, (size_t)(stop - at));
		at = stop + 1;
	}
	return found;
}

int history_file_load(struct history *history, struct error *err)
{
	if (history_folders_make(history->path, err) < 0)
		return -1;
	int fd = history_file_open(history->path, O_RDWR | O_CREAT | O_APPEND, err);
	if (fd < 0)
		return -1;
	off_t size = lseek(fd, 0, SEEK_END);
	off_t begin = size > HISTORY_FILE_MAX ? size - HISTORY_FILE_MAX : 0;
	size_t length = size > 0 ? (size_t)(size - begin) : 0;
	char *bytes = mem_alloc(length + 1);
	ssize_t got = pread(fd, bytes, length, begin);
	size_t found = history_file_parse(history, bytes, got > 0 ? (size_t)got : 0, begin > 0);
	free(bytes);
	if (begin > 0 || found > 2 * HISTORY_LINES_MAX)
		history_file_cut(history);
	close(fd);
	return 0;
}

int history_file_append(const char *path, const char *line, struct error *err)
{
	int fd = history_file_open(path, O_WRONLY | O_CREAT | O_APPEND, err);
	if (fd < 0)
		return -1;
	struct buf text = BUF_INIT(2 * HISTORY_LINE_MAX + 2);
	history_encode(&text, line);
	int result = 0;
	if (history_write_all(fd, buf_text(&text), text.length) < 0)
		result = error_errno(err, errno, keep_hint, "%s cannot be written", path);
	buf_release(&text);
	close(fd);
	return result;
}
