/* A watched path from its start to its sentences: on a live screen, or as a report. What mtr and `ping --path` share. */
#ifndef NTSH_PATH_SHOW_H
#define NTSH_PATH_SHOW_H

#include "ntsh/command.h"
#include "ntsh/path.h"

struct path_show {
	const char *host;
	bool numeric;      /* no names of routers */
	bool report;       /* no live screen, no row for each probe */
	uint64_t unattended; /* rounds when nobody watches and request->count is 0 */
};

/* Runs it and puts PATH_SHOW_FIELDS. request->count 0: until stopped on a live screen, else how->unattended. Returns the status: good when
 * the target answers. */
enum status path_show_run(struct call *call, struct path_request *request, const struct path_show *how);

/* clang-format off */
#define PATH_SHOW_FIELDS \
	{ "method", KIND_TEXT, "ICMP, UDP, TCP or UDP-Lite" }, \
	{ "port", KIND_INTEGER, "destination port; null with ICMP" }, \
	{ "source", KIND_ADDRESS, "our address on this way" }, \
	{ "clock", KIND_TEXT, "whose stamps the round trips come from: kernel, program or both" }, \
	{ "rounds", KIND_COUNT, "rounds of probes" }, \
	{ "took_ms", KIND_TIME, "from the first probe until all was known" }, \
	{ "reached", KIND_FLAG, "the target answered" }, \
	{ "hops", KIND_NONE, "the way, up to the target or the last that answered" }, \
	{ "hops[].hop", KIND_COUNT, "TTL" }, \
	{ "hops[].address", KIND_ADDRESS, "the router that answered last; null: silent" }, \
	{ "hops[].name", KIND_TEXT, "its name" }, \
	{ "hops[].routers", KIND_NONE, "all addresses that answered at this hop" }, \
	{ "hops[].loss_percent", KIND_PERCENT, "probes not answered" }, \
	{ "hops[].sent", KIND_COUNT, "probes whose fate is known" }, \
	{ "hops[].answered", KIND_COUNT, "of them" }, \
	{ "hops[].limits_icmp", KIND_FLAG, "it answers more seldom than it is asked: its loss is no fault" }, \
	{ "hops[].last_ms", KIND_TIME, "latest round trip" }, \
	{ "hops[].best_ms", KIND_TIME, "shortest" }, \
	{ "hops[].avg_ms", KIND_TIME, "mean" }, \
	{ "hops[].p50_ms", KIND_TIME, "median" }, \
	{ "hops[].p95_ms", KIND_TIME, "95 of 100 are not longer" }, \
	{ "hops[].worst_ms", KIND_TIME, "longest" }, \
	{ "hops[].jitter_ms", KIND_TIME, "mean difference between one round trip and the next" }, \
	{ "hops[].history", KIND_TEXT, "the latest round trips as a picture; ! is a lost one" }, \
	{ "findings", KIND_NONE, "what it means, the end first" }, \
	{ "findings[].kind", KIND_TEXT, "end, loss, icmp-limit, silent-hops, delay, queue or members" }, \
	{ "findings[].fault", KIND_FLAG, "something is wrong; else it is a remark" }, \
	{ "findings[].hop", KIND_COUNT, "where it begins" }, \
	{ "findings[].address", KIND_ADDRESS, "who" }, \
	{ "findings[].says", KIND_TEXT, "in a sentence" }
/* clang-format on */

#endif
