/* One TCP connection as a story: each SYN, the answer and who gave it, what the server says first; bytes joined to and fro; and the other
 * end, which waits for connections. */
#ifndef NTSH_DIAL_H
#define NTSH_DIAL_H

#include "ntsh/tls.h"

enum {
	DIAL_SYNS_MAX = 16,
	DIAL_BANNER_MAX = 1024,
	DIAL_HOST_MAX = 256,
	DIAL_TEXT_MAX = 400,
	RELAY_HEAD_MAX = 4096
};

/* Splits "HOST:PORT", "[2001:db8::1]:PORT" (port: a number or a service's name) or, with port given apart, HOST alone. Returns 0, or -1
 * with err (STATUS_USAGE). */
int dial_target_read(const char *text, const char *port, char host[DIAL_HOST_MAX], uint16_t *out,
		     struct error *err);

struct dial_request {
	struct addr target;    /* with port */
	const char *interface; /* or NULL */
	ns_t timeout;          /* of the handshake */
	ns_t patience;         /* how long to wait whether the server speaks first; 0: not at all */
	const char *tls_name;  /* shake hands by TLS (tls_prepare was called) with this name; NULL: no */
};

/* Who is at fault when nothing answered (witness: needs cap_net_raw). */
enum dial_silence {
	DIAL_SILENCE_UNKNOWN,
	DIAL_SILENCE_LISTENS, /* an ACK out of the blue was answered by a RST: the port is reached, so the SYNs are dropped by the server itself, whose
	                         queue is full (RFC 9293 3.10.7.2; tcp(7) somaxconn) */
	DIAL_SILENCE_FILTER,  /* not even that */
};

struct dial_result {
	struct tcp_connect_result connect; /* fd is the caller's when connected */
	unsigned syns;                     /* sent */
	ns_t syn_after[DIAL_SYNS_MAX];     /* since connect.began; seen to 10 ms */
	enum dial_silence silence;
	size_t banner_length;
	uint8_t banner[DIAL_BANNER_MAX]; /* what the server said first */
	ns_t banner_after;               /* since the handshake; NS_NONE: nothing */
	bool closed; /* the server ended it within the patience, without (or behind) a banner */
	int errnum;  /* how reading failed: ECONNRESET ... */
	struct tls_handshake shake; /* happened is false unless it was asked for */
};

struct dial_events {
	/* The story as it goes on: "syn", "connected", "failed", "banner", "silent", "tls"; text is a clause, or the banner's bytes. May be NULL. */
	void (*event)(ns_t after, const char *kind, const char *text, size_t length, void *arg);
	void (*end)(const struct dial_result *result, void *arg); /* once; the dial is gone afterwards */
};

struct dial;
struct dial *dial_start(struct loop *loop, const struct dial_request *request,
			const struct dial_events *events, void *arg, struct error *err);
void dial_cancel(struct dial *dial); /* NULL is ignored */

/* What happened, and what it means: a sentence without its full stop. Returns buf. */
char *dial_text(const struct dial_result *result, char buf[DIAL_TEXT_MAX]);

/* True when all that was asked for came about. */
bool dial_is_good(const struct dial_result *result);

/* "connected", "refused", "filtered", "queue full", "unreachable", "no answer", "reset", "not sent", "tls". */
const char *dial_outcome(const struct dial_result *result);

/* --- joining --- */

enum relay_end {
	RELAY_PEER,   /* both directions were ended in good order */
	RELAY_RESET,  /* the peer reset it, or it failed: errnum */
	RELAY_OUTPUT, /* received() did not want more */
};

struct relay_result {
	enum relay_end end;
	int errnum;
	uint64_t sent_bytes, received_bytes;
	ns_t took, first_byte; /* first_byte: received, since the start; NS_NONE: none */
	size_t head_length;
	uint8_t head[RELAY_HEAD_MAX]; /* the first that came */
};

struct relay_events {
	/* Bytes of the peer. Returns 0, or -1 to end. */
	int (*received)(const uint8_t *bytes, size_t length, void *arg);
	void (*end)(const struct relay_result *result, void *arg); /* once; the relay is gone afterwards */
};

struct relay;

/* Joins a connected socket (it stays the caller's) with input, a descriptor to read from (a terminal, a pipe or a file), or -1. The end of the
 * input closes our half only (shutdown(2)); the peer's end ends the relay when nothing more can be read from input at once, and else when
 * that has been sent. */
struct relay *relay_start(struct loop *loop, int fd, int input, const struct relay_events *events, void *arg,
			  struct error *err);
/* Ends it; out is what there was so far. */
void relay_stop(struct relay *relay, struct relay_result *out);

/* --- waiting for connections --- */

struct dial_listener;
/* fd is the caller's. */
typedef void dial_accept_fn(int fd, const struct addr *peer, void *arg);

/* Listens on port of all addresses of the family (AF_UNSPEC: both). */
struct dial_listener *dial_listen(struct loop *loop, uint16_t port, int family, dial_accept_fn *fn, void *arg,
				  struct error *err);
void dial_listener_free(struct dial_listener *listener); /* NULL is ignored */

#endif
