/* How every diagnosis shows: the members that all of them have in common (DESIGN section 4), and the screen for people. */
#ifndef NTSH_DIAGNOSE_SHOW_H
#define NTSH_DIAGNOSE_SHOW_H

#include "ntsh/command.h"
#include "ntsh/diagnose.h"
#include "ntsh/result.h"

/* Puts ledger, verdict and also into the result, and lays them out. "requests", "round_trip_ms" and "round_trips" must have been put
 * before (when there is a ledger). verbose: say why each ruled-out cause is out. */
void diagnosis_show(struct result *result, const struct diagnosis *found, bool verbose);

/* For struct diagnose_events and its kin, with the struct call as arg: progress; with -v each finding as a note. */
void diagnosis_on_step(double fraction, const char *doing, void *call);
void diagnosis_on_finding(const char *what, void *call);

/* Rows of a command's table of fields for what diagnosis_show puts. */
/* clang-format off */
#define VERDICT_FIELDS(at) \
	{ at ".class", KIND_TEXT, "healthy, client, dns, network, server or unknown" }, \
	{ at ".cause", KIND_TEXT, "the cause, with its class: server.slow-response" }, \
	{ at ".confidence", KIND_REAL, "how sure, 0 to 1" }, \
	{ at ".sure_percent", KIND_PERCENT, "the same in per cent" }, \
	{ at ".cost_ms", KIND_TIME, "what it costs the user; null when it makes the thing fail" }, \
	{ at ".fatal", KIND_FLAG, "it makes the thing fail" }, \
	{ at ".summary", KIND_TEXT, "one sentence" }, \
	{ at ".where", KIND_TEXT, "the address, host or device at fault" }, \
	{ at ".evidence", KIND_NONE, "what speaks for it" }, \
	{ at ".evidence[].id", KIND_TEXT, "name of the measurement" }, \
	{ at ".evidence[].value", KIND_NONE, "what was measured, when it has no unit" }, \
	{ at ".evidence[].value_ms", KIND_TIME, "what was measured, a time" }, \
	{ at ".evidence[].value_bytes", KIND_BYTES, "what was measured, an amount of data" }, \
	{ at ".evidence[].value_percent", KIND_PERCENT, "what was measured, a share" }, \
	{ at ".evidence[].value_bps", KIND_BIT_RATE, "what was measured, a rate" }, \
	{ at ".evidence[].baseline", KIND_NONE, "what it is compared with" }, \
	{ at ".evidence[].baseline_ms", KIND_TIME, "the same, a time" }, \
	{ at ".evidence[].baseline_bytes", KIND_BYTES, "the same, an amount of data" }, \
	{ at ".evidence[].baseline_percent", KIND_PERCENT, "the same, a share" }, \
	{ at ".evidence[].baseline_bps", KIND_BIT_RATE, "the same, a rate" }, \
	{ at ".evidence[].says", KIND_TEXT, "the sentence for people" }, \
	{ at ".evidence[].weight", KIND_REAL, "how much it counts, 0 to 1" }, \
	{ at ".ruled_out", KIND_NONE, "what was tested and is not the cause" }, \
	{ at ".ruled_out[].cause", KIND_TEXT, "the cause that it is not" }, \
	{ at ".ruled_out[].because", KIND_TEXT, "why not" }, \
	{ at ".next", KIND_NONE, "what to do next, as text; commands can be typed as they are" }

#define DIAGNOSIS_FIELDS \
	{ "ledger", KIND_NONE, "where the wait of the median request went; the parts add up to the total" }, \
	{ "ledger.total_ms", KIND_TIME, "the whole wait of a program, name look-up included" }, \
	{ "ledger.dns_ms", KIND_TIME, "the name look-up" }, \
	{ "ledger.tcp_ms", KIND_TIME, "the TCP handshake" }, \
	{ "ledger.tls_network_ms", KIND_TIME, "round trips of the TLS handshake" }, \
	{ "ledger.tls_server_ms", KIND_TIME, "the server's part of the TLS handshake" }, \
	{ "ledger.request_network_ms", KIND_TIME, "the request's way, until acknowledged" }, \
	{ "ledger.server_ms", KIND_TIME, "the server's think time" }, \
	{ "ledger.transfer_network_ms", KIND_TIME, "the answer's way" }, \
	{ "ledger.transfer_server_ms", KIND_TIME, "the server's pauses in the answer" }, \
	{ "ledger.client_ms", KIND_TIME, "this machine's own time" }, \
	{ "ledger.stall_ms", KIND_TIME, "waiting for lost packets, or for an address family in vain" }, \
	{ "network_ms", KIND_TIME, "the ledger's round trips: handshakes and request" }, \
	{ "verdict", KIND_NONE, "the cause that costs most" }, \
	VERDICT_FIELDS("verdict"), \
	{ "also", KIND_NONE, "further causes that were found, the costliest first" }, \
	VERDICT_FIELDS("also[]")
/* clang-format on */

#endif
