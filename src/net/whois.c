#include "ntsh/whois.h"

#include "base/buf.h"
#include "base/mem.h"
#include "ntsh/resolve.h"
#include "ntsh/tcp.h"
#include "sys/socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { PORT = 43, PIECE = 16384 };
/* It refers to whoever runs a top-level domain or has an address block. */
#define WHOIS_ROOT "whois.iana.org"

/* --- one server --- */

struct asking {
	struct whois_hop *hop;
	struct buf text;
	struct loop_timer timer;
	int fd;
	bool done, connected;
};

static void connected(struct loop *loop, const struct tcp_race_result *result, void *arg)
{
	(void)loop;
	struct asking *asking = arg;
	asking->fd = result->connect.fd;
	asking->hop->addr = result->connect.peer;
	char why[TCP_CONNECT_TEXT_MAX];
	if (asking->fd < 0)
		error_set(&asking->hop->error, STATUS_BAD, "ECONNECT", NULL, "%s",
			  tcp_connect_text(&result->connect, why));
	asking->done = true;
}

/* A server that breaks off is an answer, a bad one. */
static int broken(struct whois_hop *hop, int errnum)
{
	error_errno(&hop->error, errnum, NULL, "%s broke the connection", hop->host);
	hop->error.status = STATUS_BAD;
	return -1;
}

static void read_more(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)events;
	struct asking *asking = arg;
	char bytes[PIECE];
	struct sys_arrival arrival;
	if (sys_socket_receive(fd, bytes, sizeof bytes, &arrival) < 0) {
		int errnum = errno;
		if (errnum == EAGAIN)
			return;
		asking->hop->cut = true;
		asking->done = true;
		if (!asking->text.length)
			broken(asking->hop, errnum);
		return;
	}
	buf_add(&asking->text, bytes, arrival.length);
	asking->hop->cut = asking->text.overflow;
	asking->done = !arrival.length || asking->text.overflow;
}

static void too_late(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	struct asking *asking = arg;
	asking->hop->cut = true;
	asking->done = true;
	if (!asking->text.length)
		error_set(&asking->hop->error, STATUS_BAD, "ETIMEDOUT", NULL,
			  "%s took the question and did not answer in time", asking->hop->host);
}

static int converse(struct loop *loop, struct asking *asking, ns_t timeout)
{
	struct whois_hop *hop = asking->hop;
	char line[sizeof hop->query + 3];
	snprintf(line, sizeof line, "%s\r\n", hop->query);
	/* One short line goes into an empty send buffer as a whole. */
	if (sys_socket_send(asking->fd, line, strlen(line), NULL) < 0)
		return broken(hop, errno);
	if (loop_watch(loop, asking->fd, EPOLLIN, read_more, asking, &hop->error) < 0)
		return -1;
	asking->done = false;
	loop_timer_start(loop, &asking->timer, clock_mono() + timeout, too_late, asking);
	if (loop_run(loop, &asking->done) != LOOP_DONE && !asking->text.length)
		error_set(&hop->error, STATUS_BAD, "ETIMEDOUT", NULL,
			  "%s had not answered when the time was over", hop->host);
	loop_timer_stop(loop, &asking->timer);
	loop_unwatch(loop, asking->fd);
	return error_is_set(&hop->error) ? -1 : 0;
}

