#include "sys/pcap.h"

#include "base/mem.h"
#include "sys/pcap_lib.h"
#include "sys/privilege.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct sys_pcap {
	pcap_t *handle;
	char *interface;
	uint32_t link;
	sys_pcap_fn *fn;
	void *arg;
	/* libpcap's counters have 32 bits: they are carried on here. */
	struct pcap_stat last;
	uint64_t received, dropped, dropped_by_interface;
};

static int open_failed(struct sys_pcap *pcap, int code, struct error *err)
{
	const char *name = pcap->interface;
	if (code == PCAP_ERROR_PERM_DENIED || code == PCAP_ERROR_PROMISC_PERM_DENIED)
		return privilege_error(err, EPERM, "cap_net_raw", "packets of %s cannot be captured", name);
	if (code == PCAP_ERROR_NO_SUCH_DEVICE)
		return error_set(err, STATUS_USAGE, "ENODEV", "see: ntsh iface", "there is no interface %s",
				 name);
	if (code == PCAP_ERROR_IFACE_NOT_UP)
		return error_set(err, STATUS_CANNOT, "ENETDOWN", NULL, "interface %s is down", name);
	const char *says = pcap_lib.geterr(pcap->handle);
	return error_set(err, STATUS_CANNOT, "ECAPTURE", NULL, "packets of %s cannot be captured: %.300s",
			 name, *says ? says : pcap_lib.statustostr(code));
}

static int set_filter(struct sys_pcap *pcap, const char *text, struct error *err)
{
	struct bpf_program program;
	if (!text || !*text)
		return 0;
	if (pcap_lib.compile(pcap->handle, &program, text, 1, PCAP_NETMASK_UNKNOWN) < 0)
		return error_set(err, STATUS_USAGE, "EFILTER", NULL, "the filter does not fit %s: %.300s",
				 pcap->interface, pcap_lib.geterr(pcap->handle));
	int set = pcap_lib.setfilter(pcap->handle, &program);
	pcap_lib.freecode(&program);
	return set < 0 ? open_failed(pcap, set, err) : 0;
}

static int activate(struct sys_pcap *pcap, const struct sys_pcap_request *request, struct error *err)
{
	pcap_t *handle = pcap->handle;
	ns_t latency = request->latency / NS_PER_MS;
	pcap_lib.set_snaplen(handle, (int)request->snaplen);
	pcap_lib.set_promisc(handle, request->promiscuous);
	pcap_lib.set_timeout(handle, latency < 1 ? 1 : latency > 1000 ? 1000 : (int)latency);
	pcap_lib.set_buffer_size(handle, request->buffer > INT_MAX ? INT_MAX : (int)request->buffer);
	pcap_lib.set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
	int code = pcap_lib.activate(handle);
	if (code < 0)
		return open_failed(pcap, code, err);
	/* The second form of the cooked header names the interface of each packet. */
	if (strcmp(request->interface, "any") == 0)
		pcap_lib.set_datalink(handle, DLT_LINUX_SLL2);
	if (set_filter(pcap, request->filter, err) < 0)
		return -1;
	char says[PCAP_ERRBUF_SIZE];
	if (pcap_lib.setnonblock(handle, 1, says) < 0)
		return error_set(err, STATUS_CANNOT, "ECAPTURE", NULL, "%s: %.300s", request->interface,
				 says);
	pcap->link = pcap_link_of(pcap_lib.datalink(handle));
	return 0;
}

struct sys_pcap *sys_pcap_open(const struct sys_pcap_request *request, struct error *err)
{
	char says[PCAP_ERRBUF_SIZE] = "";
	if (pcap_lib_load(err) < 0)
		return NULL;
	struct sys_pcap *pcap = NEW(struct sys_pcap);
	pcap->interface = mem_strdup(request->interface);
	pcap->handle = pcap_lib.create(request->interface, says);
	if (!pcap->handle)
		error_set(err, STATUS_CANNOT, "ECAPTURE", NULL, "%s: %.300s", request->interface, says);
	else if (activate(pcap, request, err) == 0)
		return pcap;
	sys_pcap_close(pcap);
	return NULL;
}

void sys_pcap_close(struct sys_pcap *pcap)
{
	if (!pcap)
		return;
	if (pcap->handle)
		pcap_lib.close(pcap->handle);
	free(pcap->interface);
	free(pcap);
}

int sys_pcap_fd(const struct sys_pcap *pcap)
{
	return pcap_lib.get_selectable_fd(pcap->handle);
}

uint32_t sys_pcap_link(const struct sys_pcap *pcap)
{
	return pcap->link;
}

/* With nanosecond precision tv_usec holds nanoseconds (pcap_set_tstamp_precision(3)). */
static void on_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct sys_pcap *pcap = (struct sys_pcap *)(void *)user;
	pcap->fn(header->ts.tv_sec * NS_PER_S + header->ts.tv_usec, bytes, header->caplen, header->len,
		 pcap->arg);
}

int sys_pcap_read(struct sys_pcap *pcap, sys_pcap_fn *fn, void *arg, struct error *err)
{
	pcap->fn = fn;
	pcap->arg = arg;
	int count = pcap_lib.dispatch(pcap->handle, -1, on_packet, (u_char *)pcap);
	if (count < 0)
		return error_set(err, STATUS_CANNOT, "ECAPTURE", NULL, "capturing from %s ended: %.300s",
				 pcap->interface, pcap_lib.geterr(pcap->handle));
	return count;
}

void sys_pcap_counts(struct sys_pcap *pcap, uint64_t *received, uint64_t *dropped,
		     uint64_t *dropped_by_interface)
{
	struct pcap_stat now;
	if (pcap_lib.stats(pcap->handle, &now) == 0) {
		pcap->received += now.ps_recv - pcap->last.ps_recv;
		pcap->dropped += now.ps_drop - pcap->last.ps_drop;
		pcap->dropped_by_interface += now.ps_ifdrop - pcap->last.ps_ifdrop;
		pcap->last = now;
	}
	*received = pcap->received;
	*dropped = pcap->dropped;
	*dropped_by_interface = pcap->dropped_by_interface;
}
