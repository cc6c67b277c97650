/* What the facts add up to: the figures that several rules need, computed once. Pure. */
#ifndef DIAG_sums_H
#define DIAG_sums_H

#include "diag/evidence.h"

#include "ntsh/ping.h"

/* Loss as pooled from one kind of evidence: trips are there-and-back journeys of a packet. */
struct loss {
	uint64_t trips, lost;
};

struct sums {
	/* The path itself. */
	ns_t rtt;                      /* the least that any clock saw; NS_NONE unknown */
	const struct series *steady;   /* the series that tells most about the path, NULL none */
	struct rtt_stats idle, loaded; /* of that series; count 0: no samples */
	double idle_correlation;       /* of consecutive idle samples, -1..1 */
	double
	    bunched; /* share of consecutive idle answers that arrived together though their probes did not leave so */
	struct loss icmp, tcp;   /* while no transfer of ours ran */
	struct loss loss;        /* pooled, after doubtful sources were left out */
	struct loss loaded_loss; /* while a transfer ran */
	bool load_matters;       /* our own transfers make round trips longer */
	bool icmp_limited;       /* ICMP is lost where TCP is not */
	bool port_only;          /* the service's SYNs are lost where the host's other packets are not */
	bool host_answers;       /* anything at all came from it */

	/* The service's handshakes, on every path. */
	unsigned tries, connected, late, silent, refused, unreachable, local;

	/* The requests on new connections that say how the service is. */
	unsigned made, ok, failed, reset, closed, timed_out;
	ns_t total;                          /* of the median one that went well */
	ns_t server, server_min, server_max; /* think time, median and extremes */
	unsigned server_count, server_exact;
	ns_t tls_server; /* median; NS_NONE */
	ns_t stall_mean; /* what retransmission time-outs cost on average */
	uint64_t data_segments_in, out_of_order, retransmits;
	int median; /* index of the attempt that stands for all, -1 none */
};

void sums_compute(struct sums *sums, const struct facts *facts);

/* Think time of the server in this attempt: the time after the ACK, and the part of a late ACK that the path does not explain
 * (a delayed ACK, RFC 1122 4.2.3.2; a host too busy to acknowledge). NS_NONE when it never answered. */
ns_t attempt_server_time(const struct attempt *attempt, const struct sums *sums);

/* The server's own pauses while it sent: what of the gaps neither loss nor an unsteady or narrow path explains. */
ns_t attempt_pauses(const struct attempt *attempt, const struct sums *sums);

/* The pauses in the arrival are those of a slow link: one full-size segment after the other, each alone. */
bool bandwidth_gaps(const struct attempt *attempt, const struct sums *sums);

/* Loss that deserves the name: more than one packet, about one per cent and more. */
bool loss_is_real(const struct sums *sums);

/* True for attempts that count as samples of the service: a new connection of usual MSS, not beside another one. */
bool attempt_counts(const struct attempt *attempt);

/* The chance that none of n independent journeys is lost when a share p of them is. */
double chance_of_none(double p, uint64_t n);

/* lost / trips; 0 without trips. */
double loss_rate(const struct loss *loss);

/* Median of count values; sorts them. NS_NONE for none. */
ns_t median_of(ns_t *values, size_t count);

#endif
