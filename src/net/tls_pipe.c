#include "net/tls_pipe.h"

#include "ntsh/addr.h"

#include <errno.h>
#include <sys/socket.h>

void tls_pipe_open(struct tls_pipe *pipe, SSL_CTX *ctx, const char *name)
{
	struct addr literal;
	pipe->ssl = ossl.SSL_new(ctx);
	pipe->in = ossl.BIO_new(ossl.BIO_s_mem());
	pipe->out = ossl.BIO_new(ossl.BIO_s_mem());
	ossl.SSL_set_bio(pipe->ssl, pipe->in, pipe->out);
	ossl.SSL_set_connect_state(pipe->ssl);
	if (name && addr_parse(name, &literal) < 0)
		ossl.SSL_ctrl(pipe->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
			      (char *)(uintptr_t)name);
}

void tls_pipe_close(struct tls_pipe *pipe)
{
	if (pipe->ssl)
		ossl.SSL_free(pipe->ssl);
	pipe->ssl = NULL;
}

int tls_pipe_flush(struct tls_pipe *pipe, int fd)
{
	for (;;) {
		if (pipe->pending_begin == pipe->pending_end) {
			int got = ossl.BIO_read(pipe->out, pipe->pending, sizeof pipe->pending);
			if (got <= 0)
				return 1;
			pipe->pending_begin = 0;
			pipe->pending_end = (size_t)got;
		}
		ssize_t sent = send(fd, pipe->pending + pipe->pending_begin,
				    pipe->pending_end - pipe->pending_begin, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0)
			return errno == EAGAIN ? 0 : -1;
		pipe->pending_begin += (size_t)sent;
	}
}
