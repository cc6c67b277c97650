/* Reads the trace and counts. */
#include "base/mem.h"
#include "net/drops/counts.h"
#include "sys/tracefs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
	BUFFER_KB = 4096, /* of trace on each CPU: about 30,000 events */
	TEXT_SIZE = 256 * 1024,
	RECENT = 1024, /* packets of which something is known; a power of two */
	READS_A_TURN = 16,
	FLOW_LINES = 256, /* so soon after its reset or ICMP error a packet is freed, or it was another one's memory */
};

/* What was said about a packet before it was freed. */
struct recent {
	uint64_t packet;
	uint64_t line; /* of the flow */
	struct addr source, destination;
	char device[DROP_DEVICE_MAX];
};

struct drops {
	struct loop *loop;
	struct tracefs *trace;
	char **words;
	size_t word_count;
	char *text;
	size_t used;
	bool skipping; /* the rest of a line that is too long */
	struct recent *recent;
	uint64_t lines; /* that were read */
	struct drop_counts counts, resent, states;
	struct drops_totals totals;
};

static struct recent *recent_of(struct drops *drops, uint64_t packet)
{
	return &drops->recent[(packet ^ packet >> 12) & (RECENT - 1)];
}

static void remember(struct drops *drops, const struct drop_event *event)
{
	struct recent *recent = recent_of(drops, event->packet);
	if (recent->packet != event->packet)
		*recent = (struct recent){ .packet = event->packet };
	if (event->kind == DROP_ARRIVED) {
		/* The same memory, but another packet. */
		*recent = (struct recent){ .packet = event->packet };
		memcpy(recent->device, event->device, sizeof recent->device);
	} else {
		recent->line = drops->lines;
		recent->source = event->source;
		recent->destination = event->destination;
	}
}

static bool address_is(const struct addr *addr, const char *word)
{
	struct addr wanted;
	return addr_parse(word, &wanted) == 0 && addr_equal(addr, &wanted);
}

static bool port_is(const struct drop_count *key, const char *word)
{
	long port = word[0] == ':' ? strtol(word + 1, NULL, 10) : -1;
	return port >= 0 && (key->source.port == port || key->destination.port == port);
}

static bool word_fits(const struct drop_count *key, const char *word)
{
	if (strcmp(word, "ip") == 0 || strcmp(word, "ip6") == 0 || strcmp(word, "arp") == 0)
		return key->protocol == (word[0] == 'a' ? 0x0806 : word[2] ? 0x86dd : 0x0800);
	return strcasestr(key->reason, word) || strstr(key->place, word) || strcmp(key->device, word) == 0 ||
	       address_is(&key->source, word) || address_is(&key->destination, word) || port_is(key, word);
}

static bool fits(const struct drops *drops, const struct drop_count *key)
{
	for (size_t i = 0; i < drops->word_count; i++)
		if (!word_fits(key, drops->words[i]))
			return false;
	return true;
}

static void on_freed(struct drops *drops, const struct drop_event *event)
{
	struct recent *recent = recent_of(drops, event->packet);
	const struct drop_words *words = drop_words_find(event->reason);
	struct drop_count key = { .protocol = event->protocol };
	memcpy(key.reason, event->reason, sizeof key.reason);
	memcpy(key.place, event->place, sizeof key.place);
	if (recent->packet == event->packet) {
		if (drops->lines - recent->line < FLOW_LINES) {
			key.source = recent->source;
			key.destination = recent->destination;
		}
		memcpy(key.device, recent->device, sizeof key.device);
		*recent = (struct recent){ 0 };
	}
	if (!fits(drops, &key))
		return;
	if (words && words->normal)
		drops->totals.normal++;
	else
		drops->totals.dropped++;
	drop_counts_add(&drops->counts, &key);
}

static void on_connection(struct drops *drops, const struct drop_event *event)
{
	struct drop_count key = { .source = event->source, .destination = event->destination };
	if (event->kind == DROP_STATE)
		snprintf(key.reason, sizeof key.reason, "%s to %s", event->from_state, event->state);
	if (!fits(drops, &key))
		return;
	if (event->kind == DROP_STATE) {
		key.source = key.destination = (struct addr){ 0 };
		drop_counts_add(&drops->states, &key);
	} else {
		drops->totals.resent++;
		drop_counts_add(&drops->resent, &key);
	}
}

