/* One c-ares channel in our loop: it exists while questions are under way and is made anew afterwards, so that each batch of look-ups
 * sees the namespace and the resolv.conf of its time. */
#ifndef NET_RESOLVE_CHANNEL_H
#define NET_RESOLVE_CHANNEL_H

#include "ntsh/lookup.h"
#include "ntsh/loop.h"

#include <ares.h>

struct channel;

/* c-ares' functions, loaded on first use. Newer versions call some of them deprecated; 1.18 has no others. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
struct channel_library {
	__typeof__(&ares_getaddrinfo) getaddrinfo;
	__typeof__(&ares_freeaddrinfo) freeaddrinfo;
	__typeof__(&ares_getnameinfo) getnameinfo;
	__typeof__(&ares_init_options) init_options;
	__typeof__(&ares_destroy) destroy;
	__typeof__(&ares_process_fd) process_fd;
	__typeof__(&ares_timeout) timeout;
	__typeof__(&ares_set_servers_ports_csv) set_servers;
	__typeof__(&ares_strerror) strerror;
};
#pragma GCC diagnostic pop
extern struct channel_library channel_library;

/* The channel for this loop, counted as used once more; NULL with err (c-ares is missing, resolv.conf is unreadable). */
struct channel *channel_take(struct loop *loop, struct error *err);

/* Gives it back; with the last user it ends (in a later turn: c-ares may be on the stack). */
void channel_give(struct channel *channel);

ares_channel channel_ares(struct channel *channel);
const struct resolv_conf *channel_conf(const struct channel *channel);

/* To be called after anything was started: c-ares' next deadline becomes the loop's. */
void channel_arm(struct channel *channel);

#endif
