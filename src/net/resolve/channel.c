#include "net/resolve/channel.h"

#include "base/buf.h"
#include "base/dynlib.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>

enum { TIMEOUT_MS = 1500, TRIES = 2, CSV_MAX = 512 };

struct channel {
	struct loop *loop;
	ares_channel ares;
	struct resolv_conf conf;
	struct loop_timer timer; /* c-ares' next deadline */
	struct loop_timer end;
	unsigned users;
	int *watched;
	size_t watched_count;
};

struct channel_library channel_library;
static struct channel *open_channel;

static int library_load(struct error *err)
{
	struct channel_library *library = &channel_library;
	const struct dynlib_symbol symbols[] = {
		{ "ares_getaddrinfo", &library->getaddrinfo },
		{ "ares_freeaddrinfo", &library->freeaddrinfo },
		{ "ares_getnameinfo", &library->getnameinfo },
		{ "ares_init_options", &library->init_options },
		{ "ares_destroy", &library->destroy },
		{ "ares_process_fd", &library->process_fd },
		{ "ares_timeout", &library->timeout },
		{ "ares_set_servers_ports_csv", &library->set_servers },
		{ "ares_strerror", &library->strerror },
	};
	if (library->getaddrinfo)
		return 0;
	return dynlib_load(NTSH_SONAME_CARES, "libc-ares2", symbols, sizeof symbols / sizeof symbols[0], err);
}

static void fd_ready(struct loop *loop, int fd, uint32_t events, void *arg)
{
	(void)loop;
	struct channel *channel = arg;
	bool in = events & (EPOLLIN | EPOLLERR | EPOLLHUP), out = events & EPOLLOUT;
	channel_library.process_fd(channel->ares, in ? fd : ARES_SOCKET_BAD, out ? fd : ARES_SOCKET_BAD);
	channel_arm(channel);
}

static void timer_fired(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	struct channel *channel = arg;
	channel_library.process_fd(channel->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	channel_arm(channel);
}

/* c-ares tells which of its sockets waits for what. */
static void fd_changed(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct channel *channel = arg;
	uint32_t events = (readable ? (uint32_t)EPOLLIN : 0) | (writable ? (uint32_t)EPOLLOUT : 0);
	size_t i = 0;
	while (i < channel->watched_count && channel->watched[i] != fd)
		i++;
	bool known = i < channel->watched_count;
	if (!events) {
		loop_unwatch(channel->loop, fd);
		if (known)
			channel->watched[i] = channel->watched[--channel->watched_count];
		return;
	}
	if (known) {
		loop_watch_events(channel->loop, fd, events);
		return;
	}
	/* A socket that cannot be watched looks like a server that does not answer: c-ares goes on to the next one. */
	if (loop_watch(channel->loop, fd, events, fd_ready, channel, NULL) < 0)
		return;
	channel->watched = mem_resize(channel->watched, channel->watched_count + 1, sizeof(int));
	channel->watched[channel->watched_count++] = fd;
}

void channel_arm(struct channel *channel)
{
	struct timeval room, *next = channel_library.timeout(channel->ares, NULL, &room);
	if (!next) {
		loop_timer_stop(channel->loop, &channel->timer);
		return;
	}
	ns_t wait = next->tv_sec * NS_PER_S + next->tv_usec * NS_PER_US;
	loop_timer_start(channel->loop, &channel->timer, clock_mono() + wait, timer_fired, channel);
}

/* The servers as c-ares takes them: "192.0.2.53:53,[2001:db8::53]:53". */
static void servers_set(struct channel *channel)
{
	struct buf csv = BUF_INIT(CSV_MAX);
	for (int i = 0; i < channel->conf.server_count; i++) {
		char text[ADDR_TEXT_MAX];
		addr_format_port(&channel->conf.servers[i], text);
		buf_printf(&csv, "%s%s", i ? "," : "", text);
	}
	channel_library.set_servers(channel->ares, buf_text(&csv));
	buf_release(&csv);
}

static int channel_open(struct channel *channel, struct error *err)
{
	char *domains[LOOKUP_SEARCH_MAX];
	for (int i = 0; i < channel->conf.search_count; i++)
		domains[i] = channel->conf.search[i];
	char lookups[] = "b"; /* the hosts file is read by us: the one of the namespace */
	struct ares_options options = {
		.timeout = TIMEOUT_MS,
		.tries = TRIES,
		.ndots = channel->conf.ndots,
		.domains = domains,
		.ndomains = channel->conf.search_count,
		.lookups = lookups,
		.sock_state_cb = fd_changed,
		.sock_state_cb_data = channel,
	};
	int status =
	    channel_library.init_options(&channel->ares, &options,
					 ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
					     ARES_OPT_DOMAINS | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB);
	if (status != ARES_SUCCESS)
		return error_set(err, STATUS_CANNOT, "ERESOLVE", NULL, "names cannot be looked up: %s",
				 channel_library.strerror(status));
	servers_set(channel);
	return 0;
}

struct channel *channel_take(struct loop *loop, struct error *err)
{
	if (open_channel && open_channel->loop == loop && open_channel->users) {
		open_channel->users++;
		return open_channel;
	}
	if (library_load(err) < 0)
		return NULL;
	struct channel *channel = NEW(struct channel);
	channel->loop = loop;
	if (resolv_conf_read(&channel->conf, err) < 0 || channel_open(channel, err) < 0) {
		free(channel);
		return NULL;
	}
	channel->users = 1;
	open_channel = channel;
	return channel;
}

static void channel_end(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)timer;
	struct channel *channel = arg;
	channel_library.destroy(channel->ares);
	loop_timer_stop(loop, &channel->timer);
	free(channel->watched);
	free(channel);
}

void channel_give(struct channel *channel)
{
	if (--channel->users)
		return;
	if (open_channel == channel)
		open_channel = NULL;
	loop_timer_start(channel->loop, &channel->end, clock_mono(), channel_end, channel);
}

ares_channel channel_ares(struct channel *channel)
{
	return channel->ares;
}

const struct resolv_conf *channel_conf(const struct channel *channel)
{
	return &channel->conf;
}