static int hop_ask(struct loop *loop, const struct whois_request *request, uint16_t port,
		   struct whois_hop *hop)
{
	struct addr addrs[TCP_RACE_MAX];
	size_t count;
	ns_t began = clock_mono();
	if (resolve_all(loop, hop->host, request->family, addrs, TCP_RACE_MAX, &count, &hop->error) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		addrs[i].port = port;
	struct tcp_connect_request connect = { .interface = request->interface, .timeout = request->timeout };
	struct asking asking = { .hop = hop, .text = BUF_INIT(WHOIS_TEXT_MAX), .fd = -1 };
	struct tcp_race *race = tcp_race_start(loop, &connect, addrs, count, connected, &asking, &hop->error);
	if (!race)
		return -1;
	if (loop_run(loop, &asking.done) != LOOP_DONE) {
		tcp_race_cancel(race);
		error_set(&hop->error, STATUS_BAD, "ETIMEDOUT", NULL,
			  "%s was not reached when the time was over", hop->host);
	}
	int failed = asking.fd < 0 ? -1 : converse(loop, &asking, request->timeout);
	if (asking.fd >= 0)
		close(asking.fd);
	hop->took = clock_mono() - began;
	hop->length = asking.text.length;
	hop->text = asking.text.length ? mem_strndup(asking.text.bytes, asking.text.length) : NULL;
	/* A NUL inside ends what can be read as text. */
	if (hop->text)
		hop->length = strlen(hop->text);
	buf_release(&asking.text);
	if (!failed && !hop->text)
		failed = error_set(&hop->error, STATUS_BAD, "ENODATA", NULL,
				   "%s closed the connection without an answer", hop->host);
	return failed;
}

/* --- from server to server --- */

/* Some want their own words around the question. */
static void query_make(const char *host, const char *what, char out[300])
{
	struct addr addr;
	bool address = addr_parse(what, &addr) == 0;
	if (strcasecmp(host, "whois.arin.net") == 0 && address)
		snprintf(out, 300, "n + %.255s", what);
	else if (strcasecmp(host, "whois.denic.de") == 0 && !address)
		snprintf(out, 300, "-T dn,ace %.255s", what);
	else if (strcasecmp(host, "whois.verisign-grs.com") == 0 && !address)
		snprintf(out, 300, "domain %.255s", what);
	else
		snprintf(out, 300, "%.255s", what);
}

static bool asked_already(const struct whois_result *out, const char *host, const char *query)
{
	for (size_t i = 0; i < out->count; i++)
		if (strcasecmp(out->hops[i].host, host) == 0 && strcmp(out->hops[i].query, query) == 0)
			return true;
	return false;
}

/* Follows the chain that begins at host. Returns true when the last answer knows the thing. */
static bool chain(struct loop *loop, const struct whois_request *request, const char *first, uint16_t port,
		  const char *what, struct whois_result *out)
{
	char host[WHOIS_HOST_MAX], query[300];
	bool known = false;
	snprintf(host, sizeof host, "%.255s", first);
	while (out->count < WHOIS_HOPS_MAX && loop_cancelled(loop) == LOOP_DONE) {
		struct whois_reading reading;
		query_make(host, what, query);
		if (asked_already(out, host, query))
			break;
		struct whois_hop *hop = &out->hops[out->count++];
		*hop = (struct whois_hop){ .addr = { .family = AF_UNSPEC } };
		memcpy(hop->host, host, sizeof host);
		memcpy(hop->query, query, sizeof query);
		if (hop_ask(loop, request, port, hop) < 0)
			break;
		whois_read(hop->text, hop->length, &reading);
		/* A registrar that does not know is no reason to forget what the registry said. */
		if (!known || !reading.missing) {
			out->answer = hop;
			out->reading = reading;
			known = !reading.missing;
		}
		if (!request->follow || !reading.referral[0])
			break;
		memcpy(host, reading.referral, sizeof host);
		port = reading.referral_port ? reading.referral_port : PORT;
	}
	snprintf(out->asked, sizeof out->asked, "%.255s", what);
	return known;
}

/* The name without its first label, when at least two are left; NULL otherwise, and for what is no name. */
static const char *parent_of(const char *what)
{
	struct addr addr;
	const char *dot = strchr(what, '.');
	if (addr_parse(what, &addr) == 0 || !dot || !strchr(dot + 1, '.') || strchr(what, '/'))
		return NULL;
	return dot + 1;
}

static int what_check(const char *what, struct error *err)
{
	for (const char *c = what; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return error_set(err, STATUS_USAGE, "EUSAGE", NULL,
					 "control characters cannot be asked for");
	if (!*what || strlen(what) > 255)
		return error_set(err, STATUS_USAGE, "EUSAGE", "a name, an address or AS and a number",
				 "what is asked for must have 1 to 255 characters");
	return 0;
}

int whois_run(struct loop *loop, const struct whois_request *request, struct whois_result *out,
	      struct error *err)
{
	*out = (struct whois_result){ 0 };
	if (what_check(request->what, err) < 0)
		return -1;
	uint16_t port = request->port ? request->port : PORT;
	const char *host = request->host ? request->host : WHOIS_ROOT;
	for (const char *what = request->what; what && out->count < WHOIS_HOPS_MAX; what = parent_of(what))
		if (chain(loop, request, host, port, what, out) || !out->answer ||
		    loop_cancelled(loop) != LOOP_DONE)
			break;
	if (out->answer)
		return 0;
	*err = out->hops[out->count ? out->count - 1 : 0].error;
	return -1;
}

void whois_release(struct whois_result *result)
{
	for (size_t i = 0; i < result->count; i++)
		free(result->hops[i].text);
	result->count = 0;
}
