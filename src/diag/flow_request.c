/* The requests: how long they take, again and again, on new connections and on a kept one. */
#include "diag/flow.h"
#include "diag/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REQUESTS = 10, ENOUGH = 5, SMALL_MSS = 536, LOAD_FLOWS = 3 };
/* A request that is not answered by then gets company: the same with small segments, and another one. */
#define STUCK (2500 * NS_PER_MS)
#define STUCK_MORE (5 * NS_PER_S)
/* Fast requests are repeated for this long, slow ones at most until then. */
#define FAST_FOR (2 * NS_PER_S)
#define SLOW_FOR (9 * NS_PER_S)
/* So much of a body is read; that is enough to know the rate. */
#define BODY_MAX (16u << 20)

static bool worked(const struct attempt *attempt)
{
	return attempt->ending == END_OK;
}

static void on_exchange(struct loop *loop, const struct http_exchange *exchange, void *arg)
{
	struct fetch *fetch = arg;
	(void)loop;
	flow_exchange(fetch->flow, exchange, fetch->attempt);
	fetch->http = NULL;
	fetch->done = fetch->flow->wake = true;
}

struct manner {
	uint32_t mss;
	bool parallel, insecure;
	ns_t timeout;
	uint64_t max_body;
};

/* A program here would ask a proxy: then so do we, and the engine finds out which (and whether no_proxy forbids it). */
static bool proxy_named(void)
{
	static const char *const names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY",
					     "all_proxy",  "ALL_PROXY",   NULL };
	for (int i = 0; names[i]; i++)
		if (getenv(names[i]) && *getenv(names[i]))
			return true;
	return false;
}

static struct fetch *fetch_begin(struct flow *flow, unsigned slot, const struct manner *manner)
{
	struct facts *facts = flow->facts;
	struct fetch *fetch = &flow->fetches[slot];
	if (facts->attempt_count == ATTEMPTS_MAX || fetch->http)
		return NULL;
	struct attempt *attempt = &facts->attempts[facts->attempt_count++];
	attempt_init(attempt);
	attempt->small_mss = manner->mss > 0;
	attempt->parallel = manner->parallel;
	*fetch = (struct fetch){ .flow = flow, .attempt = attempt, .began = clock_mono() };
	attempt->began = fetch->began;
	ns_t left = flow->deadline - fetch->began;
	struct http_request request = {
		.url = flow->url,
		.version = HTTP_ANY,
		.addrs = &facts->paths[facts->primary].addr,
		.addr_count = proxy_named() ? 0 : 1,
		.family = flow->request->family,
		.interface = flow->request->interface,
		.insecure = flow->request->insecure || manner->insecure || facts->any_name,
		.ca_file = flow->request->ca_file,
		.mss = manner->mss,
		.timeout = manner->timeout < left ? manner->timeout : left,
		.max_body = manner->max_body ? manner->max_body : BODY_MAX,
	};
	struct error err = ERROR_INIT;
	fetch->http = http_fetch_start(flow->client, &request, on_exchange, fetch, &err);
	if (!fetch->http) {
		fetch->done = true;
		attempt->ending = END_LOCAL;
		snprintf(attempt->error, sizeof attempt->error, "%.250s", err.message);
	}
	return fetch;
}

static bool first_done(const struct flow *flow)
{
	return !flow->fetches[0].http;
}

static bool all_done(const struct flow *flow)
{
	for (int i = 0; i < FETCHES_MAX; i++)
		if (flow->fetches[i].http)
			return false;
	return true;
}

/* The main request may end, or its small sister may show that full-size segments are the trouble. */
static bool first_or_small_done(const struct flow *flow)
{
	return first_done(flow) || (flow->fetches[1].attempt && !flow->fetches[1].http);
}

static void cancel(struct fetch *fetch, enum ending ending)
{
	if (!fetch->http)
		return;
	http_fetch_cancel(fetch->http);
	fetch->http = NULL;
	fetch->done = true;
	fetch->attempt->ending = ending;
	/* It hung behind a handshake that others made well. */
	fetch->attempt->stage = STAGE_WAIT;
	fetch->attempt->total = clock_mono() - fetch->began;
	snprintf(fetch->attempt->error, sizeof fetch->attempt->error, "no answer within %s",
		 say_time(fetch->attempt->total).text);
}

/* One request on a new connection, to its end; when it hangs, others beside it find out why. */
static const struct attempt *request_once(struct flow *flow, ns_t timeout)
{
	struct manner plain = { .timeout = timeout }, small = { .mss = SMALL_MSS, .timeout = timeout },
		      second = { .parallel = true, .timeout = timeout };
	cancel(&flow->fetches[1], END_NONE);
	cancel(&flow->fetches[2], END_NONE);
	flow->fetches[1].attempt = NULL;
	http_client_close_idle(flow->client);
	struct fetch *first = fetch_begin(flow, 0, &plain);
	if (!first)
		return NULL;
	ns_t began = first->began;
	if (flow_wait(flow, first_done, began + STUCK))
		return first->attempt;
	flow_step(flow, 0.4, "no answer yet: the same request with small segments");
	fetch_begin(flow, 1, &small);
	if (!flow_wait(flow, first_or_small_done, began + STUCK_MORE))
		fetch_begin(flow, 2, &second);
	flow_wait(flow, first_or_small_done, began + timeout);
	/* The small one came back: the main one has as long again, then it is not merely slow. */
	const struct fetch *sister = &flow->fetches[1];
	if (sister->attempt && !sister->http && worked(sister->attempt) && !first_done(flow) &&
	    !flow_wait(flow, first_done, clock_mono() + 2 * sister->attempt->total + NS_PER_S))
		cancel(first, END_TIMED_OUT);
	flow_wait(flow, first_done, began + timeout);
	return first->attempt;
}

