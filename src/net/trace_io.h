/* Probes and their answers: sockets of all methods behind one door. Who sends when, and what an answer means, is decided above. */
#ifndef NET_TRACE_IO_H
#define NET_TRACE_IO_H

#include "ntsh/trace.h"

enum { TRACE_FLOWS_MAX = TRACE_CELLS_MAX, TRACE_SENT_KEPT = 4096 };

struct trace_answer {
	uint16_t token; /* of the probe; 0: it cannot be told which */
	unsigned flow;
	enum trace_kind kind;
	struct addr from;
	int reply_hops; /* -1 unknown */
	uint8_t icmp_type, icmp_code;
	uint32_t mtu;
	int errnum;
	bool tcp_reset;
	ns_t mono;
	ns_t rtt; /* NS_NONE when token is 0 */
	bool kernel_stamped;
	bool untimed; /* somebody repeated the probe: rtt is not to be told */
	struct trace_quote quote;
	struct icmp_extensions extensions;
};

typedef void trace_answer_fn(const struct trace_answer *answer, void *arg);

/* What a socket of this kind needs to know: of trace_request, the fields of that name. */
struct trace_io_request {
	struct addr target; /* with port, unless ICMP */
	enum trace_method method;
	const char *interface; /* or NULL; must outlive the io */
	bool mtu_probe;        /* IP_PMTUDISC_PROBE: DF set, the kernel's idea of the path MTU ignored */
};

struct trace_io;

/* answer is called from the loop, and from inside trace_io_send (refusals). Returns NULL with err when no socket can be had. */
struct trace_io *trace_io_open(struct loop *loop, const struct trace_io_request *request,
			       trace_answer_fn *answer, void *arg, struct error *err);
void trace_io_close(struct trace_io *io); /* NULL is ignored */

/* Sends one probe. token: not 0, not in use by one of the last TRACE_SENT_KEPT probes. flow < TRACE_FLOWS_MAX. size: of the whole IP packet; 0 or
 * too small: as small as it can be. */
void trace_io_send(struct trace_io *io, unsigned flow, unsigned hops, uint16_t token, size_t size);

/* To be called now and then while many probes are sent at once: takes in what came meanwhile. */
void trace_io_drain(struct trace_io *io);

/* True with raw sockets: quotations are known. */
bool trace_io_raw(const struct trace_io *io);
/* False when each probe has a source port of its own (TCP without privilege). */
bool trace_io_holds_flow(const struct trace_io *io);
/* Our address, with the source port (or ICMP identifier) of the first flow. */
struct addr trace_io_source(const struct trace_io *io);

#endif
