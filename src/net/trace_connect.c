/* TCP: what the target says to our SYNs, and SYNs without any privilege (a connect of its own for each probe). */
#include "net/trace_parts.h"

#include <errno.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 10, TIME_EXCEEDED_4 = 11, TIME_EXCEEDED_6 = 3 };

void trace_segment_take(const struct witness_segment *segment, void *arg)
{
	struct trace_io *io = arg;
	uint32_t acknowledged = segment->ack - 1;
	bool answers = (segment->syn && segment->ack_set) || segment->rst;
	if (!answers || segment->from_port != io->request.target.port ||
	    acknowledged >> 16 != io->magic >> 16)
		return;
	trace_stamps_take(io, io->tcp_fd);
	struct trace_sent *sent = trace_sent_find(io, (uint16_t)acknowledged);
	if (!sent || sent->answered || io->flows[sent->flow].port != segment->to_port)
		return;
	struct trace_answer answer = trace_answer_at(TRACE_REACHED, &io->request.target, segment->ttl);
	answer.token = sent->token;
	answer.tcp_reset = segment->rst;
	trace_answer_give(io, &answer, segment->at, true);
}

static void connect_done(struct loop *loop, const struct tcp_connect_result *result, void *arg)
{
	struct trace_sent *sent = arg;
	struct trace_io *io = sent->io;
	(void)loop;
	sent->connect = NULL;
	if (result->fd >= 0)
		close(result->fd);
	if (result->outcome == TCP_TIMED_OUT)
		return;
	bool reached = result->outcome == TCP_CONNECTED || result->outcome == TCP_REFUSED ||
		       result->outcome == TCP_RESET;
	uint8_t exceeded = result->peer.family == AF_INET6 ? TIME_EXCEEDED_6 : TIME_EXCEEDED_4;
	bool router = result->outcome == TCP_UNREACHABLE;
	bool expired = router && result->icmp_type == exceeded && result->icmp_code == 0;
	struct trace_answer answer = trace_answer_at(reached   ? TRACE_REACHED
						     : expired ? TRACE_EXPIRED
						     : router  ? TRACE_UNREACHABLE
							       : TRACE_REFUSED,
						     router ? &result->icmp_from : &io->request.target, -1);
	answer.token = sent->token;
	answer.icmp_type = router ? result->icmp_type : 0;
	answer.icmp_code = router ? result->icmp_code : 0;
	answer.tcp_reset = reached && result->outcome != TCP_CONNECTED;
	answer.errnum = result->errnum;
	answer.mono = result->ended;
	answer.untimed = result->syn_retransmits > 0;
	if (answer.kind == TRACE_UNREACHABLE && addr_equal(&result->icmp_from, &io->request.target))
		answer.kind = TRACE_REACHED;
	trace_answer_give(io, &answer, NS_NONE, false);
}

int trace_send_connect(struct trace_io *io, struct trace_sent *sent)
{
	struct tcp_connect_request request = {
		.target = io->request.target,
		.interface = io->request.interface,
		.timeout = PATIENCE_SECONDS * NS_PER_S,
		.hops = sent->hops,
	};
	struct error err = ERROR_INIT;
	sent->connect = tcp_connect_start(io->loop, &request, connect_done, sent, &err);
	return sent->connect ? 0 : EMFILE;
}
