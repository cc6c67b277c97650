/* One finished exchange as facts. */
#include "diag/flow.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static ns_t earliest(ns_t a, ns_t b)
{
	return a == NS_NONE ? b : a;
}

static enum stage stage_of(const struct http_exchange *ex)
{
	static const enum stage stages[] = { STAGE_CONNECT, STAGE_CONNECT, STAGE_PROXY,    STAGE_TLS,
					     STAGE_REQUEST, STAGE_WAIT,    STAGE_TRANSFER, STAGE_DONE };
	return stages[ex->phase];
}

static enum ending connect_ending(enum tcp_connect_outcome outcome)
{
	switch (outcome) {
	case TCP_REFUSED:
		return END_REFUSED;
	case TCP_UNREACHABLE:
		return END_UNREACHABLE;
	case TCP_LOCAL_ERROR:
		return END_LOCAL;
	case TCP_RESET:
		return END_RESET;
	case TCP_CONNECTED:
	case TCP_TIMED_OUT:
		break;
	}
	return END_TIMED_OUT;
}

static enum ending ending_of(const struct http_exchange *ex)
{
	const char *code = ex->error.code;
	if (ex->phase == HTTP_COMPLETE)
		return END_OK;
	if (ex->proxy[0] && ex->phase <= HTTP_PROXY)
		return END_PROXY;
	if (ex->phase <= HTTP_CONNECT)
		return connect_ending(ex->connect.outcome);
	if (!strcmp(code, "ETIMEDOUT"))
		return END_TIMED_OUT;
	if (!strcmp(code, "ECONNRESET") || !strcmp(code, "EPIPE"))
		return END_RESET;
	if (!strcmp(code, "ECERT") || !strcmp(code, "ETLS"))
		return END_TLS;
	if (!strcmp(code, "EPROXY"))
		return END_PROXY;
	return END_PROTOCOL;
}

static uint64_t rise(uint64_t before, uint64_t after)
{
	if (before == TCP_STATS_UNKNOWN || after == TCP_STATS_UNKNOWN || after < before)
		return 0;
	return after - before;
}

static uint64_t known(uint64_t count)
{
	return count == TCP_STATS_UNKNOWN ? 0 : count;
}

static void take_times(const struct http_exchange *ex, struct attempt *a)
{
	a->total = ns_between(ex->began, ex->ended);
	a->before_connect = ns_between(ex->began, ex->connect_began);
	a->connect = ns_between(ex->connect_began, earliest(ex->connected, ex->ended));
	a->rtt = ex->connect.rtt;
	a->syn_retransmits = ex->syn_retransmits;
	if (ex->reused) {
		a->before_connect = a->connect = a->rtt = NS_NONE;
		a->syn_retransmits = 0;
	}
	if (ex->tls.happened && !ex->reused) {
		a->tls =
		    ns_between(earliest(ex->tls_began, ex->connected), earliest(ex->tls_done, ex->ended));
		a->tls_network = ex->tls.network;
		a->tls_server = ex->tls.server;
		a->tls_client = ex->tls.client;
		a->tls_round_trips = ex->tls.round_trips;
	}
	ns_t ready = ex->reused ? ex->began : earliest(ex->tls_done, ex->connected);
	a->before_request = ns_between(ready, ex->request_sent);
	a->wait = ns_between(ex->request_sent, earliest(ex->first_byte, ex->ended));
	a->transfer = ex->first_byte == NS_NONE
			  ? NS_NONE
			  : ns_between(ex->first_byte, earliest(ex->last_byte, ex->ended));
	a->server = ex->first_byte == NS_NONE ? NS_NONE : http_server_time(ex, &a->server_exact);
	if (a->server != NS_NONE && a->wait != NS_NONE)
		a->request_network = a->wait > a->server ? a->wait - a->server : 0;
	else if (ex->request_acked != NS_NONE)
		a->request_network = ns_between(ex->request_sent, ex->request_acked);
	a->stamped = ex->ack_stamped && ex->first_byte_stamped;
}

