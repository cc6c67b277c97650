/* Each endpoint: connect and listen; who is silent is asked by HTTP, or by TLS where the port is known for it or the answer looks like
 * that. */
#include "ntsh/banner.h"

#include "base/mem.h"
#include "net/banner_text.h"
#include "ntsh/dial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { AT_ONCE = 32, ANSWER_MAX = 1024 };
static const ns_t CONNECT_PATIENCE = 3 * NS_PER_S, BANNER_PATIENCE = 700 * NS_PER_MS,
		  ANSWER_PATIENCE = 1500 * NS_PER_MS;

struct asking;

struct ask {
	struct asking *asking;
	struct banner *banner; /* NULL: free */
	struct dial *dial;
	struct loop_timer timer;
	int fd;
	bool tls; /* was tried */
	char address[ADDR_TEXT_MAX];
	char answer[ANSWER_MAX];
	size_t length;
};

struct asking {
	struct loop *loop;
	struct banner *banners;
	size_t count, next, under_way;
	const char *interface;
	bool done;
	struct ask asks[AT_ONCE];
};

static void ask_more(struct asking *asking);

static void ask_close(struct ask *ask)
{
	loop_timer_stop(ask->asking->loop, &ask->timer);
	if (ask->fd < 0)
		return;
	loop_unwatch(ask->asking->loop, ask->fd);
	close(ask->fd);
	ask->fd = -1;
}

static void ask_end(struct ask *ask)
{
	ask_close(ask);
	ask->banner = NULL;
	ask->asking->under_way--;
	ask_more(ask->asking);
}

static void ask_begin(struct ask *ask, bool tls);

/* --- an answer to HTTP --- */

static void answer_judge(struct ask *ask)
{
	ask_close(ask);
	if (!ask->tls && banner_suggests_tls(ask->answer, ask->length)) {
		ask_begin(ask, true);
		return;
	}
	banner_http(ask->answer, ask->length, ask->banner->text);
	ask_end(ask);
}

static void on_answer_late(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	answer_judge(arg);
}

static void on_answer(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	(void)events;
	struct ask *ask = arg;
	ssize_t got = recv(fd, ask->answer + ask->length, sizeof ask->answer - ask->length, MSG_DONTWAIT);
	if (got > 0)
		ask->length += (size_t)got;
	if (got <= 0 || ask->length == sizeof ask->answer || memmem(ask->answer, ask->length, "\r\n\r\n", 4))
		answer_judge(ask);
}

static void http_ask(struct ask *ask)
{
	char request[400];
	struct error error = ERROR_INIT;
	int length =
	    snprintf(request, sizeof request, "GET / HTTP/1.0\r\nHost: %.255s\r\nUser-Agent: ntsh\r\n\r\n",
		     ask->banner->name ? ask->banner->name : ask->address);
	ask->length = 0;
	if (send(ask->fd, request, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT) != length ||
	    loop_watch(ask->asking->loop, ask->fd, EPOLLIN, on_answer, ask, &error) < 0) {
		ask_end(ask);
		return;
	}
	loop_timer_start(ask->asking->loop, &ask->timer, clock_mono() + ANSWER_PATIENCE, on_answer_late, ask);
}

/* --- connecting --- */

static void on_dialled(const struct dial_result *result, void *arg)
{
	struct ask *ask = arg;
	const struct tls_handshake *shake = &result->shake;
	ask->dial = NULL;
	ask->fd = result->connect.fd;
	if (result->banner_length) {
		banner_line((const char *)result->banner, result->banner_length, ask->banner->text);
	} else if (shake->complete) {
		snprintf(ask->banner->tls_version, sizeof ask->banner->tls_version, "%s", shake->version);
		banner_names(shake, ask->banner->tls_names);
	} else if (ask->fd >= 0 && !result->closed && !result->errnum && !shake->happened) {
		http_ask(ask);
		return;
	} else if (!ask->tls && ask->fd >= 0) {
		ask_close(ask);
		ask_begin(ask, true);
		return;
	}
	ask_end(ask);
}

static void ask_begin(struct ask *ask, bool tls)
{
	static const struct dial_events events = { NULL, on_dialled };
	struct banner *banner = ask->banner;
	struct error error = ERROR_INIT;
	struct dial_request request = { .target = banner->addr,
					.interface = ask->asking->interface,
					.timeout = CONNECT_PATIENCE,
					.patience = BANNER_PATIENCE };
	addr_format(&banner->addr, ask->address);
	if (tls && tls_prepare(&error) < 0) {
		ask_end(ask);
		return;
	}
	ask->tls |= tls;
	request.tls_name = tls ? (banner->name ? banner->name : ask->address) : NULL;
	ask->dial = dial_start(ask->asking->loop, &request, &events, ask, &error);
	if (!ask->dial)
		ask_end(ask);
}

static void ask_more(struct asking *asking)
{
	for (size_t i = 0; i < AT_ONCE && asking->next < asking->count; i++) {
		struct ask *ask = &asking->asks[i];
		if (ask->banner)
			continue;
		*ask = (struct ask){ .asking = asking, .banner = &asking->banners[asking->next++], .fd = -1 };
		asking->under_way++;
		ask_begin(ask, banner_port_is_tls(ask->banner->addr.port));
	}
	asking->done = !asking->under_way && asking->next == asking->count;
}

enum loop_end banners_ask(struct loop *loop, struct banner *banners, size_t count, const char *interface)
{
	struct asking *asking = NEW(struct asking);
	*asking = (struct asking){ .loop = loop, .banners = banners, .count = count, .interface = interface };
	ask_more(asking);
	enum loop_end end = loop_run(loop, &asking->done);
	for (size_t i = 0; i < AT_ONCE; i++) {
		if (!asking->asks[i].banner)
			continue;
		dial_cancel(asking->asks[i].dial);
		ask_close(&asking->asks[i]);
	}
	free(asking);
	return end;
}
