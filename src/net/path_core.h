/* What watching a path is, without a network: which hop is asked when, what is lost. All times are handed in (CLOCK_MONOTONIC). */
#ifndef NET_PATH_CORE_H
#define NET_PATH_CORE_H

#include "net/trace_io.h"
#include "ntsh/path.h"

enum { PATH_SLOTS = TRACE_SENT_KEPT };

struct path_slot {
	uint16_t token; /* 0: free */
	uint8_t hop;    /* index */
	bool lost;      /* given up; a late answer still counts */
	bool judged;    /* counts for loss */
	uint64_t number;
	ns_t sent;
};

/* What the hop's owner does not see. */
struct path_pace {
	ns_t due;        /* NS_NEVER: not asked */
	ns_t since;      /* probes sent before tell nothing of loss: they came too fast */
	unsigned silent; /* probes in a row without an answer, since one was answered */
	uint64_t rounds; /* that it was asked in */
};

struct path_core {
	unsigned max;
	uint64_t count;
	ns_t interval, wait, began, max_rtt;
	size_t hop_count, reach; /* reach: hops that are asked */
	bool paused, ending;     /* ending: nothing more is asked */
	uint32_t next_token;
	uint64_t answers;
	uint64_t waiting, oldest, newest; /* numbers of probes in the order of sending */
	struct path_hop *hops;
	struct path_pace *paces;
	struct path_slot slots[PATH_SLOTS];
	void (*report)(const struct path_probe *probe, void *arg);
	void *arg;
};

struct path_shot {
	unsigned hops;
	uint16_t token;
};

void path_core_init(struct path_core *core, const struct path_request *request, ns_t now);
void path_core_release(struct path_core *core);
void path_core_reset(struct path_core *core, ns_t now);

/* The next probe that is due; false when there is none now. */
bool path_core_next(struct path_core *core, ns_t now, struct path_shot *out);

/* Returns true when the router is new at its hop. */
bool path_core_answer(struct path_core *core, const struct trace_answer *answer);

/* Gives up what waited too long. Returns true when all rounds are over. */
bool path_core_settle(struct path_core *core, ns_t now);
ns_t path_core_wake(struct path_core *core);

/* Fills in reached, ended_by_other, rounds, hop_count, hops. */
void path_core_report(const struct path_core *core, struct path_report *out);

#endif
