/* OpenSSL on memory over a socket of ours: what it writes waits here until the socket takes it. */
#ifndef NET_TLS_PIPE_H
#define NET_TLS_PIPE_H

#include "net/tls_lib.h"

#include <stddef.h>
#include <stdint.h>

enum { TLS_PIPE_PIECE = 16 * 1024 };

/* Zero it first. in and out are owned by ssl. */
struct tls_pipe {
	SSL *ssl;
	BIO *in, *out;
	uint8_t pending[TLS_PIPE_PIECE]; /* written by OpenSSL, not yet by us */
	size_t pending_begin, pending_end;
};

/* A client's side in ctx. name: sent as server name (RFC 6066 3) unless it is an address or NULL; must be without a final dot. */
void tls_pipe_open(struct tls_pipe *pipe, SSL_CTX *ctx, const char *name);
void tls_pipe_close(struct tls_pipe *pipe);

/* Sends what OpenSSL wrote. Returns 1 when all is out, 0 when the socket is full, -1 with errno. */
int tls_pipe_flush(struct tls_pipe *pipe, int fd);

#endif
