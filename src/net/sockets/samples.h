/* The arithmetic behind ntsh/socket_samples.h: pure, so that it can be tested without a network. */
#ifndef NET_SOCKETS_SAMPLES_H
#define NET_SOCKETS_SAMPLES_H

#include "ntsh/socket_samples.h"

/* The numbers of a listed TCP socket. */
void sample_read(const struct socket_entry *entry, struct socket_sample *out);

/* Adds a look. now: CLOCK_MONOTONIC. first_look: the connections of the first one are not new. */
void watched_add(struct socket_watched *watched, const struct socket_entry *entry,
		 const struct socket_sample *sample, ns_t now, bool first_look);

/* Fills shares and holder from what was seen. */
void watched_judge(struct socket_watched *watched);

#endif
