/* A watched path from its start to its sentences: on a live screen, or as a report. What mtr and `ping --path` share. */
#ifndef NTSH_PATH_SHOW_H
#define NTSH_PATH_SHOW_H

#include "ntsh/command.h"
#include "ntsh/path.h"

struct path_show {
	const char *host;
	bool numeric;      /* no names of routers */
	bool report;       /* no live screen */
	bool rows;         /* with JSON, each probe is a row: "probes" */
	const char *member; /* the object that holds the fields; NULL: the result itself */
	bool icmp_only;    /* ICMP was asked for: no other method instead */
	uint64_t unattended; /* rounds when nobody watches and request->count is 0 */
};

/* Runs it and puts PATH_SHOW_FIELDS (prefix: "", or "member."). request->count 0: until stopped on a live screen, else how->unattended. Returns the status: good when
 * the target answers. */
enum status path_show_run(struct call *call, struct path_request *request, const struct path_show *how);

/* clang-format off */
#define PATH_SHOW_FIELDS(prefix) \
	{ prefix "method", KIND_TEXT, "ICMP, UDP, TCP or UDP-Lite" }, \
	{ prefix "port", KIND_INTEGER, "destination port; null with ICMP" }, \
	{ prefix "source", KIND_ADDRESS, "our address on this way" }, \
	{ prefix "clock", KIND_TEXT, "whose stamps the round trips come from: kernel, program or both" }, \
	{ prefix "rounds", KIND_COUNT, "rounds of probes" }, \
	{ prefix "took_ms", KIND_TIME, "from the first probe until all was known" }, \
	{ prefix "reached", KIND_FLAG, "the target answered" }, \
	{ prefix "hops", KIND_NONE, "the way, up to the target or the last that answered" }, \
	{ prefix "hops[].hop", KIND_COUNT, "TTL" }, \
	{ prefix "hops[].address", KIND_ADDRESS, "the router that answered last; null: silent" }, \
	{ prefix "hops[].name", KIND_TEXT, "its name" }, \
	{ prefix "hops[].routers", KIND_NONE, "all addresses that answered at this hop" }, \
	{ prefix "hops[].loss_percent", KIND_PERCENT, "probes not answered" }, \
	{ prefix "hops[].sent", KIND_COUNT, "probes whose fate is known" }, \
	{ prefix "hops[].answered", KIND_COUNT, "of them" }, \
	{ prefix "hops[].limits_icmp", KIND_FLAG, "it answers more seldom than it is asked: its loss is no fault" }, \
	{ prefix "hops[].last_ms", KIND_TIME, "latest round trip" }, \
	{ prefix "hops[].best_ms", KIND_TIME, "shortest" }, \
	{ prefix "hops[].avg_ms", KIND_TIME, "mean" }, \
	{ prefix "hops[].p50_ms", KIND_TIME, "median" }, \
	{ prefix "hops[].p95_ms", KIND_TIME, "95 of 100 are not longer" }, \
	{ prefix "hops[].worst_ms", KIND_TIME, "longest" }, \
	{ prefix "hops[].jitter_ms", KIND_TIME, "mean difference between one round trip and the next" }, \
	{ prefix "hops[].history", KIND_TEXT, "the latest round trips as a picture; ! is a lost one" }, \
	{ prefix "findings", KIND_NONE, "what it means, the end first" }, \
	{ prefix "findings[].kind", KIND_TEXT, "end, loss, icmp-limit, silent-hops, delay, queue or members" }, \
	{ prefix "findings[].fault", KIND_FLAG, "something is wrong; else it is a remark" }, \
	{ prefix "findings[].hop", KIND_COUNT, "where it begins" }, \
	{ prefix "findings[].address", KIND_ADDRESS, "who" }, \
	{ prefix "findings[].says", KIND_TEXT, "in a sentence" }
/* clang-format on */

#endif
