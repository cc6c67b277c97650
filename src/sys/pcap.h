/* libpcap, loaded on first use: filters in its language, and interfaces to capture from.
 *
 * Every live handle has a TPACKET_V3 ring (packet(7), Documentation/networking/packet_mmap.rst): the kernel fills blocks, and wakes
 * us once a block, not once a packet. */
#ifndef SYS_PCAP_H
#define SYS_PCAP_H

#include "ntsh/clock.h"
#include "ntsh/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- filters (pcap-filter(7)) --- */

struct sys_filter;

/* Compiles a filter for frames of this LINKTYPE_; needs no privilege. Names in it are looked up by libc. Returns NULL with err
 * (STATUS_USAGE, with the text and the place in it that is wrong). An empty text lets everything pass. */
struct sys_filter *sys_filter_compile(const char *text, uint32_t link, struct error *err);
bool sys_filter_passes(const struct sys_filter *filter, const uint8_t *bytes, uint32_t captured,
		       uint32_t length);
void sys_filter_free(struct sys_filter *filter);

/* --- live --- */

struct sys_pcap;

struct sys_pcap_request {
	const char *interface; /* or "any" */
	const char *filter;    /* NULL or "": everything */
	uint32_t snaplen;
	size_t buffer; /* bytes of the ring */
	ns_t latency;  /* a block that is not full is handed over after this time */
	bool promiscuous;
};

/* Needs CAP_NET_RAW in the namespace; the hint in err is what grants it. Returns NULL with err. */
struct sys_pcap *sys_pcap_open(const struct sys_pcap_request *request, struct error *err);
void sys_pcap_close(struct sys_pcap *pcap);

/* Readable when there are packets. */
int sys_pcap_fd(const struct sys_pcap *pcap);
uint32_t sys_pcap_link(const struct sys_pcap *pcap); /* LINKTYPE_ */

/* Hands over all packets that are there. Returns how many; -1 with err: the interface went away, or down. */
typedef void sys_pcap_fn(ns_t time, const uint8_t *bytes, uint32_t captured, uint32_t length, void *arg);
int sys_pcap_read(struct sys_pcap *pcap, sys_pcap_fn *fn, void *arg, struct error *err);

/* Packets since the opening: that passed the filter, and of them those for which the ring, or the interface, had no room. */
void sys_pcap_counts(struct sys_pcap *pcap, uint64_t *received, uint64_t *dropped,
		     uint64_t *dropped_by_interface);

#endif
