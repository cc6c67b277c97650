/* Protocol counters of this namespace: /proc/net/snmp, netstat, snmp6. */
#ifndef NTSH_COUNTERS_H
#define NTSH_COUNTERS_H

#include "ntsh/error.h"

#include <stddef.h>
#include <stdint.h>

/* A named counter: "TcpExt.ListenOverflows", "Ip.OutNoRoutes", "Ip6InReceives" (the file's own words). */
struct counter {
	char name[64];
	uint64_t value;
};

/* A reading of all files. Free with counters_free. */
struct counters {
	struct counter *items;
	size_t count;
	int64_t at; /* CLOCK_MONOTONIC ns */
};
int counters_read(struct counters *out, struct error *err);
void counters_free(struct counters *counters);

/* Value of a counter, or 0 when this kernel does not have it. */
uint64_t counters_get(const struct counters *counters, const char *name);

/* Pages that TCP's buffers take now on the whole machine (/proc/net/sockstat), to be compared with net.ipv4.tcp_mem. Returns 0, or -1. */
int counters_tcp_pages(int64_t *pages);

/* An integer sysctl ("net.ipv4.tcp_syn_retries") of this namespace. Returns 0, or -1. index: which number of several, from 0. */
int sysctl_read_int(const char *name, int index, int64_t *out);

#endif
