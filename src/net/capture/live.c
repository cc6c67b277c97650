/* Live capture: one ring for each interface, drained when the kernel hands a block over.
 *
 * One interface: frames go straight from the ring to whoever wants them. Several: their blocks come at different moments, so frames are
 * kept back until no earlier one can come any more, and sorted. */
#include "base/mem.h"
#include "ntsh/capture.h"
#include "sys/pcap.h"
#include "sys/privilege_pause.h"

#include <linux/capability.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum { SNAPLEN_MAX = 262144, BUFFER_DEFAULT = 64 * 1024 * 1024, KEPT_MAX = 64 * 1024 * 1024 };

static const ns_t LATENCY_DEFAULT = 100 * NS_PER_MS;

struct input {
	struct capture_live *live;
	struct sys_pcap *pcap;
	struct capture_interface info;
	bool ended;
};

/* A frame that is kept back; its bytes are in the arena. */
struct kept {
	struct capture_frame frame;
	size_t offset;
};

struct capture_live {
	struct loop *loop;
	capture_live_fn *fn;
	void *arg;
	struct input inputs[CAPTURE_LIVE_MAX];
	size_t count;
	ns_t latency, last; /* last: newest stamp that was seen */
	struct error failure;
	struct privilege_pause pause;
	struct loop_timer timer;

	struct kept *kept;
	size_t kept_count, kept_capacity;
	uint8_t *arena;
	size_t arena_used, arena_size;
};

static struct capture_frame frame_of(const struct input *input, ns_t time, const uint8_t *bytes,
				     uint32_t captured, uint32_t length)
{
	return (struct capture_frame){ .bytes = bytes,
				       .captured = captured < length ? captured : length,
				       .length = length,
				       .link = input->info.link,
				       .interface = (uint32_t)(input - input->live->inputs),
				       .time = time };
}

static void on_frame(ns_t time, const uint8_t *bytes, uint32_t captured, uint32_t length, void *arg)
{
	struct input *input = arg;
	struct capture_live *live = input->live;
	struct capture_frame frame = frame_of(input, time, bytes, captured, length);
	live->last = time > live->last ? time : live->last;
	live->fn(&frame, live->arg);
}

static void keep_frame(ns_t time, const uint8_t *bytes, uint32_t captured, uint32_t length, void *arg)
{
	struct input *input = arg;
	struct capture_live *live = input->live;
	if (live->kept_count == live->kept_capacity) {
		live->kept_capacity = live->kept_capacity ? 2 * live->kept_capacity : 1024;
		live->kept = mem_resize(live->kept, live->kept_capacity, sizeof *live->kept);
	}
	while (live->arena_size - live->arena_used < captured) {
		live->arena_size = live->arena_size ? 2 * live->arena_size : 1024 * 1024;
		live->arena = mem_resize(live->arena, live->arena_size, 1);
	}
	struct kept *kept = &live->kept[live->kept_count++];
	kept->frame = frame_of(input, time, NULL, captured, length);
	kept->offset = live->arena_used;
	memcpy(live->arena + live->arena_used, bytes, captured);
	live->arena_used += captured;
	live->last = time > live->last ? time : live->last;
}

static int by_time(const void *left, const void *right)
{
	const struct kept *a = left, *b = right;
	if (a->frame.time != b->frame.time)
		return a->frame.time < b->frame.time ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* Gives what is older than until, and moves the rest to the front. */
static void give_kept(struct capture_live *live, ns_t until)
{
	size_t given = 0;
	if (!live->kept_count)
		return;
	if (live->arena_used > KEPT_MAX)
		until = NS_NEVER;
	qsort(live->kept, live->kept_count, sizeof *live->kept, by_time);
	for (; given < live->kept_count && live->kept[given].frame.time < until; given++) {
		struct capture_frame frame = live->kept[given].frame;
		frame.bytes = live->arena + live->kept[given].offset;
		live->fn(&frame, live->arg);
	}
	live->kept_count -= given;
	memmove(live->kept, live->kept + given, live->kept_count * sizeof *live->kept);
	if (!live->kept_count)
		live->arena_used = 0;
}

static void on_timer(struct loop *loop, struct loop_timer *timer, void *arg);

static void read_input(struct input *input)
{
	struct capture_live *live = input->live;
	if (input->ended)
		return;
	if (sys_pcap_read(input->pcap, live->count > 1 ? keep_frame : on_frame, input, &live->failure) < 0) {
		input->ended = true;
		loop_unwatch(live->loop, sys_pcap_fd(input->pcap));
	}
}

static void give(struct capture_live *live)
{
	if (live->count > 1) {
		give_kept(live, clock_real() - 2 * live->latency);
		if (live->kept_count && !loop_timer_armed(&live->timer))
			loop_timer_start(live->loop, &live->timer, clock_mono() + live->latency, on_timer,
					 live);
	}
	live->fn(NULL, live->arg);
}

static void on_timer(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	give(arg);
}

static void on_readable(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)fd;
	(void)events;
	struct input *input = arg;
	read_input(input);
	give(input->live);
}

