/* A filter as the kernel's own bytecode (inet_diag_bc_op, net/ipv4/inet_diag.c), so that it passes on only what matches. */
#ifndef NET_SOCKETS_CODE_H
#define NET_SOCKETS_CODE_H

#include "ntsh/socket_filter.h"

#include <stdint.h>

/* At most what fits into one attribute of a request. */
enum { SOCKET_CODE_MAX = 256 };

/* Writes the bytecode of the expression. Returns its length; 0 when there is no expression, or none that the kernel can evaluate. */
size_t socket_filter_code(const struct socket_filter *filter, uint8_t out[SOCKET_CODE_MAX]);

#endif
