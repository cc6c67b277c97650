/* The functions of libpcap that we use. */
#ifndef SYS_PCAP_LIB_H
#define SYS_PCAP_LIB_H

#include "ntsh/error.h"

#include <pcap/pcap.h>
#include <stdint.h>

#define PCAP_LIB(X)                                                                                          \
	X(create)                                                                                            \
	X(set_snaplen) X(set_promisc) X(set_timeout) X(set_buffer_size) X(set_tstamp_precision) X(activate)  \
	    X(close) X(datalink) X(set_datalink) X(setfilter) X(setnonblock) X(get_selectable_fd)            \
		X(dispatch) X(stats) X(geterr) X(statustostr) X(open_dead) X(compile) X(freecode)            \
		    X(offline_filter)

struct pcap_lib {
#define PCAP_LIB_SLOT(name) __typeof__(&pcap_##name) name;
	PCAP_LIB(PCAP_LIB_SLOT)
#undef PCAP_LIB_SLOT
};

extern struct pcap_lib pcap_lib;

/* Returns 0, or -1 with err: libpcap is not there. */
int pcap_lib_load(struct error *err);

/* Where libpcap's number differs from the file's (https://www.tcpdump.org/linktypes.html). */
int pcap_dlt_of(uint32_t link);
uint32_t pcap_link_of(int dlt);

#endif
