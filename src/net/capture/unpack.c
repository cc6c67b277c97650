/* gzip (RFC 1952) and zstd (RFC 8878) by the libraries that every Debian has. They are loaded when a packed file is opened; their
 * functions are declared here, as few and as stable as they are, so that no header is needed to build. */
#include "base/dynlib.h"
#include "base/mem.h"
#include "net/capture/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INPUT_SIZE = 128 * 1024 };

struct zstd_in {
	const void *bytes;
	size_t size, at;
};
struct zstd_out {
	void *bytes;
	size_t size, at;
};

static struct {
	void *(*open)(int fd, const char *mode);
	int (*buffer)(void *file, unsigned size);
	int (*read)(void *file, void *out, unsigned size);
	const char *(*error)(void *file, int *number);
	int (*close)(void *file);
} gz;

static struct {
	void *(*create)(void);
	size_t (*decompress)(void *stream, struct zstd_out *out, struct zstd_in *in);
	unsigned (*is_error)(size_t code);
	size_t (*free)(void *stream);
} zstd;

struct unpacker {
	enum capture_packing packing;
	int fd;
	void *state;
	struct zstd_in in;
	bool end, within; /* of the input; within a frame */
	uint8_t input[INPUT_SIZE];
};

static int load_gzip(struct error *err)
{
	static const struct dynlib_symbol symbols[] = { { "gzdopen", &gz.open },
							{ "gzbuffer", &gz.buffer },
							{ "gzread", &gz.read },
							{ "gzerror", &gz.error },
							{ "gzclose_r", &gz.close } };
	return dynlib_load("libz.so.1", "zlib1g", symbols, sizeof symbols / sizeof symbols[0], err);
}

static int load_zstd(struct error *err)
{
	static const struct dynlib_symbol symbols[] = { { "ZSTD_createDStream", &zstd.create },
							{ "ZSTD_decompressStream", &zstd.decompress },
							{ "ZSTD_isError", &zstd.is_error },
							{ "ZSTD_freeDStream", &zstd.free } };
	return dynlib_load("libzstd.so.1", "libzstd1", symbols, sizeof symbols / sizeof symbols[0], err);
}

/* zlib reads the file itself, from its beginning. */
static void *open_gzip(int fd, struct error *err)
{
	if (lseek(fd, 0, SEEK_SET) < 0) {
		error_set(err, STATUS_CANNOT, "ESPIPE", "gunzip it on the way: zcat FILE | ntsh capture -r -",
			  "what gzip has packed is read from files only, not from a pipe");
		return NULL;
	}
	int copy = dup(fd);
	void *file = copy >= 0 ? gz.open(copy, "rb") : NULL;
	if (!file)
		error_errno(err, copy < 0 ? errno : ENOMEM, NULL, "the packed file cannot be opened");
	else
		gz.buffer(file, INPUT_SIZE);
	return file;
}

struct unpacker *unpacker_open(enum capture_packing packing, int fd, const uint8_t *begun, size_t length,
			       struct error *err)
{
	if ((packing == CAPTURE_GZIP ? load_gzip(err) : load_zstd(err)) < 0)
		return NULL;
	void *state = packing == CAPTURE_GZIP ? open_gzip(fd, err) : zstd.create();
	if (!state)
		return NULL;
	struct unpacker *unpacker = NEW(struct unpacker);
	unpacker->packing = packing;
	unpacker->fd = fd;
	unpacker->state = state;
	/* The first reading may have brought more than one input buffer holds. */
	if (packing == CAPTURE_ZSTD) {
		uint8_t *copy = mem_alloc(length);
		memcpy(copy, begun, length);
		unpacker->in = (struct zstd_in){ copy, length, 0 };
	}
	return unpacker;
}

static void forget_input(struct unpacker *unpacker)
{
	if (unpacker->in.bytes != unpacker->input)
		free((void *)(uintptr_t)unpacker->in.bytes);
	unpacker->in = (struct zstd_in){ unpacker->input, 0, 0 };
}

static ssize_t read_input(struct unpacker *unpacker)
{
	forget_input(unpacker);
	ssize_t got;
	do
		got = read(unpacker->fd, unpacker->input, INPUT_SIZE);
	while (got < 0 && errno == EINTR);
	unpacker->in.size = got > 0 ? (size_t)got : 0;
	return got;
}

static ssize_t read_zstd(struct unpacker *unpacker, uint8_t *out, size_t size)
{
	struct zstd_out to = { out, size, 0 };
	while (!to.at) {
		if (unpacker->in.at == unpacker->in.size) {
			ssize_t got = read_input(unpacker);
			if (got < 0)
				return -1;
			if (!got) {
				errno = EBADMSG;
				return unpacker->within ? -1 : 0;
			}
		}
		size_t left = zstd.decompress(unpacker->state, &to, &unpacker->in);
		if (zstd.is_error(left)) {
			errno = EBADMSG;
			return -1;
		}
		unpacker->within = left != 0;
	}
	return (ssize_t)to.at;
}

static ssize_t read_gzip(struct unpacker *unpacker, uint8_t *out, size_t size)
{
	int got = gz.read(unpacker->state, out, (unsigned)size), number = 0;
	gz.error(unpacker->state, &number);
	/* A file that ends too early gives what it has first, and says so then (Z_BUF_ERROR). */
	if (got > 0 || (!got && !number))
		return got;
	errno = EBADMSG;
	return -1;
}

ssize_t unpacker_read(struct unpacker *unpacker, uint8_t *out, size_t size)
{
	return unpacker->packing == CAPTURE_GZIP ? read_gzip(unpacker, out, size)
						 : read_zstd(unpacker, out, size);
}

void unpacker_close(struct unpacker *unpacker)
{
	if (unpacker->packing == CAPTURE_GZIP) {
		gz.close(unpacker->state);
	} else {
		zstd.free(unpacker->state);
		forget_input(unpacker);
	}
	free(unpacker);
}