static void say_request(struct flow *flow, const struct attempt *a, unsigned number)
{
	if (worked(a))
		flow_finding(flow, "request %u: status %d after %s, %s of it the server's", number, a->status,
			     say_time(a->total).text, say_time(a->server).text);
	else
		flow_finding(flow, "request %u: %s", number, a->error);
}

/* The certificate stops a request before the server says what time it is: ask once more without looking at it. */
static void ask_the_time(struct flow *flow)
{
	enum certificate_fault fault = flow->facts->tls.certificate;
	if ((fault != CERT_EXPIRED && fault != CERT_NOT_YET) || flow->request->insecure ||
	    !flow_goes_on(flow))
		return;
	struct manner manner = { .parallel = true, .insecure = true, .timeout = 3 * NS_PER_S };
	http_client_close_idle(flow->client);
	fetch_begin(flow, 3, &manner);
	flow_wait(flow, all_done, clock_mono() + 3 * NS_PER_S);
}

static void request_again_on_same(struct flow *flow)
{
	struct manner manner = { .timeout = 3 * NS_PER_S };
	for (int i = 0; i < 2 && flow_goes_on(flow); i++) {
		if (fetch_begin(flow, 0, &manner))
			flow_wait(flow, first_done, clock_mono() + manner.timeout);
	}
}

void flow_requests(struct flow *flow)
{
	struct error err = ERROR_INIT;
	flow->client = http_client_new(flow->loop, &err);
	if (!flow->client) {
		flow_finding(flow, "%s", err.message);
		return;
	}
	unsigned wanted = flow->request->requests > 0 ? (unsigned)flow->request->requests : REQUESTS;
	ns_t began = clock_mono(), timeout = flow->deadline - began;
	unsigned failures = 0;
	bool good = false;
	for (unsigned i = 0; i < wanted && flow_goes_on(flow); i++) {
		flow_step(flow, 0.15 + 0.6 * i / wanted, "request %u of %u", i + 1, wanted);
		const struct attempt *a = request_once(flow, timeout);
		if (!a)
			break;
		say_request(flow, a, i + 1);
		failures += !worked(a);
		good = good || worked(a);
		ns_t spent = clock_mono() - began, each = spent / (i + 1);
		if (flow->request->requests > 0)
			continue;
		if ((i + 1 >= ENOUGH && spent > FAST_FOR) || spent + each > SLOW_FOR ||
		    (!good && failures >= 3))
			break;
		/* What never came back before will not come back in less. */
		if (a->ending == END_TIMED_OUT && !good)
			break;
	}
	ask_the_time(flow);
	if (good && clock_mono() - began < SLOW_FOR / 2)
		request_again_on_same(flow);
}

static const struct attempt *longest_transfer(const struct facts *facts)
{
	const struct attempt *longest = NULL;
	for (unsigned i = 0; i < facts->attempt_count; i++) {
		const struct attempt *a = &facts->attempts[i];
		if (!a->reused && worked(a) && a->transfer != NS_NONE &&
		    (!longest || a->transfer > longest->transfer))
			longest = a;
	}
	return longest;
}

/* Three transfers at once: a limit of the path is shared by them, a limit that the server sets each of them is not. */
void flow_load(struct flow *flow)
{
	const struct attempt *alone = longest_transfer(flow->facts);
	if (!flow->client || !alone || alone->transfer < 400 * NS_PER_MS || alone->received_bytes < 20000)
		return;
	flow_step(flow, 0.8, "%d transfers at once: is the limit the path's, or the server's?", LOAD_FLOWS);
	double rate = (double)alone->received_bytes / (double)alone->transfer * 1e9;
	struct manner manner = { .parallel = true,
				 .timeout = 5 * NS_PER_S,
				 .max_body = (uint64_t)(rate * 2) + 1 };
	http_client_close_idle(flow->client);
	struct fetch *fetches[LOAD_FLOWS];
	ns_t began = clock_mono();
	for (unsigned i = 0; i < LOAD_FLOWS; i++)
		fetches[i] = fetch_begin(flow, i + 4, &manner);
	flow_wait(flow, all_done, began + 5 * NS_PER_S);
	double together = 0;
	unsigned flows = 0;
	for (unsigned i = 0; i < LOAD_FLOWS; i++) {
		const struct attempt *a = fetches[i] ? fetches[i]->attempt : NULL;
		if (!a || fetches[i]->http || !worked(a) || a->transfer == NS_NONE || a->transfer <= 0)
			continue;
		together += (double)a->received_bytes / (double)a->transfer * 1e9;
		flows++;
	}
	if (flows < 2)
		return;
	flow->facts->load = (struct load_facts){ rate, together, flows };
	flow_finding(flow, "one transfer alone got %s, %u at once %s together", say_rate(rate).text, flows,
		     say_rate(together).text);
}

void flow_requests_end(struct flow *flow)
{
	for (int i = 0; i < FETCHES_MAX; i++)
		cancel(&flow->fetches[i], i == 0 && !flow->facts->interrupted ? END_TIMED_OUT : END_NONE);
	if (flow->client)
		http_client_free(flow->client);
	flow->client = NULL;
}
