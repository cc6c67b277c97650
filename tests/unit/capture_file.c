/* Capture files: every form of both formats, compressed, cut, damaged. */
#include "ntsh/capture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct file {
	uint8_t bytes[4096];
	size_t length;
	bool big; /* byte order */
};

static void put(struct file *file, uint32_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		file->bytes[file->length++] = (uint8_t)(value >> 8 * (file->big ? size - 1 - i : i));
}

static void put_bytes(struct file *file, const void *bytes, size_t length)
{
	memcpy(file->bytes + file->length, bytes, length);
	file->length += length;
}

static struct capture *open_bytes(const struct file *file, struct error *err)
{
	char path[] = "/tmp/ntsh-unit-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, file->bytes, file->length), (ssize_t)file->length);
	close(fd);
	struct capture *capture = capture_open_file(path, err);
	unlink(path);
	return capture;
}

static void pcap_header(struct file *file, uint32_t magic)
{
	put(file, magic, 4);
	put(file, 2, 2);
	put(file, 4, 2);
	put(file, 0, 4);
	put(file, 0, 4);
	put(file, 65535, 4);
	put(file, 1, 4);
}

static void pcap_record(struct file *file, uint32_t fraction, const char *data, uint32_t length, bool long_)
{
	uint32_t captured = (uint32_t)strlen(data);
	put(file, 1700000000, 4);
	put(file, fraction, 4);
	put(file, captured, 4);
	put(file, length, 4);
	if (long_) {
		put(file, 3, 4);
		put(file, 0, 4);
	}
	put_bytes(file, data, captured);
}

static void test_pcap(void **state)
{
	(void)state;
	static const uint32_t magics[] = { 0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34 };
	for (unsigned i = 0; i < 6; i++) {
		struct file file = { .big = i >= 3 };
		bool nano = magics[i % 3] == 0xa1b23c4d, long_ = magics[i % 3] == 0xa1b2cd34;
		struct error err = ERROR_INIT;
		struct capture_frame frame;
		pcap_header(&file, magics[i % 3]);
		pcap_record(&file, 5, "first", 5, long_);
		pcap_record(&file, 7, "second", 1500, long_);
		struct capture *capture = open_bytes(&file, &err);
		assert_non_null(capture);
		assert_int_equal(capture_next(capture, &frame, &err), 1);
		assert_int_equal(frame.time, 1700000000 * NS_PER_S + (nano ? 5 : 5000));
		assert_int_equal(frame.captured, 5);
		assert_memory_equal(frame.bytes, "first", 5);
		assert_int_equal(capture_next(capture, &frame, &err), 1);
		assert_int_equal(frame.length, 1500);
		assert_int_equal(frame.captured, 6);
		assert_int_equal(frame.link, PACKET_LINK_ETHERNET);
		assert_int_equal(capture_next(capture, &frame, &err), 0);
		const struct capture_info *info = capture_info(capture);
		assert_int_equal(info->frames, 2);
		assert_int_equal(info->big_endian, file.big);
		assert_int_equal(info->nanoseconds, nano);
		assert_false(info->cut);
		assert_int_equal(info->bytes, file.length);
		assert_int_equal(capture_interface(capture, 0)->snaplen, 65535);
		assert_null(capture_interface(capture, 1));
		capture_close(capture);
	}
}

static void test_cut_and_damaged(void **state)
{
	(void)state;
	struct file file = { .big = false };
	struct capture_frame frame;
	pcap_header(&file, 0xa1b2c3d4);
	pcap_record(&file, 5, "first", 5, false);
	size_t whole = file.length;
	pcap_record(&file, 5, "second", 6, false);
	for (size_t end = file.length; file.length-- > whole;) {
		struct error err = ERROR_INIT;
		struct capture *capture = open_bytes(&file, &err);
		assert_int_equal(capture_next(capture, &frame, &err), 1);
		assert_int_equal(capture_next(capture, &frame, &err), 0);
		assert_int_equal(capture_info(capture)->cut, file.length > whole && file.length < end);
		capture_close(capture);
	}
	struct error err = ERROR_INIT;
	file.length = whole;
	put(&file, 1, 4);
	put(&file, 1, 4);
	put(&file, 0x7fffffff, 4);
	put(&file, 1, 4);
	struct capture *capture = open_bytes(&file, &err);
	assert_int_equal(capture_next(capture, &frame, &err), 1);
	assert_int_equal(capture_next(capture, &frame, &err), -1);
	assert_string_equal(err.code, "EDAMAGED");
	assert_non_null(strstr(err.message, "at byte 45, behind 1 packets"));
	assert_int_equal(capture_next(capture, &frame, &err), 0);
	capture_close(capture);
}

