/* Files, one after the other. */
#include "net/capture/write.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum capture_format capture_format_of(const char *path)
{
	const char *dot = strrchr(path, '.');
	return dot && (strcmp(dot, ".pcapng") == 0 || strcmp(dot, ".ntar") == 0) ? CAPTURE_PCAPNG
										 : CAPTURE_PCAP;
}

static bool is_ring(const struct capture_writer *writer)
{
	return writer->request.file_bytes || writer->request.file_time;
}

/* Returns how much of the buffer was written; errno tells why not all. */
static size_t write_some(int fd, const uint8_t *bytes, size_t length)
{
	size_t done = 0;
	while (done < length) {
		ssize_t written = write(fd, bytes + done, length - done);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return done;
		done += (size_t)written;
	}
	return done;
}

/* The file ends behind its last whole packet, however much room there was. */
static int write_failed(struct capture_writer *writer, int errnum, size_t done, struct error *err)
{
	uint64_t before = writer->file_bytes - writer->used;
	writer->failed = true;
	if (writer->fd >= 0 &&
	    ftruncate(writer->fd, (off_t)(before + write_whole(writer, done, before == 0))) < 0)
		errnum = errnum ? errnum : errno;
	writer->used = 0;
	return error_errno(err, errnum, "the file is whole up to its last packet", "%s cannot be written",
			   writer->file ? writer->file : "standard output");
}

int capture_writer_flush(struct capture_writer *writer, struct error *err)
{
	if (!writer->used || writer->failed)
		return writer->failed ? -1 : 0;
	if (writer->request.sink) {
		int errnum = writer->request.sink(writer->buffer, writer->used, writer->request.arg);
		writer->used = 0;
		writer->failed = errnum != 0;
		return errnum ? error_errno(err, errnum, NULL, "the packets cannot be handed on") : 0;
	}
	size_t done = write_some(writer->fd, writer->buffer, writer->used);
	if (done < writer->used)
		return write_failed(writer, errno, done, err);
	writer->used = 0;
	return 0;
}

uint8_t *write_room(struct capture_writer *writer, size_t length, struct error *err)
{
	if (WRITE_BUFFER - writer->used < length && capture_writer_flush(writer, err) < 0)
		return NULL;
	uint8_t *room = writer->buffer + writer->used;
	writer->used += length;
	writer->file_bytes += length;
	writer->total_bytes += length;
	return room;
}

/* "NAME_00001_20261124181500.pcap" */
static char *ring_name(const struct capture_writer *writer, ns_t time)
{
	const char *slash = strrchr(writer->path, '/'), *dot = strrchr(slash ? slash : writer->path, '.');
	int stem = (int)(dot ? (size_t)(dot - writer->path) : strlen(writer->path));
	time_t seconds = (time_t)(time / NS_PER_S);
	struct tm tm;
	char date[32];
	localtime_r(&seconds, &tm);
	strftime(date, sizeof date, "%Y%m%d%H%M%S", &tm);
	size_t size = strlen(writer->path) + 64;
	char *name = mem_alloc(size);
	snprintf(name, size, "%.*s_%05llu_%s%s", stem, writer->path, (unsigned long long)writer->files + 1,
		 date, dot ? dot : "");
	return name;
}

static void forget_oldest(struct capture_writer *writer)
{
	if (!writer->request.files || writer->kept_count <= writer->request.files)
		return;
	unlink(writer->kept[0]);
	free(writer->kept[0]);
	writer->kept_count--;
	memmove(writer->kept, writer->kept + 1, writer->kept_count * sizeof *writer->kept);
}

