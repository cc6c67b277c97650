/* Packets of a file or of an interface, filtered and decoded, handed over one by one: for whoever judges or counts them. */
#ifndef NTSH_PACKET_FEED_H
#define NTSH_PACKET_FEED_H

#include "ntsh/capture.h"
#include "ntsh/loop.h"
#include "ntsh/option.h"

struct packet_feed {
	const char *file;      /* NULL: live */
	const char *interface; /* live; "any" is one */
	char filter[CAPTURE_FILTER_MAX]; /* "": everything */
	ns_t duration;         /* live; 0: until the loop is cancelled */

	/* What it came to. */
	uint64_t drops;
	bool drops_known, cut;
};

/* Words of a command line: with an interface all of them are the filter, else the first is the file. Returns 0, or -1 with err (STATUS_USAGE). */
int packet_feed_words(struct packet_feed *feed, const char *interface, const struct option_list *words, struct error *err);

/* time is that of the packet, of the one before it when it has none. */
typedef void packet_feed_fn(const struct packet *packet, ns_t time, void *arg);

/* Runs to the end of the file, or of the time. Returns 0 (also when the loop was cancelled), or -1 with err. */
int packet_feed_run(struct loop *loop, struct packet_feed *feed, packet_feed_fn *fn, void *arg, struct error *err);

#endif