static void test_no_capture(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "abc", "hello, this is no capture file",
					     "\xd4\xc3\xb2\xa1 short" };
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct error err = ERROR_INIT;
		struct file file = { .big = false };
		put_bytes(&file, texts[i], strlen(texts[i]));
		assert_null(open_bytes(&file, &err));
		assert_int_equal(err.status, STATUS_CANNOT);
	}
	struct error err = ERROR_INIT;
	assert_null(capture_open_file("/nonexistent/file", &err));
	assert_string_equal(err.code, "ENOENT");
	error_clear(&err);
	assert_null(capture_open_file("/tmp", &err));
	assert_string_equal(err.code, "EISDIR");
}

/* --- pcapng --- */

static size_t block_begin(struct file *file, uint32_t type)
{
	put(file, type, 4);
	put(file, 0, 4);
	return file->length - 8;
}

static void block_end(struct file *file, size_t start)
{
	while (file->length % 4)
		put(file, 0, 1);
	uint32_t length = (uint32_t)(file->length + 4 - start);
	put(file, length, 4);
	struct file field = { .big = file->big };
	put(&field, length, 4);
	memcpy(file->bytes + start + 4, field.bytes, 4);
}

static void option(struct file *file, unsigned code, const void *value, unsigned length)
{
	put(file, code, 2);
	put(file, length, 2);
	put_bytes(file, value, length);
	while (file->length % 4)
		put(file, 0, 1);
}

static void section(struct file *file)
{
	size_t start = block_begin(file, 0x0a0d0d0a);
	put(file, 0x1a2b3c4d, 4);
	put(file, 1, 2);
	put(file, 0, 2);
	put(file, UINT32_MAX, 4);
	put(file, UINT32_MAX, 4);
	option(file, 3, "Linux", 5);
	block_end(file, start);
}

static void interface(struct file *file, unsigned link, const char *name, int resolution)
{
	size_t start = block_begin(file, 1);
	uint8_t code = (uint8_t)resolution;
	put(file, link, 2);
	put(file, 0, 2);
	put(file, 64, 4);
	option(file, 2, name, (unsigned)strlen(name));
	if (resolution >= 0)
		option(file, 9, &code, 1);
	option(file, 0, "", 0);
	block_end(file, start);
}

static void packet(struct file *file, uint32_t id, uint64_t stamp, const char *data)
{
	size_t start = block_begin(file, 6);
	put(file, id, 4);
	put(file, (uint32_t)(stamp >> 32), 4);
	put(file, (uint32_t)stamp, 4);
	put(file, (uint32_t)strlen(data), 4);
	put(file, 100, 4);
	put_bytes(file, data, strlen(data));
	block_end(file, start);
}

