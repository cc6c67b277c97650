/* A sweep from its start to its sentences: what `ping` with several targets shows. */
#ifndef NTSH_SWEEP_SHOW_H
#define NTSH_SWEEP_SHOW_H

#include "ntsh/command.h"
#include "ntsh/sweep.h"

/* Runs it and puts SWEEP_SHOW_FIELDS. request->targets is read from words here. Returns the status: good when all of the words' own hosts
 * answer; of prefixes, ranges and files one host is enough. */
enum status sweep_show_run(struct call *call, struct sweep_request *request, const struct option_list *words);

/* clang-format off */
#define SWEEP_SHOW_FIELDS \
	{ "hosts", KIND_NONE, "several targets: those that answered or got an ICMP error, in the order of the targets" }, \
	{ "hosts[].address", KIND_ADDRESS, "its address" }, \
	{ "hosts[].name", KIND_TEXT, "as it was asked for, when that was a name" }, \
	{ "hosts[].state", KIND_TEXT, "alive, unreachable or refused" }, \
	{ "hosts[].rtt_ms", KIND_TIME, "shortest round trip" }, \
	{ "hosts[].avg_ms", KIND_TIME, "mean" }, \
	{ "hosts[].worst_ms", KIND_TIME, "longest" }, \
	{ "hosts[].sent", KIND_COUNT, "probes" }, \
	{ "hosts[].answered", KIND_COUNT, "of them" }, \
	{ "hosts[].loss_percent", KIND_PERCENT, "probes not answered" }, \
	{ "hosts[].duplicates", KIND_COUNT, "further answers to one probe" }, \
	{ "hosts[].ttl", KIND_COUNT, "hop limit left in the answer" }, \
	{ "hosts[].from", KIND_ADDRESS, "who sent the ICMP error" }, \
	{ "hosts[].says", KIND_TEXT, "what it, or this machine's refusal, means" }, \
	{ "silent", KIND_NONE, "several targets: those that did not answer" }, \
	{ "silent[].address", KIND_ADDRESS, "its address" }, \
	{ "silent[].name", KIND_TEXT, "as it was asked for, when that was a name" }, \
	{ "failures", KIND_NONE, "several targets: names that could not be looked up" }, \
	{ "failures[].name", KIND_TEXT, "the name" }, \
	{ "failures[].says", KIND_TEXT, "why" }, \
	{ "hosts_total", KIND_COUNT, "several targets: how many" }, \
	{ "hosts_alive", KIND_COUNT, "that answered" }, \
	{ "hosts_silent", KIND_COUNT, "that did not" }, \
	{ "hosts_unreachable", KIND_COUNT, "for which an ICMP error came" }, \
	{ "hosts_refused", KIND_COUNT, "to which this machine refused to send" }, \
	{ "silent_list", KIND_TEXT, "the silent ones in short" }, \
	{ "took_ms", KIND_TIME, "all of it" }
/* clang-format on */

#endif
