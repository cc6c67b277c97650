#include "net/dns/tls.h"

#include "base/mem.h"
#include "net/tls_pipe.h"
#include "net/tls_verify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct dns_tls {
	SSL_CTX *ctx;
	struct tls_pipe pipe;
	struct tls_watch watch;
	struct sys_arrival last; /* the arrival that completed what is being read */
};

static int configure(struct dns_tls *tls, const struct dns_request *request, struct error *err)
{
	char address[ADDR_TEXT_MAX];
	static const uint8_t alpn[] = { 3, 'd', 'o', 't' };
	const char *file = request->tls_ca && *request->tls_ca ? request->tls_ca : NULL;
	const char *name = request->tls_name ? request->tls_name : addr_format(&request->server, address);
	tls->ctx = ossl.SSL_CTX_new(ossl.TLS_client_method());
	if (!tls->ctx)
		return error_set(err, STATUS_CANNOT, "ETLS", NULL, "OpenSSL does not start: %s",
				 tls_error_text());
	if (tls_watch_install(&tls->watch, tls->ctx, name, file, err) < 0)
		return -1;
	/* RFC 8310 8.1 wants nothing older. */
	ossl.SSL_CTX_ctrl(tls->ctx, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL);
	tls_pipe_open(&tls->pipe, tls->ctx, request->tls_name ? tls->watch.name : NULL);
	ossl.SSL_set_alpn_protos(tls->pipe.ssl, alpn, sizeof alpn);
	return 0;
}

struct dns_tls *dns_tls_new(const struct dns_request *request, struct error *err)
{
	if (tls_lib_load(err) < 0)
		return NULL;
	struct dns_tls *tls = NEW(struct dns_tls);
	if (configure(tls, request, err) == 0)
		return tls;
	dns_tls_free(tls);
	return NULL;
}

void dns_tls_free(struct dns_tls *tls)
{
	if (!tls)
		return;
	tls_pipe_close(&tls->pipe);
	if (tls->ctx)
		ossl.SSL_CTX_free(tls->ctx);
	free(tls);
}

static int failed(const struct dns_tls *tls, int errnum, struct error *err)
{
	const char *reason = tls_error_text();
	if (tls->watch.trace.alert[0])
		return error_set(err, STATUS_BAD, "ETLS", NULL, "the TLS handshake failed: alert %s",
				 tls->watch.trace.alert);
	if (reason && (strstr(reason, "wrong version number") || strstr(reason, "packet length")))
		return error_set(err, STATUS_BAD, "ETLS", "ask without +tls, or at another port (-p)",
				 "the server does not speak TLS on this port");
	if (reason)
		return error_set(err, STATUS_BAD, "ETLS", NULL, "the TLS handshake failed: %s", reason);
	return error_set(err, STATUS_BAD, errnum ? error_errno_name(errnum) : "ECLOSED", NULL,
			 errnum ? "the connection was reset in the TLS handshake"
				: "the server closed the connection in the TLS handshake");
}

static void report(const struct dns_tls *tls, struct dns_exchange *exchange)
{
	struct tls_handshake *found = NEW(struct tls_handshake);
	tls_watch_report(&tls->watch, found);
	memcpy(exchange->tls_version, found->version, sizeof exchange->tls_version);
	if (found->fault != TLS_FAULT_NONE)
		tls_fault_format(found, found->fault, tls->watch.name, clock_real(), exchange->tls_fault);
	free(found);
}

/* What the socket has goes to OpenSSL. Returns 0, or -1 with errno; length 0 is the end. */
static int feed(struct dns_tls *tls, int fd)
{
	uint8_t bytes[TLS_PIPE_PIECE];
	if (sys_socket_receive(fd, bytes, sizeof bytes, &tls->last) < 0)
		return -1;
	if (tls->last.length)
		ossl.BIO_write(tls->pipe.in, bytes, (int)tls->last.length);
	return 0;
}

int dns_tls_handshake(struct dns_tls *tls, int fd, bool *full, struct dns_exchange *exchange,
		      struct error *err)
{
	bool ended = false;
	*full = false;
	for (;;) {
		int good = ossl.SSL_do_handshake(tls->pipe.ssl);
		int why = good == 1 ? SSL_ERROR_NONE : ossl.SSL_get_error(tls->pipe.ssl, good);
		int flushed = tls_pipe_flush(&tls->pipe, fd);
		if (flushed < 0)
			return failed(tls, errno, err);
		*full = !flushed;
		if (good == 1 && flushed) {
			report(tls, exchange);
			return 1;
		}
		if ((why != SSL_ERROR_NONE && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) ||
		    ended)
			return failed(tls, 0, err);
		if (feed(tls, fd) < 0)
			return errno == EAGAIN ? 0 : failed(tls, errno, err);
		ended = tls->last.length == 0;
	}
}

int dns_tls_send(struct dns_tls *tls, int fd, const uint8_t *bytes, size_t length)
{
	if (ossl.SSL_write(tls->pipe.ssl, bytes, (int)length) != (int)length) {
		ossl.ERR_clear_error();
		errno = EPROTO;
		return -1;
	}
	int flushed = tls_pipe_flush(&tls->pipe, fd);
	if (flushed == 0)
		errno = ENOBUFS; /* a question is far below any send buffer */
	return flushed == 1 ? 0 : -1;
}

int dns_tls_receive(struct dns_tls *tls, int fd, uint8_t *buf, size_t size, struct sys_arrival *out)
{
	for (;;) {
		int got = ossl.SSL_read(tls->pipe.ssl, buf, (int)size);
		*out = tls->last;
		if (got > 0) {
			out->length = (size_t)got;
			return 0;
		}
		int why = ossl.SSL_get_error(tls->pipe.ssl, got);
		ossl.ERR_clear_error();
		out->length = 0;
		if (why == SSL_ERROR_ZERO_RETURN)
			return 0;
		if (why != SSL_ERROR_WANT_READ) {
			errno = EPROTO;
			return -1;
		}
		if (feed(tls, fd) < 0)
			return -1;
		if (!tls->last.length) {
			*out = tls->last;
			return 0;
		}
	}
}