static void test_pcapng(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct file file = { .big = big };
		struct error err = ERROR_INIT;
		struct capture_frame frame;
		section(&file);
		interface(&file, 1, "eth0", -1);
		interface(&file, 101, "tun0", 9);
		packet(&file, 0, 1700000000000005u, "one");
		packet(&file, 1, 1700000000000000007u, "three");
		size_t unknown = block_begin(&file, 0xbad);
		block_end(&file, unknown);
		file.big = !big; /* the next section may be of another machine */
		section(&file);
		interface(&file, 276, "any", 0x80 | 10);
		packet(&file, 0, (uint64_t)1700000000 << 10 | 512, "");
		struct capture *capture = open_bytes(&file, &err);
		assert_non_null(capture);
		assert_int_equal(capture_next(capture, &frame, &err), 1);
		assert_int_equal(frame.time, 1700000000 * NS_PER_S + 5000);
		assert_int_equal(frame.captured, 3);
		assert_int_equal(frame.length, 100);
		assert_int_equal(capture_next(capture, &frame, &err), 1);
		assert_int_equal(frame.time, 1700000000 * NS_PER_S + 7);
		assert_int_equal(frame.link, PACKET_LINK_RAW);
		assert_string_equal(capture_interface(capture, frame.interface)->name, "tun0");
		assert_int_equal(capture_next(capture, &frame, &err), 1);
		assert_int_equal(frame.time, 1700000000 * NS_PER_S + NS_PER_S / 2);
		assert_int_equal(frame.interface, 2);
		assert_int_equal(frame.link, PACKET_LINK_SLL2);
		assert_int_equal(capture_next(capture, &frame, &err), 0);
		assert_string_equal(capture_info(capture)->os, "Linux");
		assert_int_equal(capture_info(capture)->sections, 2);
		assert_int_equal(capture_interfaces(capture), 3);
		capture_close(capture);
	}
}

static void test_pcapng_damage(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct capture_frame frame;
	struct file file = { .big = false };
	section(&file);
	interface(&file, 1, "eth0", 6);
	size_t good = file.length;
	packet(&file, 7, 0, "x");
	struct capture *capture = open_bytes(&file, &err);
	assert_int_equal(capture_next(capture, &frame, &err), -1);
	assert_non_null(strstr(err.message, "does not describe"));
	capture_close(capture);
	file.length = good;
	put(&file, 6, 4);
	put(&file, 31, 4);
	put(&file, 0, 4);
	error_clear(&err);
	capture = open_bytes(&file, &err);
	assert_int_equal(capture_next(capture, &frame, &err), -1);
	assert_non_null(strstr(err.message, "a block of 31 bytes"));
	capture_close(capture);
}

static void read_packed(const char *program, enum capture_packing packing)
{
	char path[] = "/tmp/ntsh-unit-XXXXXX", command[256];
	struct file file = { .big = false };
	struct error err = ERROR_INIT;
	struct capture_frame frame;
	pcap_header(&file, 0xa1b2c3d4);
	for (int i = 0; i < 100; i++)
		pcap_record(&file, (uint32_t)i, "a packet", 8, false);
	int fd = mkstemp(path);
	assert_int_equal(write(fd, file.bytes, file.length), (ssize_t)file.length);
	close(fd);
	snprintf(command, sizeof command, "%s -c < %s > %s.packed", program, path, path);
	int failed = system(command);
	unlink(path);
	snprintf(command, sizeof command, "%s.packed", path);
	if (failed) {
		unlink(command);
		skip();
	}
	struct capture *capture = capture_open_file(command, &err);
	assert_string_equal(err.message, "");
	assert_non_null(capture);
	int frames = 0, got;
	while ((got = capture_next(capture, &frame, &err)) > 0)
		assert_int_equal(frame.time % NS_PER_S, frames++ * NS_PER_US);
	assert_int_equal(got, 0);
	assert_int_equal(frames, 100);
	assert_int_equal(capture_info(capture)->packing, packing);
	capture_close(capture);
	/* Half of it: what is there comes, then the error. */
	assert_int_equal(truncate(command, 60), 0);
	capture = capture_open_file(command, &err);
	if (capture) {
		while ((got = capture_next(capture, &frame, &err)) > 0)
			;
		assert_int_equal(got, -1);
		capture_close(capture);
	}
	assert_true(error_is_set(&err));
	unlink(command);
}

static void test_gzip(void **state)
{
	(void)state;
	read_packed("gzip", CAPTURE_GZIP);
}

static void test_zstd(void **state)
{
	(void)state;
	read_packed("zstd -q", CAPTURE_ZSTD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pcap),          cmocka_unit_test(test_cut_and_damaged),
		cmocka_unit_test(test_no_capture),    cmocka_unit_test(test_pcapng),
		cmocka_unit_test(test_pcapng_damage), cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_zstd),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
