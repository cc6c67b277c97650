/* HOST:PORT of which we do not know that it speaks HTTP: connect, listen whether the server speaks first, shake hands by TLS where the port looks
 * like it. */
#include "diag/flow.h"
#include "diag/words.h"

#include "ntsh/tls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 3 };
/* Servers that speak first do so within this, or after a look-up of our name, which we do not wait for. */
#define BANNER_WAIT (1500 * NS_PER_MS)

struct talk {
	struct flow *flow;
	struct attempt *attempt;
	struct tcp_connect *connect;
	struct tls_session *tls;
	int fd;
	ns_t connected;
	bool done;
};

static bool is_done(const struct flow *flow)
{
	return flow->talk_done;
}

static void talk_end(struct talk *talk, enum ending ending)
{
	talk->attempt->ending = ending;
	talk->attempt->stage = ending == END_OK ? STAGE_DONE : talk->attempt->stage;
	talk->attempt->total = clock_mono() - talk->attempt->began;
	talk->done = talk->flow->wake = talk->flow->talk_done = true;
}

static void on_banner(struct loop *loop, int fd, uint32_t events, void *arg)
{
	struct talk *talk = arg;
	struct facts *facts = talk->flow->facts;
	char text[sizeof facts->banner];
	(void)events;
	ssize_t length = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	loop_unwatch(loop, fd);
	talk->attempt->wait = clock_mono() - talk->connected;
	talk->attempt->stage = STAGE_WAIT;
	if (length > 0) {
		text[length] = '\0';
		text[strcspn(text, "\r\n")] = '\0';
		memcpy(facts->banner, text, sizeof facts->banner);
		facts->talk = TALK_BANNER;
		/* Our ACK has to get there, and the greeting back: the rest is the server's. */
		ns_t trip = talk->attempt->rtt == NS_NONE ? 0 : talk->attempt->rtt;
		talk->attempt->server = talk->attempt->wait > trip ? talk->attempt->wait - trip : 0;
		talk->attempt->request_network = talk->attempt->wait - talk->attempt->server;
		talk->attempt->transfer = 0;
		talk_end(talk, END_OK);
		return;
	}
	snprintf(talk->attempt->error, sizeof talk->attempt->error,
		 "the server %s the connection without a word", length ? "reset" : "closed");
	talk_end(talk, length ? END_RESET : END_PROTOCOL);
}

static void on_tls(struct loop *loop, const struct tls_handshake *tls, const struct error *err, void *arg)
{
	struct talk *talk = arg;
	(void)loop;
	struct attempt *a = talk->attempt;
	a->stage = STAGE_TLS;
	a->tls = tls->ended != NS_NONE && tls->began != NS_NONE ? tls->ended - tls->began : NS_NONE;
	a->tls_network = tls->network;
	a->tls_server = tls->server;
	a->tls_client = tls->client;
	a->tls_round_trips = tls->round_trips;
	a->acknowledged = tls->hello_acked != NS_NONE;
	flow_exchange_tls(talk->flow, tls);
	if (err)
		snprintf(a->error, sizeof a->error, "%.250s", err->message);
	talk_end(talk, !err ? END_OK : !strcmp(err->code, "ETIMEDOUT") ? END_TIMED_OUT : END_TLS);
}

static void on_connected(struct loop *loop, const struct tcp_connect_result *result, void *arg)
{
	struct talk *talk = arg;
	struct flow *flow = talk->flow;
	struct attempt *a = talk->attempt;
	struct path *path = &flow->facts->paths[flow->facts->primary];
	talk->connect = NULL;
	talk->connected = result->ended;
	path->tries++;
	a->connect = result->ended - result->began;
	a->rtt = result->rtt;
	a->syn_retransmits = result->syn_retransmits;
	a->stage = STAGE_CONNECT;
	if (result->outcome != TCP_CONNECTED) {
		path->silent += result->outcome == TCP_TIMED_OUT;
		path->refused += result->outcome == TCP_REFUSED;
		talk_end(talk, result->outcome == TCP_REFUSED ? END_REFUSED : END_TIMED_OUT);
		return;
	}
	path->connected++;
	path->late += result->syn_retransmits > 0;
	talk->fd = result->fd;
	struct tls_request request = { .fd = result->fd,
				       .ca_file = flow->request->ca_file,
				       .rtt = result->rtt,
				       .server_name =
					   flow->facts->dns.verdict == DNS_LITERAL ? NULL : flow->facts->host,
				       .timeout = 5 * NS_PER_S };
	if (flow->facts->talk == TALK_TLS)
		talk->tls = tls_start(loop, &request, on_tls, talk, NULL);
	else if (flow->facts->talk == TALK_SILENT ||
		 loop_watch(loop, result->fd, EPOLLIN, on_banner, talk, NULL))
		talk_end(talk, END_OK);
	if (flow->facts->talk == TALK_TLS && !talk->tls)
		talk_end(talk, END_OK);
	flow->wake = true;
}

static bool connected_or_done(const struct flow *flow)
{
	return flow->talk_done || flow->facts->attempts[flow->facts->attempt_count - 1].connect != NS_NONE;
}

static void talk_once(struct flow *flow)
{
	struct facts *facts = flow->facts;
	struct talk talk = { .flow = flow, .fd = -1, .attempt = &facts->attempts[facts->attempt_count++] };
	struct attempt *a = talk.attempt;
	attempt_init(a);
	a->began = clock_mono();
	struct tcp_connect_request request = { .target = facts->paths[facts->primary].addr,
					       .interface = flow->request->interface,
					       .timeout = 4 * NS_PER_S };
	flow->talk_done = false;
	talk.connect = tcp_connect_start(flow->loop, &request, on_connected, &talk, NULL);
	if (!talk.connect) {
		a->ending = END_LOCAL;
		return;
	}
	flow_wait(flow, connected_or_done, clock_mono() + 4500 * NS_PER_MS);
	if (!flow_wait(flow, is_done,
		       clock_mono() + (facts->talk == TALK_TLS ? 5 * NS_PER_S : BANNER_WAIT))) {
		if (facts->talk == TALK_UNKNOWN)
			facts->talk = TALK_SILENT; /* it waits for the client: no fault */
		talk_end(&talk, talk.connect                 ? END_NONE
				: facts->talk == TALK_SILENT ? END_OK
							     : END_TIMED_OUT);
		if (facts->talk == TALK_SILENT && a->connect != NS_NONE)
			a->total = a->connect;
	}
	if (talk.connect)
		tcp_connect_cancel(talk.connect);
	if (talk.tls)
		tls_free(talk.tls);
	if (talk.fd >= 0) {
		loop_unwatch(flow->loop, talk.fd);
		close(talk.fd);
	}
}

void flow_service(struct flow *flow)
{
	for (int i = 0; i < CONNECTIONS && flow_goes_on(flow) && flow->facts->attempt_count < ATTEMPTS_MAX;
	     i++) {
		flow_step(flow, 0.2 + 0.2 * i, "connection %d of %d: does the server speak?", i + 1,
			  CONNECTIONS);
		talk_once(flow);
	}
	if (flow->facts->talk == TALK_BANNER)
		flow_finding(flow, "the server greets: %s", flow->facts->banner);
	else if (flow->facts->talk == TALK_SILENT)
		flow_finding(flow,
			     "the server waits for the client to speak: only the connection can be judged");
}
