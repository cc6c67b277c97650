#include "net/capture/file.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct capture_interface *capture_add_interface(struct capture *capture, struct capture_ticks **ticks)
{
	if (capture->interface_count == CAPTURE_INTERFACES_MAX)
		return NULL;
	if (capture->interface_count == capture->interface_capacity) {
		size_t capacity = capture->interface_capacity ? 2 * capture->interface_capacity : 4;
		capture->interfaces = mem_resize(capture->interfaces, capacity, sizeof *capture->interfaces);
		capture->ticks = mem_resize(capture->ticks, capacity, sizeof *capture->ticks);
		capture->interface_capacity = capacity;
	}
	size_t index = capture->interface_count++;
	capture->interfaces[index] = (struct capture_interface){ .resolution = 1000000 };
	capture->ticks[index] = (struct capture_ticks){ .per_second = 1000000 };
	*ticks = &capture->ticks[index];
	return &capture->interfaces[index];
}

int capture_is_cut(struct capture *capture, struct error *err)
{
	int errnum = capture->source.read_error;
	capture->over = true;
	if (errnum == EBADMSG)
		return error_set(err, STATUS_CANNOT, "EDAMAGED", "what came before it was read",
				 "the packed file is damaged or ends too early, behind %llu unpacked bytes",
				 (unsigned long long)source_offset(&capture->source));
	if (errnum)
		return error_errno(err, errnum, NULL, "reading the file failed");
	capture->info.cut = capture->source.filled > capture->source.at;
	return 0;
}

int capture_is_damaged(struct capture *capture, struct error *err, const char *format, ...)
{
	char what[256];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	capture->over = true;
	return error_set(err, STATUS_CANNOT, "EDAMAGED", "what came before it was read",
			 "the file is damaged at byte %llu, behind %llu packets: %s",
			 (unsigned long long)source_offset(&capture->source),
			 (unsigned long long)capture->info.frames, what);
}

static int open_descriptor(const char *path, struct error *err)
{
	if (strcmp(path, "-") == 0)
		return STDIN_FILENO;
	struct stat stat;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &stat) == 0 && S_ISDIR(stat.st_mode)) {
		close(fd);
		errno = EISDIR;
		fd = -1;
	}
	if (fd < 0)
		error_errno(err, errno, NULL, "%s cannot be read", path);
	return fd;
}

static int begin(struct capture *capture, const char *path, struct error *err)
{
	int began = capture_begin_pcap(capture, err);
	if (began > 0)
		began = capture_begin_pcapng(capture);
	if (began <= 0)
		return began;
	if (capture->source.read_error)
		return capture_is_cut(capture, err);
	if (capture->source.filled == capture->source.at)
		return error_set(err, STATUS_CANNOT, "EFORMAT", NULL, "%s is empty: not even a file header",
				 path);
	return error_set(
	    err, STATUS_CANNOT, "EFORMAT",
	    "it must be a file of tcpdump, Wireshark or another program that writes pcap or pcapng",
	    "%s is no capture file", path);
}

struct capture *capture_open_file(const char *path, struct error *err)
{
	return capture_open_waiting(path, NULL, err);
}

struct capture *capture_open_waiting(const char *path, struct loop *loop, struct error *err)
{
	int fd = open_descriptor(path, err);
	if (fd < 0)
		return NULL;
	struct capture *capture = NEW(struct capture);
	if (source_open(&capture->source, fd, loop, path, err) == 0 && begin(capture, path, err) == 0) {
		capture->info.packing = capture->source.packing;
		return capture;
	}
	capture_close(capture);
	return NULL;
}

int capture_next(struct capture *capture, struct capture_frame *frame, struct error *err)
{
	if (capture->over)
		return 0;
	int got = capture->next(capture, frame, err);
	capture->info.frames += got > 0;
	return got;
}

bool capture_is_drained(const struct capture *capture)
{
	enum { LEAST_HEADER = 16 };
	return capture->source.filled - capture->source.at < LEAST_HEADER;
}

const struct capture_info *capture_info(const struct capture *capture)
{
	struct capture_info *info = (struct capture_info *)&capture->info;
	info->bytes = source_offset(&capture->source);
	return info;
}

size_t capture_interfaces(const struct capture *capture)
{
	return capture->interface_count;
}

const struct capture_interface *capture_interface(const struct capture *capture, size_t index)
{
	return index < capture->interface_count ? &capture->interfaces[index] : NULL;
}

void capture_close(struct capture *capture)
{
	if (!capture)
		return;
	source_close(&capture->source);
	for (size_t i = 0; i < capture->interface_count; i++)
		free((void *)(uintptr_t)capture->interfaces[i].name);
	for (size_t i = 0; i < sizeof capture->texts / sizeof capture->texts[0]; i++)
		free(capture->texts[i]);
	free(capture->interfaces);
	free(capture->ticks);
	free(capture);
}