static void on_line(struct drops *drops, const char *line, size_t length)
{
	struct drop_event event;
	drops->lines++;
	if (!drop_line_parse(line, length, &event))
		return;
	if (event.kind == DROP_FREED)
		on_freed(drops, &event);
	else if (event.kind == DROP_FLOW || event.kind == DROP_ARRIVED)
		remember(drops, &event);
	else if (event.kind == DROP_OVERRUN)
		drops->totals.overrun += event.count;
	else
		on_connection(drops, &event);
}

static void read_lines(struct drops *drops)
{
	char *at = drops->text, *end = drops->text + drops->used;
	for (char *newline; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1) {
		if (!drops->skipping)
			on_line(drops, at, (size_t)(newline - at));
		drops->skipping = false;
	}
	drops->used = (size_t)(end - at);
	memmove(drops->text, at, drops->used);
	if (drops->used == TEXT_SIZE) {
		drops->skipping = true;
		drops->used = 0;
	}
}

/* Returns false when there is nothing more for now. */
static bool read_some(struct drops *drops)
{
	ssize_t got = read(tracefs_fd(drops->trace), drops->text + drops->used, TEXT_SIZE - drops->used);
	if (got <= 0)
		return got < 0 && errno == EINTR;
	drops->used += (size_t)got;
	read_lines(drops);
	return true;
}

static void on_readable(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)fd;
	(void)events;
	for (int i = 0; i < READS_A_TURN && read_some(arg); i++)
		;
}

static int enable(struct drops *drops, const struct drops_request *request, struct error *err)
{
	/* Those that tell the flow of a packet come first: their line must stand before the one of the drop. */
	static const char *const helpers[] = { "tcp/tcp_send_reset", "icmp/icmp_send",
					       "tcp/tcp_retransmit_skb", "sock/inet_sock_set_state" };
	for (size_t i = 0; i < sizeof helpers / sizeof helpers[0]; i++)
		tracefs_enable(drops->trace, helpers[i]);
	if (request->devices)
		tracefs_enable(drops->trace, "net/netif_receive_skb");
	if (!tracefs_enable(drops->trace, "skb/kfree_skb"))
		return error_set(err, STATUS_CANNOT, "ENOENT", NULL,
				 "this kernel has no tracepoint skb:kfree_skb");
	return 0;
}

struct drops *drops_start(struct loop *loop, const struct drops_request *request, struct error *err)
{
	struct drops *drops = NEW(struct drops);
	drops->loop = loop;
	drops->words = mem_alloc((request->word_count + 1) * sizeof *drops->words);
	for (; drops->word_count < request->word_count; drops->word_count++)
		drops->words[drops->word_count] = mem_strdup(request->words[drops->word_count]);
	drops->text = mem_alloc(TEXT_SIZE);
	drops->recent = mem_alloc(RECENT * sizeof *drops->recent);
	drops->trace = tracefs_open(BUFFER_KB, err);
	if (drops->trace && tracefs_start(drops->trace, err) == 0 && enable(drops, request, err) == 0 &&
	    loop_watch(loop, tracefs_fd(drops->trace), EPOLLIN, on_readable, drops, err) == 0)
		return drops;
	drops_free(drops);
	return NULL;
}

void drops_stop(struct drops *drops)
{
	if (!drops->trace)
		return;
	loop_unwatch(drops->loop, tracefs_fd(drops->trace));
	tracefs_disable(drops->trace);
	while (read_some(drops))
		;
	tracefs_close(drops->trace);
	drops->trace = NULL;
	drop_counts_sort(&drops->counts);
	drop_counts_sort(&drops->resent);
	drop_counts_sort(&drops->states);
}

void drops_free(struct drops *drops)
{
	if (!drops)
		return;
	if (drops->trace && tracefs_fd(drops->trace) >= 0)
		loop_unwatch(drops->loop, tracefs_fd(drops->trace));
	tracefs_close(drops->trace);
	for (size_t i = 0; i < drops->word_count; i++)
		free(drops->words[i]);
	free(drops->words);
	free(drops->text);
	free(drops->recent);
	drop_counts_release(&drops->counts);
	drop_counts_release(&drops->resent);
	drop_counts_release(&drops->states);
	free(drops);
}

size_t drops_counts(struct drops *drops, const struct drop_count **out)
{
	*out = drops->counts.rows;
	return drops->counts.count;
}

size_t drops_resent(struct drops *drops, const struct drop_count **out)
{
	*out = drops->resent.rows;
	return drops->resent.count;
}

size_t drops_states(struct drops *drops, const struct drop_count **out)
{
	*out = drops->states.rows;
	return drops->states.count;
}

void drops_totals(const struct drops *drops, struct drops_totals *out)
{
	*out = drops->totals;
	out->uncounted = drops->counts.uncounted + drops->resent.uncounted;
}