static int begin_file(struct capture_writer *writer, ns_t time, struct error *err)
{
	writer->file_bytes = 0;
	writer->file_began = NS_NONE;
	if (!writer->request.sink) {
		free(writer->file);
		writer->file = is_ring(writer) ? ring_name(writer, time) : mem_strdup(writer->path);
		writer->fd = open(writer->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (writer->fd < 0) {
			writer->failed = true;
			return error_errno(err, errno, NULL, "%s cannot be written", writer->file);
		}
	}
	if (is_ring(writer) && writer->request.files) {
		writer->kept = mem_resize(writer->kept, writer->kept_count + 1, sizeof *writer->kept);
		writer->kept[writer->kept_count++] = mem_strdup(writer->file);
		forget_oldest(writer);
	}
	writer->files++;
	return writer->request.format == CAPTURE_PCAP ? write_pcap_begin(writer, err)
						      : write_pcapng_begin(writer, err);
}

static int end_file(struct capture_writer *writer, struct error *err)
{
	int bad = 0;
	if (writer->request.format == CAPTURE_PCAPNG && !writer->failed)
		bad = write_pcapng_end(writer, err);
	if (bad == 0)
		bad = capture_writer_flush(writer, err);
	if (writer->fd >= 0 && close(writer->fd) < 0 && bad == 0)
		bad = error_errno(err, errno, NULL, "%s cannot be written", writer->file);
	writer->fd = -1;
	return bad;
}

static bool same_file(const char *a, const char *b)
{
	struct stat one, two;
	return stat(a, &one) == 0 && stat(b, &two) == 0 && one.st_dev == two.st_dev &&
	       one.st_ino == two.st_ino;
}

struct capture_writer *capture_writer_open(const struct capture_write_request *request, struct error *err)
{
	if (!request->sink && request->not_over && same_file(request->path, request->not_over)) {
		error_set(err, STATUS_USAGE, "EUSAGE", "give another name",
			  "%s is being read: it cannot be written over", request->path);
		return NULL;
	}
	struct capture_writer *writer = NEW(struct capture_writer);
	writer->request = *request;
	writer->path = mem_strdup(request->path);
	writer->filter = mem_strdup(request->filter);
	writer->fd = -1;
	writer->buffer = mem_alloc(WRITE_BUFFER);
	if (begin_file(writer, request->began > 0 ? request->began : clock_real(), err) == 0)
		return writer;
	capture_writer_close(writer, NULL);
	return NULL;
}

/* Would this frame break a limit of the file that is being written? A file holds one packet at least. */
static bool is_full(const struct capture_writer *writer, const struct capture_frame *frame)
{
	if (writer->file_began == NS_NONE)
		return false;
	if (writer->request.file_bytes &&
	    writer->file_bytes + frame->captured + 16 > writer->request.file_bytes)
		return true;
	return writer->request.file_time && frame->time - writer->file_began >= writer->request.file_time;
}

int capture_writer_put(struct capture_writer *writer, const struct capture_frame *frame,
		       const struct capture_interface *interface, struct error *err)
{
	if (writer->failed)
		return -1;
	if (is_ring(writer) && is_full(writer, frame) &&
	    (end_file(writer, err) < 0 || begin_file(writer, frame->time, err) < 0))
		return -1;
	if (writer->file_began == NS_NONE)
		writer->file_began = frame->time == NS_NONE ? 0 : frame->time;
	if (frame->time != NS_NONE)
		writer->newest = frame->time;
	return writer->request.format == CAPTURE_PCAP ? write_pcap_frame(writer, frame, err)
						      : write_pcapng_frame(writer, frame, interface, err);
}

void capture_writer_drops(struct capture_writer *writer, size_t index, uint64_t drops)
{
	if (index >= WRITE_INTERFACES_MAX)
		return;
	writer->interfaces[index].drops = drops;
	writer->interfaces[index].drops_known = true;
}

int capture_writer_close(struct capture_writer *writer, struct error *err)
{
	if (!writer)
		return 0;
	int bad = end_file(writer, err);
	for (size_t i = 0; i < writer->kept_count; i++)
		free(writer->kept[i]);
	free(writer->kept);
	free(writer->path);
	free(writer->filter);
	free(writer->file);
	free(writer->buffer);
	free(writer);
	return bad;
}

uint64_t capture_writer_files(const struct capture_writer *writer)
{
	return writer->files;
}

uint64_t capture_writer_bytes(const struct capture_writer *writer)
{
	return writer->total_bytes;
}

const char *capture_writer_path(const struct capture_writer *writer)
{
	return writer->file;
}
