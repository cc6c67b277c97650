/* The ledger: where every millisecond of one attempt's wait went. Pure. */
#ifndef DIAG_LEDGER_H
#define DIAG_LEDGER_H

#include "diag/evidence.h"
#include "diag/sums.h"

#include "ntsh/diagnose.h"

/* Index of the attempt that stands for all: the median by total of those that went well, else of those that failed; -1 when there
 * is none. Parallel ones and those made with a small MSS do not count; reused connections only when there is nothing else. */
int ledger_median(const struct facts *facts);

/* Fills out from the median attempt; waits before it (look-up, an address family that is tried in vain) are priced as a program would
 * wait for them. The parts add up to total exactly. All zero without an attempt and without a look-up. */
void ledger_compute(const struct facts *facts, const struct sums *sums, struct ledger *out);

/* Sum of the parts (for tests and for what relies on it). */
ns_t ledger_parts(const struct ledger *ledger);

/* How many round trips of the path the attempt needs before its last byte: handshake, TLS, request, slow start. */
int ledger_round_trips(const struct attempt *attempt, ns_t rtt);

/* Those of them before the first byte: what the ledger's tcp, tls_network and request_network are made of. */
int ledger_handshake_trips(const struct attempt *attempt);

/* What programs here wait before they turn to the other address family (RFC 8305: 250 ms), 0 when they need not. */
ns_t ledger_family_wait(const struct facts *facts);

#endif