static void take_counts(const struct http_exchange *ex, struct attempt *a)
{
	const struct tcp_stats *zero = &ex->before, *after = &ex->after;
	bool fresh = !ex->reused;
	a->retransmits =
	    fresh ? known(after->total_retrans) : rise(zero->total_retrans, after->total_retrans);
	a->retransmits = a->retransmits > a->syn_retransmits ? a->retransmits - a->syn_retransmits : 0;
	a->spurious = fresh ? known(after->dsack_dups) : rise(zero->dsack_dups, after->dsack_dups);
	a->out_of_order = fresh ? known(after->rcv_ooopack) : rise(zero->rcv_ooopack, after->rcv_ooopack);
	a->reordering_seen = fresh ? known(after->reord_seen) : rise(zero->reord_seen, after->reord_seen);
	a->segments_in = fresh ? known(after->segs_in) : rise(zero->segs_in, after->segs_in);
	a->segments_out = fresh ? known(after->segs_out) : rise(zero->segs_out, after->segs_out);
	a->data_segments_in =
	    fresh ? known(after->data_segs_in) : rise(zero->data_segs_in, after->data_segs_in);
	a->data_segments_out =
	    fresh ? known(after->data_segs_out) : rise(zero->data_segs_out, after->data_segs_out);
	a->received_bytes =
	    fresh ? known(after->bytes_received) : rise(zero->bytes_received, after->bytes_received);
	/* The kernel's estimate follows what arrives: below this it says that segments are small, not that the path is. */
	a->rcv_mss = known(after->rcv_mss) >= 1000 ? known(after->rcv_mss) : known(after->advmss);
	a->unacked_segments = known(after->unacked);
	a->sent_bytes = known(after->bytes_sent);
	a->min_rtt = after->min_rtt > 0 && after->min_rtt < 10 * NS_PER_S ? after->min_rtt : NS_NONE;
	a->gap_time = ex->arrival.gap_time;
	a->gap_lossless = ex->arrival.gap_time_lossless;
	a->longest_gap = ex->arrival.longest_gap;
	a->gaps = ex->arrival.gaps;
	a->reads = ex->arrival.reads;
	a->body_bytes = ex->body_bytes;
	a->content_length = ex->content_length;
	a->stalled_on_large = ex->stalled_on_large;
	a->acknowledged =
	    ex->phase == HTTP_TLS  ? ex->tls.hello_acked != NS_NONE || (after->at && !a->unacked_segments)
	    : ex->phase > HTTP_TLS ? ex->request_acked != NS_NONE || (after->at && !a->unacked_segments)
				   : false;
}

/* --- what every exchange says of the service as a whole --- */

static enum certificate_fault certificate_of(enum tls_fault fault)
{
	switch (fault) {
	case TLS_FAULT_NONE:
		return CERT_GOOD;
	case TLS_FAULT_EXPIRED:
		return CERT_EXPIRED;
	case TLS_FAULT_NOT_YET_VALID:
		return CERT_NOT_YET;
	case TLS_FAULT_NAME_MISMATCH:
		return CERT_NAME;
	case TLS_FAULT_SELF_SIGNED:
	case TLS_FAULT_UNKNOWN_ISSUER:
	case TLS_FAULT_INCOMPLETE_CHAIN:
		return CERT_ISSUER;
	case TLS_FAULT_REVOKED:
	case TLS_FAULT_WEAK:
	case TLS_FAULT_OTHER:
		break;
	}
	return CERT_OTHER;
}

void flow_exchange_tls(struct flow *flow, const struct tls_handshake *tls)
{
	struct tls_facts *facts = &flow->facts->tls;
	if (!tls->happened)
		return;
	if (tls->version[0])
		memcpy(facts->version, tls->version, sizeof facts->version);
	if (tls->alert[0])
		memcpy(facts->alert, tls->alert, sizeof facts->alert);
	if (!tls->chain_count)
		return;
	enum certificate_fault fault = certificate_of(tls->fault);
	if (fault == CERT_NAME && flow->facts->any_name)
		fault = CERT_GOOD;
	if (fault == CERT_GOOD && facts->certificate > CERT_GOOD)
		return;
	facts->certificate = flow->request->insecure ? CERT_GOOD : fault;
	memcpy(facts->text, tls->fault_text, sizeof facts->text);
	facts->not_before = tls->chain[0].not_before;
	facts->not_after = tls->chain[0].not_after;
}

/* Date: of the response head (RFC 9110 5.6.7, the preferred form only), or NS_NONE. */
static ns_t date_of(const char *headers)
{
	for (const char *line = headers; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncasecmp(line, "date:", 5))
			continue;
		struct tm tm = { 0 };
		const char *value = line + 5;
		while (*value == ' ')
			value++;
		if (!strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &tm))
			return NS_NONE;
		return (ns_t)timegm(&tm) * NS_PER_S;
	}
	return NS_NONE;
}

void flow_exchange(struct flow *flow, const struct http_exchange *ex, struct attempt *a)
{
	struct facts *facts = flow->facts;
	a->ending = ending_of(ex);
	a->stage = stage_of(ex);
	a->status = ex->status;
	a->errnum = ex->connect.errnum;
	a->reused = ex->reused;
	a->began = ex->began;
	take_times(ex, a);
	take_counts(ex, a);
	if (a->ending != END_OK)
		snprintf(a->error, sizeof a->error, "%.250s", ex->error.message);
	a->cut = a->ending == END_OK && ex->content_length > (int64_t)ex->body_bytes;
	flow_exchange_tls(flow, &ex->tls);
	if (ex->proxy[0]) {
		memcpy(facts->machine.proxy, ex->proxy, sizeof facts->machine.proxy);
		memcpy(facts->machine.proxy_source, ex->proxy_source, sizeof facts->machine.proxy_source);
	}
	ns_t date = ex->headers ? date_of(ex->headers) : NS_NONE;
	if (date != NS_NONE) {
		facts->tls.server_date = date;
		facts->tls.local_date = clock_real();
	}
}
