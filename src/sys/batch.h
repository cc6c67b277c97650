/* Many datagrams in one system call (sendmmsg(2), recvmmsg(2)). */
#ifndef SYS_BATCH_H
#define SYS_BATCH_H

#include "ntsh/addr.h"
#include "ntsh/clock.h"
#include "ntsh/error.h"

#include <stddef.h>
#include <stdint.h>

enum { SYS_BATCH_MAX = 64, SYS_BATCH_BYTES = 1600 };

/* Packets to be sent, or as they came. A sender puts `bytes` of its own before `length` (SYS_BATCH_BYTES at most). */
struct sys_batch_item {
	uint8_t *bytes;
	size_t length;
	struct addr peer; /* AF_UNSPEC: the socket's own */
	int hops;         /* of arrivals: TTL / hop limit from a control message, -1 when there was none */
	ns_t stamp;       /* of arrivals: the kernel's (sys_socket_stamps), NS_NONE when there was none */
};

struct sys_batch;

struct sys_batch *sys_batch_new(void);
void sys_batch_free(struct sys_batch *batch);

/* Item number index, below SYS_BATCH_MAX. */
struct sys_batch_item *sys_batch_item(struct sys_batch *batch, size_t index);

/* Sends items from..count. Returns how many left in one go, or -1 with errno when the first of them did not. */
int sys_batch_send(int fd, struct sys_batch *batch, size_t from, size_t count);

/* Takes what is there, never waiting. Returns how many items were filled, 0 when there is nothing, -1 with errno. */
int sys_batch_receive(int fd, struct sys_batch *batch);

/* Raw sockets whose packets bring their own IP header (IP_HDRINCL, IPV6_HDRINCL). Returns 0, or -1 with errno. */
int sys_raw_own_header(int fd, int family);

/* A raw TCP socket that is to see only segments to this port (classic BPF), with the hop limit of IPv6 arrivals. Returns 0, or -1. */
int sys_raw_only_port(int fd, int family, uint16_t port);

/* A raw ICMP or ICMPv6 socket that is to see errors and echo replies only. Returns 0, or -1 with errno. */
int sys_raw_only_answers(int fd, int family);

/* As much buffer as is allowed (SO_RCVBUFFORCE, SO_SNDBUFFORCE, else without force), for what comes in and what goes out; 0: as it is. */
void sys_socket_large_buffers(int fd, int receive, int send);

#endif
