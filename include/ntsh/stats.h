/* What the kernel's counters say: readings of this namespace or of saved text, and findings, the worst first. */
#ifndef NTSH_STATS_H
#define NTSH_STATS_H

#include "ntsh/clock.h"
#include "ntsh/counters.h"
#include "ntsh/error.h"

#include <stdbool.h>

/* Reads the protocol counters (counters_read), softnet_stat as "Softnet.Dropped" ... (sums over the CPUs) and sockstat as "Sock.TCP.inuse" ...
 * Free with counters_free. Returns 0, or -1 with err. */
int stats_read(struct counters *out, struct error *err);

/* Reads saved text: `netstat -s` (also of old versions, with their spellings), `nstat`, or /proc/net/snmp and netstat themselves. "-" is standard
 * input. Counters get the names of a live reading. unread (may be NULL): lines that were not understood. Returns 0, or -1 with err. */
int stats_read_file(const char *path, struct counters *out, unsigned *unread, struct error *err);

/* The same from text in memory (NUL-ended). Never fails: what it does not know is left out. */
void stats_read_text(const char *text, struct counters *out, unsigned *unread);

enum stats_severity { STATS_NOTE, STATS_WARN, STATS_BAD };

struct stats_finding {
	enum stats_severity severity;
	const char *id;      /* "listen-overflow" */
	const char *counter; /* "TcpExt.ListenOverflows": what `explain` is asked for */
	uint64_t value;
	double share;        /* per cent of what it is compared with; NaN: with nothing */
	double rate;         /* a second since boot; NaN unknown */
	double recent;       /* a second since the earlier reading; NaN: there is none */
	char says[320];      /* one sentence, with the numbers in it */
	const char *todo;    /* what to look at; "" */
};

enum { STATS_FINDINGS_MAX = 80 };

/* Judges a reading; before (may be NULL) is an earlier one of the same namespace. boot: seconds that the counters cover, 0 unknown. Fills at most
 * STATS_FINDINGS_MAX, the worst first; returns how many. Pure. */
size_t stats_judge(const struct counters *now, const struct counters *before, double boot,
		   struct stats_finding *out);

/* What grew from before to now, as a reading of its own (at is now's): the same rules judge it. Free with counters_free. */
void stats_difference(const struct counters *now, const struct counters *before, struct counters *out);

/* Seconds since boot. */
double stats_uptime(void);

/* The reading of the last look, kept for each user and namespace (XDG_STATE_HOME, else ~/.local/state): *age is how long ago. Returns 0, or -1 when
 * there is none of this boot. */
int stats_last_load(struct counters *out, ns_t *age);
void stats_last_save(const struct counters *now);

#endif
