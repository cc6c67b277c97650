/* One message of sock_diag as a socket_entry. For every byte that may come: what is too short gives false. */
#ifndef NET_SOCKETS_READ_H
#define NET_SOCKETS_READ_H

#include "ntsh/sockets.h"

#include <libmnl/libmnl.h>

/* kind tells which family of messages it is: inet_diag for TCP, UDP and raw, unix_diag, packet_diag. */
bool sockets_read(const struct nlmsghdr *message, enum socket_kind kind, struct socket_entry *out);

/* A line of /proc/net/{tcp,udp,raw}[6] (proc(5)). Returns false for the heading and for what is none. */
bool sockets_read_proc(const char *line, enum socket_kind kind, int family, struct socket_entry *out);

#endif
