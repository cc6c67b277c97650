/* What came of a ping: counts, round trips, outages. Pure: fed with the probes that ntsh/ping.h reports. */
#ifndef NTSH_PING_TALLY_H
#define NTSH_PING_TALLY_H

#include "ntsh/ping.h"

/* The fate of one probe. */
struct ping_mark {
	ns_t sent; /* CLOCK_REALTIME, 0: not known yet */
	ns_t rtt;  /* NS_NONE: no answer */
};

/* The latest probes are kept one by one (a million and more); counts are of all. Zero it before use. */
struct ping_tally {
	uint64_t sent;           /* whose fate is known: refused ones included, those in flight not */
	uint64_t received, lost; /* late ones are received */
	uint64_t late, duplicates, unreachable, refused;
	bool kernel_stamped, user_stamped; /* some round trips were measured so */
	struct ping_probe last_error;      /* the latest PING_UNREACHABLE or PING_SEND_FAILED; seq 0: none */
	uint64_t base;                     /* number of the first mark */
	struct ping_mark *marks;
	size_t count, capacity;
};

/* At least this many probes without an answer in a row are an outage. */
enum { PING_OUTAGE_MIN = 2 };

struct ping_outage {
	ns_t begin; /* CLOCK_REALTIME: when the first lost probe was sent */
	ns_t end;   /* when the first answered one after it was sent; NS_NONE: it goes on */
	uint64_t lost;
};

void ping_tally_add(struct ping_tally *tally, const struct ping_probe *probe);

/* Back to nothing, memory given back. */
void ping_tally_release(struct ping_tally *tally);

/* Share of probes without an answer, in percent; 0 when none was sent. */
double ping_tally_loss(const struct ping_tally *tally);

/* Over the round trips of what is kept. */
void ping_tally_stats(const struct ping_tally *tally, struct rtt_stats *stats);

/* The round trips of the latest probes, NS_NONE for lost ones, in the order of sending. Returns how many, at most max. */
size_t ping_tally_latest(const struct ping_tally *tally, ns_t *out, size_t max);

/* Fills at most max outages, in order. Returns how many there are. */
size_t ping_tally_outages(const struct ping_tally *tally, struct ping_outage *out, size_t max);

enum ping_verdict {
	PING_VERDICT_NOTHING,     /* no probe's fate is known */
	PING_VERDICT_STEADY,      /* all answered, all about equally fast */
	PING_VERDICT_UNSTEADY,    /* all answered, some much later than most */
	PING_VERDICT_LOSSES,      /* some lost, one here and one there */
	PING_VERDICT_OUTAGE,      /* some lost, most of them in a row */
	PING_VERDICT_UNREACHABLE, /* none answered: an ICMP error says why */
	PING_VERDICT_REFUSED,     /* none answered: this machine did not send them */
	PING_VERDICT_SILENT,      /* none answered */
};
enum ping_verdict ping_tally_verdict(const struct ping_tally *tally);

/* "steady", "unsteady", "losses", "outage", "unreachable", "refused", "silent", "nothing". */
const char *ping_verdict_name(enum ping_verdict verdict);

/* Whose stamps the round trips come from: "kernel", "program" or "both"; NULL when there are none. */
const char *ping_tally_clock(const struct ping_tally *tally);

#endif
