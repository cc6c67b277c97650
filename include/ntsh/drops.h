/* What the kernel itself says about packets that it throws away: the tracepoint skb:kfree_skb with its reason (Linux 5.17 and later;
 * include/net/dropreason-core.h), and the flow where another tracepoint names it for the same packet.
 *
 * The trace is the machine's: it does not tell namespaces apart. */
#ifndef NTSH_DROPS_H
#define NTSH_DROPS_H

#include "ntsh/addr.h"
#include "ntsh/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DROP_REASON_MAX = 48, DROP_PLACE_MAX = 64, DROP_DEVICE_MAX = 16 };

enum drop_event_kind {
	DROP_FREED,      /* a packet was freed: reason, place, protocol */
	DROP_FLOW,       /* a reset or an ICMP error about the packet `packet`: source, destination (of the packet) */
	DROP_ARRIVED,    /* the packet came in by `device` */
	DROP_RESENT,     /* TCP sent again: source, destination, state */
	DROP_STATE,      /* a TCP socket changed its state: source, destination, state, from_state */
	DROP_OVERRUN,    /* the trace's own buffer was full: `count` events are missing */
};

struct drop_event {
	enum drop_event_kind kind;
	uint64_t packet;    /* the kernel's (hashed) address of it: tells the same from another for a moment */
	uint16_t protocol;  /* ethertype */
	uint64_t count;
	char reason[DROP_REASON_MAX]; /* "NO_SOCKET"; "NOT_SPECIFIED" where the kernel gives none */
	char place[DROP_PLACE_MAX];   /* the function, without its offset */
	char device[DROP_DEVICE_MAX];
	char state[20], from_state[20]; /* "ESTABLISHED" */
	struct addr source, destination;
};

/* Reads one line of the trace (without its newline). Returns false for what is none of ours, or malformed. */
bool drop_line_parse(const char *line, size_t length, struct drop_event *out);

/* What a reason means; NULL for one that we have no words for. normal: nothing is wrong, packets end so every day. cure may be NULL. */
struct drop_words {
	const char *reason, *says, *cure;
	bool normal;
};
const struct drop_words *drop_words_find(const char *reason);

/* Drops counted by reason, place, protocol, device and flow. */
struct drop_count {
	uint64_t count;
	char reason[DROP_REASON_MAX], place[DROP_PLACE_MAX], device[DROP_DEVICE_MAX];
	uint16_t protocol;
	struct addr source, destination; /* AF_UNSPEC: the kernel does not say */
};

struct drops;

struct drops_request {
	const char *const *words; /* every one must fit: a part of the reason or the place, ip, ip6, arp, an address, a device, :PORT */
	size_t word_count;
	bool devices; /* also where packets came in, which costs a line of trace for each packet that arrives */
};

/* Begins to count. Returns NULL with err: no privilege, no tracing in this kernel, a word that is none. */
struct drops *drops_start(struct loop *loop, const struct drops_request *request, struct error *err);
void drops_stop(struct drops *drops); /* what is in the trace is read to its end first; the trace is removed */
void drops_free(struct drops *drops);

/* The counts, the largest first; those that are not normal before those that are. */
size_t drops_counts(struct drops *drops, const struct drop_count **out);

/* TCP's second tries by flow (reason and place empty), and changes of state ("SYN_SENT to CLOSE" in reason). */
size_t drops_resent(struct drops *drops, const struct drop_count **out);
size_t drops_states(struct drops *drops, const struct drop_count **out);

struct drops_totals {
	uint64_t dropped, normal, resent; /* dropped: without the normal ones */
	uint64_t overrun;                 /* events that are missing, because the trace was not read fast enough */
	uint64_t uncounted;               /* of kinds beyond what is kept apart */
};
void drops_totals(const struct drops *drops, struct drops_totals *out);

#endif
