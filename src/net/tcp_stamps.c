#include "ntsh/tcp.h"

#include "sys/socket.h"

#include <string.h>

void tcp_stamps_begin(int fd, struct tcp_stamps *stamps)
{
	memset(stamps, 0, sizeof *stamps);
	stamps->enabled = sys_socket_stamps(fd, SYS_STAMP_RX | SYS_STAMP_TX | SYS_STAMP_ACK) == 0;
}

/* The slot of a write; new ones push out the oldest. */
static struct tcp_stamp *stamp_slot(struct tcp_stamps *stamps, uint32_t last_byte)
{
	for (size_t i = stamps->count; i-- > 0;)
		if (stamps->stamps[i].last_byte == last_byte)
			return &stamps->stamps[i];
	if (stamps->count == TCP_STAMPS_MAX) {
		stamps->count--;
		memmove(stamps->stamps, stamps->stamps + 1, stamps->count * sizeof stamps->stamps[0]);
	}
	struct tcp_stamp *slot = &stamps->stamps[stamps->count++];
	*slot = (struct tcp_stamp){ .last_byte = last_byte, .sent = NS_NONE, .acked = NS_NONE };
	return slot;
}

void tcp_stamps_drain(int fd, struct tcp_stamps *stamps)
{
	struct sys_socket_event event;
	/* Bounded, so that a peer that acknowledges as fast as we drain cannot hold the loop. */
	for (int i = 0; i < 1024 && sys_socket_event_next(fd, NULL, 0, &event); i++) {
		if (event.stamp == NS_NONE || (event.kind != SYS_EVENT_SENT && event.kind != SYS_EVENT_ACKED))
			continue;
		struct tcp_stamp *slot = stamp_slot(stamps, event.id);
		ns_t *when = event.kind == SYS_EVENT_SENT ? &slot->sent : &slot->acked;
		if (*when == NS_NONE)
			*when = event.stamp;
	}
}

const struct tcp_stamp *tcp_stamps_last(const struct tcp_stamps *stamps)
{
	const struct tcp_stamp *last = NULL;
	for (size_t i = 0; i < stamps->count; i++)
		/* Offsets wrap: compare as sequence numbers are compared (RFC 1982). */
		if (!last || (int32_t)(stamps->stamps[i].last_byte - last->last_byte) > 0)
			last = &stamps->stamps[i];
	return last;
}

const struct tcp_stamp *tcp_stamps_find(const struct tcp_stamps *stamps, uint32_t last_byte)
{
	const struct tcp_stamp *found = NULL;
	for (size_t i = 0; i < stamps->count; i++) {
		const struct tcp_stamp *stamp = &stamps->stamps[i];
		if ((int32_t)(stamp->last_byte - last_byte) >= 0 &&
		    (!found || (int32_t)(stamp->last_byte - found->last_byte) < 0))
			found = stamp;
	}
	return found;
}

ns_t tcp_stamp_of_next_byte(int fd)
{
	return sys_socket_next_stamp(fd);
}
