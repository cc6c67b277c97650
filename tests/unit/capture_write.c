/* Capture files that are written and read again: both formats, ring files, a disk that is full. */
#include "ntsh/capture_write.h"

#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { FRAMES = 100 };

static char folder[] = "/tmp/ntsh-unit-XXXXXX";
static const struct capture_interface interfaces[] = {
	{ .name = "eth0", .link = PACKET_LINK_ETHERNET },
	{ .name = "tun0", .link = PACKET_LINK_RAW },
};

static const char *path_of(const char *name)
{
	static char path[256];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

/* Frame number i: of a length of its own, filled with its number. */
static struct capture_frame frame_of(unsigned i, bool mixed)
{
	static uint8_t bytes[2048];
	uint32_t length = i * 7 % 1500;
	memset(bytes, (int)i, length);
	return (struct capture_frame){ .bytes = bytes,
				       .captured = length,
				       .length = length + i % 3,
				       .interface = mixed && i % 2,
				       .link = interfaces[mixed && i % 2].link,
				       .time = 1700000000 * NS_PER_S + (ns_t)i * 123456789 };
}

static int write_all(const struct capture_write_request *request, bool mixed, struct error *err)
{
	struct capture_writer *writer = capture_writer_open(request, err);
	int bad = writer ? 0 : -1;
	for (unsigned i = 0; i < FRAMES && bad == 0; i++) {
		struct capture_frame frame = frame_of(i, mixed);
		bad = capture_writer_put(writer, &frame, &interfaces[frame.interface], err);
		/* Each in a write of its own, so that a failure has a place. */
		if (bad == 0 && i % 10 == 9)
			bad = capture_writer_flush(writer, err);
	}
	if (writer && bad == 0)
		capture_writer_drops(writer, 0, 42);
	return capture_writer_close(writer, bad ? NULL : err) < 0 ? -1 : bad;
}

/* Reads from frame number `first` on; returns how many there are. */
static unsigned read_all(const char *path, unsigned first, bool mixed, ns_t unit, bool *cut)
{
	struct error err = ERROR_INIT;
	struct capture_frame frame;
	struct capture *capture = capture_open_file(path, &err);
	unsigned count = 0;
	assert_non_null(capture);
	while (capture_next(capture, &frame, &err) > 0) {
		struct capture_frame wanted = frame_of(first + count++, mixed);
		assert_int_equal(frame.captured, wanted.captured);
		assert_int_equal(frame.length, wanted.length);
		assert_int_equal(frame.link, wanted.link);
		assert_int_equal(frame.time, wanted.time / unit * unit);
		assert_memory_equal(frame.bytes, wanted.bytes, wanted.captured);
	}
	assert_false(error_is_set(&err));
	*cut = capture_info(capture)->cut;
	if (mixed) {
		assert_string_equal(capture_interface(capture, 1)->name, "tun0");
		assert_int_equal(capture_interface(capture, 0)->drops, 42);
	}
	capture_close(capture);
	return count;
}

static void test_round_trip(void **state)
{
	(void)state;
	for (int variant = 0; variant < 4; variant++) {
		struct error err = ERROR_INIT;
		bool ng = variant & 1, nano = variant & 2, cut;
		struct capture_write_request request = { .path = path_of(ng ? "a.pcapng" : "a.pcap"),
							 .nanoseconds = nano,
							 .link = PACKET_LINK_ETHERNET,
							 .filter = "tcp" };
		request.format = capture_format_of(request.path);
		assert_int_equal(request.format, ng ? CAPTURE_PCAPNG : CAPTURE_PCAP);
		assert_int_equal(write_all(&request, ng, &err), 0);
		assert_int_equal(
		    read_all(path_of(ng ? "a.pcapng" : "a.pcap"), 0, ng, nano ? 1 : NS_PER_US, &cut), FRAMES);
		assert_false(cut);
	}
}

static void test_two_links_in_one(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct capture_write_request request = { .path = path_of("mixed.pcap"),
						 .link = PACKET_LINK_ETHERNET };
	assert_int_equal(write_all(&request, true, &err), -1);
	assert_non_null(strstr(err.message, "two link types"));
}

static void test_ring(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	bool cut;
	struct capture_write_request request = { .path = path_of("ring.pcap"),
						 .link = PACKET_LINK_ETHERNET,
						 .nanoseconds = true,
						 .file_bytes = 5000,
						 .began = 1700000000 * NS_PER_S };
	assert_int_equal(write_all(&request, false, &err), 0);
	glob_t found;
	struct stat stat_;
	unsigned total = 0;
	assert_int_equal(glob(path_of("ring_0*.pcap"), 0, NULL, &found), 0);
	assert_true(found.gl_pathc > 5);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		assert_int_equal(stat(found.gl_pathv[i], &stat_), 0);
		assert_true(stat_.st_size <= 5000);
		total += read_all(found.gl_pathv[i], total, false, 1, &cut);
		assert_false(cut);
		unlink(found.gl_pathv[i]);
	}
	assert_int_equal(total, FRAMES);
	globfree(&found);
	/* By time, and only the newest two: 100 frames take 12.3 s. */
	request.path = path_of("ring.pcap");
	request.file_bytes = 0;
	request.file_time = 3 * NS_PER_S;
	request.files = 2;
	assert_int_equal(write_all(&request, false, &err), 0);
	assert_int_equal(glob(path_of("ring_0*.pcap"), 0, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, 2);
	assert_non_null(strstr(found.gl_pathv[0], "ring_00003_2023111"));
	globfree(&found);
}

/* A file that may not grow: what was written ends behind a whole packet. */
static void test_full(void **state)
{
	(void)state;
	struct rlimit before, limit;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	for (int ng = 0; ng < 2; ng++) {
		for (rlim_t size = 9000; size < 9400; size += 57) {
			struct error err = ERROR_INIT;
			bool cut;
			struct capture_write_request request = { .path = path_of(ng ? "full.pcapng"
										    : "full.pcap"),
								 .format = ng ? CAPTURE_PCAPNG : CAPTURE_PCAP,
								 .link = PACKET_LINK_ETHERNET,
								 .nanoseconds = true };
			limit = (struct rlimit){ size, before.rlim_max };
			setrlimit(RLIMIT_FSIZE, &limit);
			int bad = write_all(&request, false, &err);
			setrlimit(RLIMIT_FSIZE, &before);
			assert_int_equal(bad, -1);
			assert_string_equal(err.code, "EFBIG");
			assert_true(read_all(path_of(ng ? "full.pcapng" : "full.pcap"), 0, false, 1, &cut) >
				    10);
			assert_false(cut);
		}
	}
}

static int begin(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	glob_t found;
	if (glob(path_of("*"), 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			unlink(found.gl_pathv[i]);
	globfree(&found);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_two_links_in_one),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_full),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
