/* A hop of a trace as a row of a result: the members of "hops[]" that help/json.md lists under traceroute. */
#ifndef NTSH_TRACE_SHOW_H
#define NTSH_TRACE_SHOW_H

#include "ntsh/names.h"
#include "ntsh/result.h"
#include "ntsh/trace.h"

/* Puts one row into the open list. names may be NULL: no names. */
void trace_show_hop(struct result *result, const struct trace_report *report, const struct trace_hop *hop,
		    const struct names *names);

/* The sentences: "findings" in JSON, a line each for people. */
void trace_show_findings(struct result *result, const struct trace_finding *findings, size_t count);

/* With several flows: the different ways that they take, "paths" in JSON. */
void trace_show_paths(struct result *result, const struct trace_report *report);

#endif
