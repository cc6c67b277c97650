/* TLS handshakes over a connected socket (OpenSSL, loaded on first use), with the time split into network and server. */
#ifndef NTSH_TLS_H
#define NTSH_TLS_H

#include "ntsh/loop.h"
#include "ntsh/tcp.h"

enum { TLS_NAMES_MAX = 64, TLS_CHAIN_MAX = 12 };

struct tls_certificate {
	char subject[256], issuer[256];  /* one line, as openssl -nameopt RFC2253; escaped by the renderer */
	ns_t not_before, not_after;      /* CLOCK_REALTIME */
	char key[48];                    /* "RSA 2048", "EC P-256" */
	char signature[64];
	char fingerprint_sha256[65];
	bool self_signed;
};

/* What is wrong with it, worst first. */
enum tls_fault {
	TLS_FAULT_NONE, TLS_FAULT_EXPIRED, TLS_FAULT_NOT_YET_VALID, TLS_FAULT_NAME_MISMATCH, TLS_FAULT_SELF_SIGNED,
	TLS_FAULT_UNKNOWN_ISSUER, TLS_FAULT_INCOMPLETE_CHAIN, TLS_FAULT_REVOKED, TLS_FAULT_WEAK, TLS_FAULT_OTHER
};

struct tls_handshake {
	bool happened;           /* a ClientHello was sent */
	bool complete;
	char version[16], cipher[64], group[32], alpn[16];
	bool resumed, hello_retry;
	int chain_count;
	struct tls_certificate chain[TLS_CHAIN_MAX];
	int name_count;
	char names[TLS_NAMES_MAX][128]; /* subjectAltName of the leaf */
	enum tls_fault fault;
	char fault_text[256];    /* a finished sentence about the worst one */
	uint32_t faults;         /* all of them: 1 << TLS_FAULT_... */
	int fault_depth[TLS_FAULT_OTHER + 1]; /* which certificate of the chain */
	char fault_detail[128];  /* of a weak or otherwise unfit one; where the missing issuer can be fetched */
	char alert[96];          /* alert received or sent, "" if none */
	/* CLOCK_MONOTONIC on kernel stamps where there are any. */
	ns_t began, hello_acked, server_hello, ended;
	ns_t network, server, client; /* the split of ended - began; NS_NONE when not known */
	int round_trips;
};

/* One finished sentence about one of the faults. asked: the name that was to be verified, or NULL. */
void tls_fault_format(const struct tls_handshake *handshake, enum tls_fault fault, const char *asked,
                      ns_t now_real, char out[256]);

struct tls_request {
	int fd;                  /* connected; stays the caller's */
	const char *server_name; /* SNI and the name to verify; NULL: none, chain only */
	const char *alpn;        /* comma-separated, e.g. "h2,http/1.1"; NULL: none */
	const char *ca_file;     /* NULL: the system's */
	const char *min_version, *max_version; /* "1.2", "1.3"; NULL: library's */
	ns_t rtt;                /* of the handshake of TCP: for what stamps cannot split; NS_NONE unknown */
	ns_t timeout;
};

typedef void tls_fn(struct loop *loop, const struct tls_handshake *handshake, const struct error *err, void *arg);
struct tls_session;

/* Loads OpenSSL (20 ms the first time): call it before connecting, lest the server waits for the ClientHello meanwhile. Returns 0, or -1. */
int tls_prepare(struct error *err);

/* The handshake goes on to its end also when the certificate is bad (fault says so). fn is called once, never from inside the
 * start; err is set when the handshake did not complete. The session is freed by tls_free. */
struct tls_session *tls_start(struct loop *loop, const struct tls_request *request, tls_fn *fn, void *arg,
                              struct error *err);
void tls_free(struct tls_session *session);

#endif
