/* A link emulator in user space: joins two veth ends over AF_PACKET and does to the frames between them what a bad network
 * does. For kernels without netem, and for faults that netem does not know.
 *
 *      inner end         outer end                 outer end         inner end
 *     [client] eth0 ===== if_a  -- ab: shape --->  if_b ===== eth0 [server]
 *                               <--- shape :ba --
 *
 * Each direction is a pipe of its own: rules, MTU, loss, bottleneck with a queue, delay and jitter, reordering, duplication. */
#ifndef LAB_EMU_H
#define LAB_EMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t ns_t;

enum { NAME_MAX_EMU = 32, RULES_MAX = 32, LINKS_MAX = 32, FRAME_MAX = 65600 };

/* What a frame is, as far as rules ask. Ports and flags are -1 / 0 where there are none (later fragments). */
struct frame_info {
	int family;   /* 4, 6, 0: not IP */
	int protocol; /* IPPROTO_*, ICMPv6 counts as ICMP, -1: not IP */
	int sport, dport;
	uint8_t flags; /* of TCP */
	bool fragment;
	size_t ip_bytes; /* length of the IP packet, or of the frame without its header */
};

void frame_parse(const uint8_t *frame, size_t length, struct frame_info *info);

struct match {
	int family, protocol, sport, dport, port; /* -1: any */
	uint8_t flags_set, flags_clear;
	bool fragment;
	size_t size_min, size_max;
};

enum action { ACT_DROP, ACT_LOSS, ACT_NTH, ACT_DELAY, ACT_DUPLICATE };

struct rule {
	char name[NAME_MAX_EMU];
	struct match match;
	enum action action;
	double percent; /* LOSS, DUPLICATE */
	uint64_t nth;   /* NTH: drops every nth that matches */
	ns_t delay;
	uint64_t hits, acted;
};

bool match_frame(const struct match *match, const struct frame_info *info);

enum distribution { DIST_UNIFORM, DIST_NORMAL, DIST_EXPONENTIAL };

struct shape {
	ns_t delay, jitter;
	enum distribution distribution;
	bool unordered;                                          /* jitter may reorder */
	double loss;                                             /* percent */
	double ge_to_bad, ge_to_good, ge_loss_good, ge_loss_bad; /* Gilbert-Elliott, percent; to_bad 0: off */
	double rate_bps;                                         /* 0: no bottleneck */
	double limit_bytes; /* queue before the bottleneck; 0: 1000 frames' worth */
	ns_t limit_ns;
	double reorder; /* percent of frames held back by reorder_by */
	ns_t reorder_by;
	double duplicate; /* percent */
	size_t mtu;       /* IP bytes; 0: any; larger is dropped silently */
};

struct counters {
	uint64_t in_frames, in_bytes, out_frames, out_bytes;
	uint64_t dropped_loss, dropped_rule, dropped_queue, dropped_mtu, dropped_send;
	uint64_t reordered, duplicated, partial_checksums, overruns;
	ns_t queue_max;          /* longest wait before the bottleneck */
	ns_t late_sum, late_max; /* how late frames were sent, against plan */
};

struct direction {
	int in, out; /* packet sockets */
	struct shape shape;
	struct rule rules[RULES_MAX];
	int rule_count;
	uint64_t random;
	bool ge_bad;
	ns_t free_at, last_release;
	struct counters count;
};

struct link {
	char name[NAME_MAX_EMU];
	struct direction way[2]; /* ab, ba */
};

struct emulator {
	struct link links[LINKS_MAX];
	int link_count;
	uint64_t seed;
};

/* device.c. All return -1 after printing why to standard error. */
int device_open(const char *name);
int device_plain(const char *name); /* no segmentation, receive or checksum offload */
ns_t clock_now(void);

/* shape.c: one frame that arrived at `arrival` goes through the pipe; it ends in the queue, or not. */
void shape_frame(struct direction *way, const uint8_t *frame, size_t length, ns_t arrival);
double random_unit(uint64_t *state); /* [0, 1) */

/* queue.c: frames that wait for their moment, of all links. */
struct waiting {
	ns_t release;
	uint64_t order;
	struct direction *way;
	size_t length;
	uint8_t bytes[];
};
void queue_add(struct direction *way, const uint8_t *frame, size_t length, ns_t release);
struct waiting *queue_take(ns_t now); /* NULL: nothing is due; the caller frees it */
ns_t queue_next(void);                /* INT64_MAX: empty */
size_t queue_length(void);

/* control.c: one command line; prints exactly one line of JSON in reply. Returns 1 when it asks to end. */
int control_line(struct emulator *emulator, char *line);

#endif