static int open_input(struct capture_live *live, const struct capture_live_request *request, const char *name,
		      struct error *err)
{
	struct input *input = &live->inputs[live->count];
	struct sys_pcap_request opened = { .interface = name,
					   .filter = request->filter,
					   .snaplen = request->snaplen ? request->snaplen : SNAPLEN_MAX,
					   .buffer = request->buffer ? request->buffer : BUFFER_DEFAULT,
					   .latency = live->latency,
					   .promiscuous = request->promiscuous };
	input->live = live;
	input->pcap = sys_pcap_open(&opened, err);
	if (!input->pcap)
		return -1;
	live->count++;
	input->info = (struct capture_interface){ .name = mem_strdup(name),
						  .link = sys_pcap_link(input->pcap),
						  .snaplen = request->snaplen,
						  .resolution = NS_PER_S,
						  .drops_known = true };
	return loop_watch(live->loop, sys_pcap_fd(input->pcap), EPOLLIN, on_readable, input, err);
}

struct capture_live *capture_live_start(struct loop *loop, const struct capture_live_request *request,
					capture_live_fn *fn, void *arg, struct error *err)
{
	struct capture_live *live = NEW(struct capture_live);
	live->loop = loop;
	live->fn = fn;
	live->arg = arg;
	live->latency = request->latency ? request->latency : LATENCY_DEFAULT;
	for (size_t i = 0; i < request->count; i++) {
		if (open_input(live, request, request->interfaces[i], err) < 0) {
			capture_live_free(live);
			return NULL;
		}
	}
	/* Ring files and the owners of sockets need to pass permissions of files; nothing needs the network's any more. */
	privilege_pause(&live->pause,
			1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH | 1u << CAP_SYS_PTRACE);
	return live;
}

/* The kernel hands a block over when it is full or its time is up: what has arrived is there after that time at the latest. */
static void follow_up(struct capture_live *live, ns_t stop)
{
	ns_t deadline = clock_mono() + 2 * live->latency + 50 * NS_PER_MS;
	struct pollfd waits[CAPTURE_LIVE_MAX];
	while (live->last < stop && clock_mono() < deadline) {
		for (size_t i = 0; i < live->count; i++) {
			waits[i].fd = live->inputs[i].ended ? -1 : sys_pcap_fd(live->inputs[i].pcap);
			waits[i].events = POLLIN;
		}
		poll(waits, live->count, (int)(live->latency / NS_PER_MS) + 1);
		for (size_t i = 0; i < live->count; i++)
			read_input(&live->inputs[i]);
	}
}

void capture_live_stop(struct capture_live *live)
{
	ns_t stop = clock_real();
	for (size_t i = 0; i < live->count; i++)
		loop_unwatch(live->loop, sys_pcap_fd(live->inputs[i].pcap));
	loop_timer_stop(live->loop, &live->timer);
	follow_up(live, stop);
	give_kept(live, NS_NEVER);
	live->fn(NULL, live->arg);
	capture_live_interfaces(live);
}

void capture_live_free(struct capture_live *live)
{
	if (!live)
		return;
	privilege_resume(&live->pause);
	loop_timer_stop(live->loop, &live->timer);
	for (size_t i = 0; i < live->count; i++) {
		loop_unwatch(live->loop, sys_pcap_fd(live->inputs[i].pcap));
		sys_pcap_close(live->inputs[i].pcap);
		free((void *)(uintptr_t)live->inputs[i].info.name);
	}
	free(live->kept);
	free(live->arena);
	free(live);
}

size_t capture_live_interfaces(struct capture_live *live)
{
	for (size_t i = 0; i < live->count; i++) {
		uint64_t received, dropped, dropped_by_interface;
		sys_pcap_counts(live->inputs[i].pcap, &received, &dropped, &dropped_by_interface);
		live->inputs[i].info.drops = dropped + dropped_by_interface;
	}
	return live->count;
}

const struct capture_interface *capture_live_interface(const struct capture_live *live, size_t index)
{
	return index < live->count ? &live->inputs[index].info : NULL;
}

bool capture_live_failed(const struct capture_live *live, struct error *err)
{
	if (!error_is_set(&live->failure))
		return false;
	*err = live->failure;
	return true;
}
