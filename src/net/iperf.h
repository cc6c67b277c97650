/* The iperf3 protocol, as its server speaks it (esnet/iperf, iperf_api.c): a control connection on which each step is one byte, parameters and
 * results in JSON, and data streams that are told by a cookie. libiperf would do the same, but it runs a loop of its own, prints, and
 * ends the process when something fails. */
#ifndef NET_IPERF_H
#define NET_IPERF_H

#include "ntsh/speed.h"

enum {
	IPERF_COOKIE = 37,
	IPERF_TEXT_MAX = 64 * 1024,
	IPERF_BLOCK = 128 * 1024,
	IPERF_DATAGRAM = 1400,
	IPERF_HEADER = 12
};

/* What one side says about its streams, summed. */
struct iperf_sums {
	uint64_t bytes;
	int64_t retransmits; /* -1: it does not know */
	uint64_t packets, errors;
	double jitter_s;
};

/* Pure: texts of the protocol. Both write JSON into buf and return its length. */
size_t iperf_params_write(const struct speed_request *request, char *buf, size_t size);
size_t iperf_results_write(const struct speed_result *result, const struct speed_request *request, char *buf,
			   size_t size);

/* Reads the results of the other side. Returns 0, or -1 when they are none. */
int iperf_results_read(const char *bytes, size_t length, struct iperf_sums *out);

/* What arrived of a UDP stream: loss, order and jitter (RFC 3550 6.4.1), from the header of each datagram. */
struct iperf_datagrams {
	uint64_t received, highest, late;
	double jitter_s, transit_s;
};
void iperf_datagram_take(struct iperf_datagrams *all, const uint8_t *bytes, size_t length, ns_t arrived_real);

#endif
