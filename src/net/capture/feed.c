#include "ntsh/packet_feed.h"

enum { FRAMES_BETWEEN_LOOKS = 8192 };

/* The heads are enough for a judgement, and a long one of TLS or HTTP fits. */
enum { LIVE_SNAPLEN = 2048 };

struct feeding {
	struct packet_feed *feed;
	packet_feed_fn *fn;
	void *arg;
	ns_t before;
	bool done;
};

int packet_feed_words(struct packet_feed *feed, const char *interface, const struct option_list *words,
		      struct error *err)
{
	size_t first = interface ? 0 : 1;
	feed->interface = interface;
	if (!interface && !words->count)
		return error_set(err, STATUS_USAGE, "EUSAGE", "name a FILE, or an interface with -i",
				 "there is nothing to read packets from");
	feed->file = interface ? NULL : words->items[0];
	if (words->count <= first) {
		feed->filter[0] = '\0';
		return 0;
	}
	return capture_filter_text(words->items + first, words->count - first, feed->filter, err);
}

static void feed_frame(struct feeding *feeding, const struct capture_frame *frame)
{
	struct packet packet;
	if (frame->time != NS_NONE)
		feeding->before = frame->time;
	packet_decode(&packet, frame->link, frame->bytes, frame->captured, frame->length);
	feeding->fn(&packet, feeding->before, feeding->arg);
}

/* --- files --- */

static int read_frames(struct loop *loop, struct capture *capture, struct capture_filter *filter,
		       struct feeding *feeding, struct error *err)
{
	struct capture_frame frame;
	uint64_t count = 0;
	int got;
	while ((got = capture_next(capture, &frame, err)) > 0) {
		if (!filter || capture_filter_passes(filter, &frame))
			feed_frame(feeding, &frame);
		if (++count % FRAMES_BETWEEN_LOOKS == 0 && loop_cancelled(loop) != LOOP_DONE)
			return 0;
	}
	return got;
}

static int feed_file(struct loop *loop, struct feeding *feeding, struct error *err)
{
	struct packet_feed *feed = feeding->feed;
	struct capture_filter *filter = NULL;
	if (feed->filter[0] && !(filter = capture_filter_new(feed->filter, err)))
		return -1;
	struct capture *capture = capture_open_file(feed->file, err);
	int failed = capture ? read_frames(loop, capture, filter, feeding, err) : -1;
	for (size_t i = 0; capture && i < capture_interfaces(capture); i++) {
		const struct capture_interface *interface = capture_interface(capture, i);
		feed->drops_known |= interface->drops_known;
		feed->drops += interface->drops;
	}
	if (capture) {
		feed->cut = capture_info(capture)->cut;
		capture_close(capture);
	}
	capture_filter_free(filter);
	return failed;
}

/* --- live --- */

static void on_frame(const struct capture_frame *frame, void *arg)
{
	if (frame)
		feed_frame(arg, frame);
}

static void on_time(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	*(bool *)arg = true;
}

static int feed_live(struct loop *loop, struct feeding *feeding, struct error *err)
{
	struct packet_feed *feed = feeding->feed;
	struct capture_live_request request = {
		.interfaces = { feed->interface }, .count = 1, .filter = feed->filter, .snaplen = LIVE_SNAPLEN
	};
	struct loop_timer timer = { 0 };
	struct capture_live *live = capture_live_start(loop, &request, on_frame, feeding, err);
	if (!live)
		return -1;
	if (feed->duration)
		loop_timer_start(loop, &timer, clock_mono() + feed->duration, on_time, &feeding->done);
	loop_run(loop, &feeding->done);
	loop_timer_stop(loop, &timer);
	capture_live_stop(live);
	for (size_t i = 0; i < capture_live_interfaces(live); i++) {
		const struct capture_interface *interface = capture_live_interface(live, i);
		feed->drops_known |= interface->drops_known;
		feed->drops += interface->drops;
	}
	int failed = capture_live_failed(live, err) ? -1 : 0;
	capture_live_free(live);
	return failed;
}

int packet_feed_run(struct loop *loop, struct packet_feed *feed, packet_feed_fn *fn, void *arg,
		    struct error *err)
{
	struct feeding feeding = { .feed = feed, .fn = fn, .arg = arg };
	return feed->file ? feed_file(loop, &feeding, err) : feed_live(loop, &feeding, err);
}
