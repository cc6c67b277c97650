/* The control connection of a test: who is to do what when. */
#include "net/speed_engine.h"

#include "base/mem.h"
#include "sys/file.h"
#include "wire/bytes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* One byte each (iperf_api.h). */
enum iperf_state {
	IPERF_TEST_START = 1,
	IPERF_TEST_RUNNING = 2,
	IPERF_TEST_END = 4,
	IPERF_PARAM_EXCHANGE = 9,
	IPERF_CREATE_STREAMS = 10,
	IPERF_SERVER_TERMINATE = 11,
	IPERF_EXCHANGE_RESULTS = 13,
	IPERF_DISPLAY_RESULTS = 14,
	IPERF_DONE = 16,
	IPERF_ACCESS_DENIED = 255,
	IPERF_SERVER_ERROR = 254,
};

enum { SAMPLES_MAX = 4096, DENIED_MAX = 10 };
static const ns_t STEP_PATIENCE = 10 * NS_PER_S, TICK = 250 * NS_PER_MS, PING_INTERVAL = 50 * NS_PER_MS,
		  DENIED_PAUSE = 300 * NS_PER_MS;

/* Time on a processor and time in the queue for one: what a busy machine does not give counts like what it has not got. */
static double cpu_seconds(void)
{
	struct buf text = BUF_INIT(256);
	unsigned long long ran = 0, waited = 0;
	struct rusage usage;
	bool known = file_read("/proc/self/schedstat", &text) == 0 &&
		     sscanf(buf_text(&text), "%llu %llu", &ran, &waited) == 2;
	buf_release(&text);
	if (known)
		return (double)(ran + waited) / 1e9;
	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void speed_release(struct speed *speed)
{
	loop_timer_stop(speed->loop, &speed->timer);
	loop_timer_stop(speed->loop, &speed->patience);
	speed_streams_close(speed);
	tcp_connect_cancel(speed->connect);
	ping_free(speed->ping);
	if (speed->control >= 0) {
		loop_unwatch(speed->loop, speed->control);
		close(speed->control);
	}
	buf_release(&speed->inbox);
	free(speed->samples);
	free(speed->block);
	free(speed);
}

static void speed_end(struct speed *speed, const struct error *err)
{
	speed->events->end(&speed->result, err, speed->arg);
	speed_release(speed);
}

void speed_fail(struct speed *speed, enum status status, const char *code, const char *hint,
		const char *format, ...)
{
	struct error error = ERROR_INIT;
	char text[ERROR_MESSAGE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	error_set(&error, status, code, hint, "%s", text);
	speed_end(speed, &error);
}

static void on_patience(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	speed_fail(arg, STATUS_BAD, "ETIMEDOUT",
		   "is it an iperf3 server (iperf3 -s), and is its UDP let through?",
		   "the server did not take the next step of the test");
}

static void be_patient(struct speed *speed)
{
	loop_timer_start(speed->loop, &speed->patience, clock_mono() + STEP_PATIENCE, on_patience, speed);
}

/* Returns 0, or -1 when the connection does not take it. */
static int control_send(struct speed *speed, const void *bytes, size_t length)
{
	return send(speed->control, bytes, length, MSG_NOSIGNAL) == (ssize_t)length ? 0 : -1;
}

static int control_state(struct speed *speed, enum iperf_state state)
{
	uint8_t byte = (uint8_t)state;
	return control_send(speed, &byte, 1);
}

static int control_text(struct speed *speed, const char *text, size_t length)
{
	uint8_t head[4];
	bytes_put_u32(head, (uint32_t)length);
	return length && control_send(speed, head, sizeof head) == 0 ? control_send(speed, text, length) : -1;
}

/* --- the test itself --- */

static void on_probe(const struct ping_probe *probe, void *arg)
{
	struct speed *speed = arg;
	if (probe->rtt != NS_NONE && speed->running && speed->sample_count < SAMPLES_MAX)
		speed->samples[speed->sample_count++] = probe->rtt;
}

static void on_method(enum ping_method method, const char *because, void *arg)
{
	(void)method;
	(void)because;
	(void)arg;
}

static void on_ping_end(void *arg)
{
	(void)arg;
}

static void add_up(struct speed *speed)
{
	struct speed_result *result = &speed->result;
	uint64_t bytes = speed_streams_bytes(speed);
	result->took = clock_mono() - speed->began;
	result->cpu_percent = (cpu_seconds() - speed->cpu_began) / ((double)result->took / 1e9) * 100;
	result->retransmits = -1;
	result->jitter = NS_NONE;
	if (speed->request.down)
		result->received_bytes = bytes;
	else
		result->sent_bytes = bytes;
	for (unsigned i = 0; i < speed->request.streams && speed->request.udp; i++) {
		const struct speed_stream *stream = &speed->streams[i];
		const struct iperf_datagrams *all = &stream->datagrams;
		result->packets += speed->request.down ? all->highest : stream->packets;
		result->lost += all->highest > all->received ? all->highest - all->received : 0;
		result->late += all->late;
		if (speed->request.down)
			result->jitter = (ns_t)(all->jitter_s * 1e9);
	}
	if (!speed->request.udp && speed->streams[0].fd >= 0)
		tcp_stats_read(speed->streams[0].fd, &result->stats);
	for (unsigned i = 0; i < speed->request.streams && !speed->request.udp && !speed->request.down; i++) {
		struct tcp_stats stats;
		if (tcp_stats_read(speed->streams[i].fd, &stats) == 0)
			result->retransmits = (result->retransmits < 0 ? 0 : result->retransmits) +
					      (int64_t)stats.total_retrans;
	}
	rtt_stats_compute(&result->loaded, speed->samples, speed->sample_count);
}

static void on_tick(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct speed *speed = arg;
	ns_t now = clock_mono(), end = speed->began + speed->request.duration;
	if (now < end) {
		ns_t took = now - speed->began;
		if (speed->events->progress && took > 0)
			speed->events->progress((double)took / (double)speed->request.duration,
						(double)speed_streams_bytes(speed) * 8e9 / (double)took,
						speed->arg);
		loop_timer_start(loop, timer, now + TICK < end ? now + TICK : end, on_tick, speed);
		return;
	}
	add_up(speed);
	speed_streams_stop(speed);
	ping_free(speed->ping);
	speed->ping = NULL;
	be_patient(speed);
	if (control_state(speed, IPERF_TEST_END) < 0)
		speed_fail(speed, STATUS_BAD, "ECONNRESET", NULL, "the server went away");
}

static void test_run(struct speed *speed)
{
	static const struct ping_events events = { on_probe, on_method, on_ping_end };
	struct ping_request request = { .target = speed->request.target,
					.interval = PING_INTERVAL,
					.size = 56,
					.interface = speed->request.interface };
	request.target.port = 0;
	loop_timer_stop(speed->loop, &speed->patience);
	speed->ping = ping_start(speed->loop, &request, &events, speed, NULL);
	speed->began = clock_mono();
	speed->cpu_began = cpu_seconds();
	speed_streams_run(speed);
	loop_timer_start(speed->loop, &speed->timer, speed->began + TICK, on_tick, speed);
}

/* --- the control connection --- */

static void on_control(struct loop *loop, int fd, uint32_t events, void *arg);
static void try_again(struct speed *speed);

static void on_connected(struct loop *loop, const struct tcp_connect_result *result, void *arg)
{
	struct speed *speed = arg;
	char text[TCP_CONNECT_TEXT_MAX];
	struct error error = ERROR_INIT;
	speed->connect = NULL;
	speed->control = result->fd;
	if (result->outcome == TCP_REFUSED && (speed->request.again || speed->denied))
		try_again(speed);
	else if (result->outcome != TCP_CONNECTED)
		speed_fail(speed, STATUS_BAD, result->errnum ? error_errno_name(result->errnum) : "ETIMEDOUT",
			   "start iperf3 -s there", "%s", tcp_connect_text(result, text));
	else if (control_send(speed, speed->cookie, sizeof speed->cookie) < 0 ||
		 loop_watch(loop, speed->control, EPOLLIN, on_control, speed, &error) < 0)
		speed_fail(speed, STATUS_BAD, "ECONNRESET", NULL, "the server closed the connection");
	else
		be_patient(speed);
}

static void cookie_make(char cookie[IPERF_COOKIE])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint8_t random[IPERF_COOKIE] = { 0 };
	if (getrandom(random, sizeof random, 0) < 0)
		bytes_put_u64(random, (uint64_t)clock_real());
	for (int i = 0; i < IPERF_COOKIE - 1; i++)
		cookie[i] = letters[random[i] % 32];
	cookie[IPERF_COOKIE - 1] = '\0';
}

static int control_open(struct speed *speed, struct error *err)
{
	struct tcp_connect_request request = { .target = speed->request.target,
					       .interface = speed->request.interface,
					       .timeout = STEP_PATIENCE };
	cookie_make(speed->cookie);
	speed->connect = tcp_connect_start(speed->loop, &request, on_connected, speed, err);
	return speed->connect ? 0 : -1;
}

static void on_again(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	struct speed *speed = arg;
	struct error error = ERROR_INIT;
	if (control_open(speed, &error) < 0)
		speed_fail(speed, STATUS_CANNOT, error.code, NULL, "%s", error.message);
}

/* The server takes one test at a time, and our own latest may be ending there still; between two it does not listen for a moment. */
static void try_again(struct speed *speed)
{
	if (++speed->denied > DENIED_MAX) {
		speed_fail(speed, STATUS_BAD, "EBUSY", "try again when the other test is over",
			   "the server is busy with another test");
		return;
	}
	if (speed->control >= 0) {
		loop_unwatch(speed->loop, speed->control);
		close(speed->control);
		speed->control = -1;
	}
	loop_timer_stop(speed->loop, &speed->patience);
	loop_timer_start(speed->loop, &speed->timer, clock_mono() + DENIED_PAUSE, on_again, speed);
}

static void take_results(struct speed *speed)
{
	struct speed_result *result = &speed->result;
	const struct speed_request *request = &speed->request;
	speed->awaits_results = false;
	if (iperf_results_read(speed->inbox.bytes + 4, speed->inbox.length - 4, &speed->theirs) == 0) {
		if (request->down)
			result->sent_bytes = speed->theirs.bytes;
		else
			result->received_bytes = speed->theirs.bytes;
		if (request->down && !request->udp)
			result->retransmits = speed->theirs.retransmits;
		if (request->udp && !request->down) {
			result->lost = speed->theirs.errors;
			result->jitter = (ns_t)(speed->theirs.jitter_s * 1e9);
		}
	}
	result->rate = result->took > 0 ? (double)result->received_bytes * 8e9 / (double)result->took : 0;
	buf_clear(&speed->inbox);
}

static bool take_state(struct speed *speed, uint8_t state)
{
	char text[4096];
	be_patient(speed);
	switch (state) {
	case IPERF_PARAM_EXCHANGE:
		return control_text(speed, text, iperf_params_write(&speed->request, text, sizeof text)) == 0;
	case IPERF_CREATE_STREAMS:
		speed_streams_open(speed);
		return true;
	case IPERF_TEST_START:
		return true;
	case IPERF_TEST_RUNNING:
		test_run(speed);
		return true;
	case IPERF_EXCHANGE_RESULTS:
		speed->awaits_results = true;
		return control_text(
			   speed, text,
			   iperf_results_write(&speed->result, &speed->request, text, sizeof text)) == 0;
	case IPERF_DISPLAY_RESULTS:
		control_state(speed, IPERF_DONE);
		speed_end(speed, NULL);
		return true;
	case IPERF_ACCESS_DENIED:
		try_again(speed);
		return true;
	case IPERF_SERVER_ERROR:
	case IPERF_SERVER_TERMINATE:
		speed_fail(speed, STATUS_BAD, "EREMOTEIO", NULL, "the server ended the test");
		return true;
	default:
		return false;
	}
}

/* Takes one message out of what has come. Returns false when there is none, or when the speed is gone. */
static bool take_message(struct speed *speed, uint8_t byte)
{
	if (!speed->awaits_results) {
		bool ends = byte == IPERF_DISPLAY_RESULTS || byte >= IPERF_SERVER_ERROR ||
			    byte == IPERF_SERVER_TERMINATE;
		bool opens = byte == IPERF_CREATE_STREAMS;
		if (!take_state(speed, byte)) {
			speed_fail(speed, STATUS_BAD, "EPROTO", "is it an iperf3 server (iperf3 -s)?",
				   "the server said what iperf3 does not (%u)", byte);
			return false;
		}
		return !ends && !opens;
	}
	buf_add(&speed->inbox, &byte, 1);
	if (speed->inbox.length < 4)
		return true;
	struct bytes_reader reader = bytes_reader_of(speed->inbox.bytes, 4);
	uint32_t length = bytes_u32(&reader);
	if (length > IPERF_TEXT_MAX) {
		speed_fail(speed, STATUS_BAD, "EPROTO", NULL, "the server's results are too long");
		return false;
	}
	if (speed->inbox.length == length + 4)
		take_results(speed);
	return true;
}

static void on_control(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)events;
	struct speed *speed = arg;
	uint8_t byte;
	ssize_t got;
	/* Byte by byte: control traffic is tiny, and each step may end the test. */
	while ((got = recv(fd, &byte, 1, MSG_DONTWAIT)) == 1)
		if (!take_message(speed, byte))
			return;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (speed->request.again && !speed->began)
		try_again(speed);
	else
		speed_fail(speed, STATUS_BAD, "ECONNRESET", "is it an iperf3 server (iperf3 -s)?",
			   "the server closed the connection");
}

struct speed *speed_start(struct loop *loop, const struct speed_request *request,
			  const struct speed_events *events, void *arg, struct error *err)
{
	struct speed *speed = NEW(struct speed);
	speed->loop = loop;
	speed->request = *request;
	speed->events = events;
	speed->arg = arg;
	speed->control = -1;
	speed->inbox = (struct buf)BUF_INIT(IPERF_TEXT_MAX + 16);
	speed->block = mem_alloc(IPERF_BLOCK);
	speed->samples = mem_alloc(SAMPLES_MAX * sizeof *speed->samples);
	if (request->interface) {
		snprintf(speed->interface, sizeof speed->interface, "%s", request->interface);
		speed->request.interface = speed->interface;
	}
	for (unsigned i = 0; i < SPEED_STREAMS_MAX; i++)
		speed->streams[i] = (struct speed_stream){ .speed = speed, .fd = -1 };
	if (control_open(speed, err) == 0)
		return speed;
	speed_release(speed);
	return NULL;
}

void speed_cancel(struct speed *speed)
{
	if (speed)
		speed_release(speed);
}
