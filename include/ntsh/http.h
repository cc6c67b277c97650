/* HTTP exchanges: libcurl over our own connected and timestamped sockets. */
#ifndef NTSH_HTTP_H
#define NTSH_HTTP_H

#include "ntsh/tcp.h"
#include "ntsh/tls.h"

enum http_version { HTTP_ANY, HTTP_1_1, HTTP_2 };

struct http_url {
	bool tls;
	char host[256];     /* without brackets; IDN not yet encoded */
	uint16_t port;
	char *path;         /* with query, begins with '/'; owned */
};

/* Splits and checks "http://..." or "https://..." (RFC 3986). Returns 0, or -1 with err naming what is wrong. Free with http_url_release. */
int http_url_parse(const char *text, struct http_url *out, struct error *err);
void http_url_release(struct http_url *url);

/* Gets the body as it arrives. Returns 0, or -1 to stop reading. */
typedef int http_body_fn(const char *bytes, size_t length, void *arg);

struct http_request {
	const char *url;
	const char *method;          /* NULL: GET */
	const char *const *headers;  /* "Name: value", may be NULL */
	size_t header_count;
	const char *body;            /* NULL: none */
	size_t body_length;
	enum http_version version;
	const struct addr *addrs;    /* where to connect (port filled in by the engine), tried in order: second family 250 ms after the first */
	size_t addr_count;           /* 0: the engine resolves by c-ares, or talks to the proxy */
	int family;
	const char *interface;
	bool ignore_proxy;           /* do not use http_proxy, https_proxy, no_proxy */
	bool insecure;               /* carry on after a bad certificate (it is still reported) */
	const char *ca_file;         /* NULL: the system's */
	uint32_t mss;                /* as in tcp_connect_request */
	ns_t timeout;                /* of the whole exchange */
	http_body_fn *body_fn;       /* NULL: the body is counted and dropped */
	void *body_arg;
	bool new_connection;         /* do not use a kept one */
	uint64_t max_body;           /* stop reading after so many bytes (that is no failure); 0: no limit */
};

/* Where an exchange ended. */
enum http_phase { HTTP_RESOLVE, HTTP_CONNECT, HTTP_PROXY, HTTP_TLS, HTTP_REQUEST, HTTP_WAIT, HTTP_TRANSFER, HTTP_COMPLETE };

/* Arrival of the body: gaps and steadiness (shared/SIGNALS 9, 10). */
struct http_arrival {
	uint64_t reads;
	ns_t longest_gap;       /* between reads */
	ns_t gap_time;          /* sum of the gaps longer than one and a quarter of the least round trip (and 10 ms) */
	ns_t gap_time_lossless; /* the part of gap_time in which rcv_ooopack and retransmissions did not rise: the server's pause */
	uint64_t gaps;          /* how many */
};

/* All times are CLOCK_MONOTONIC; NS_NONE = did not happen. Kernel stamps are brought onto this axis. */
struct http_exchange {
	ns_t began, resolved, connect_began, connected, tls_began, tls_done, request_sent, request_acked,
	    first_byte, last_byte, ended;
	bool ack_piggybacked;   /* the ACK came with (or after) the first byte: request_acked says nothing about the network */
	bool ack_delayed;       /* the peer's kernel held the ACK back (40 ms on Linux): http_server_time takes that into account */
	bool ack_stamped, first_byte_stamped; /* kernel stamps, not user-space clock */
	bool reused;            /* no new connection was made */
	enum http_phase phase;  /* how far it came */
	struct error error;     /* set when phase < HTTP_COMPLETE */
	struct tcp_connect_result connect; /* fd is -1: not yours. With several addresses: the one used, or the last that failed */
	bool other_family_failed;          /* e.g. IPv6 was tried first and did not connect */
	struct tls_handshake tls;          /* tls.happened says whether */
	char proxy[256];        /* "host:port" when a proxy was used, and which variable named it; else "" */
	char proxy_source[32];
	int status;             /* 0: none */
	enum http_version version;
	char *headers;          /* response head, raw, NUL-ended, owned; NULL: none */
	char location[1024];    /* of a redirect, else "" */
	uint64_t sent_bytes, body_bytes;
	int64_t content_length; /* -1 unknown */
	struct http_arrival arrival;
	struct tcp_stats before, after;  /* at the request; at the end */
	uint64_t syn_retransmits;
	bool stalled_on_hole;  /* at the end: data came out of order and what was missing before it never arrived */
	bool stalled_on_large;  /* in flight at the end: full-size segments never acknowledged (bytes unacked), small ones were */
};

/* server think time: first_byte - request_acked, or first_byte - request_sent - round trip when the ACK was piggybacked or delayed.
 * *exact says which (may be NULL). NS_NONE without a first byte. Never negative. */
ns_t http_server_time(const struct http_exchange *exchange, bool *exact);

/* Where the time of an exchange went: the parts add up to total (client is what is left: this machine's own work). NS_NONE for what
 * did not happen. */
struct http_phases {
	ns_t resolve, connect, proxy, tls_network, tls_server, tls_client, request, wait_network, wait_server, transfer,
	    client, total;
	bool exact; /* the wait was split by an acknowledgement of its own */
};
void http_phases_of(const struct http_exchange *exchange, struct http_phases *out);

/* The median of each phase over those exchanges in which it happened. */
void http_phases_median(const struct http_phases *all, size_t count, struct http_phases *out);

/* What the kernel's counters and the course say beyond times, in finished sentences (retransmissions, disorder, pauses of the server, a
 * delayed acknowledgement, a family that failed ...). Returns how many. */
enum { HTTP_REMARK_MAX = 240, HTTP_REMARKS_MAX = 12 };
int http_remarks(const struct http_exchange *exchange, char out[HTTP_REMARKS_MAX][HTTP_REMARK_MAX]);

/* "Not Found"; "" for a status that is not registered (RFC 9110, RFC 6585 ...). */
const char *http_status_reason(int status);

/* Who is to act on an error status, in one clause; NULL for good ones. Gateways make 502, 503 and 504. */
const char *http_status_blame(int status);

/* Where a redirect leads: reference resolved against base (RFC 3986 5.2; dot segments are left to the request). Returns 0, or -1
 * when the result does not fit or base is no URL. */
int http_url_join(const char *base, const char *reference, char *buf, size_t size);

struct http_client; /* keeps connections for reuse */
struct http_fetch;

/* Loads libcurl (tens of ms the first time). NULL with err set when it is missing. */
struct http_client *http_client_new(struct loop *loop, struct error *err);
void http_client_free(struct http_client *client);
struct loop *http_client_loop(const struct http_client *client);
/* Forget connections kept for reuse. */
void http_client_close_idle(struct http_client *client);

/* exchange is valid during the call; called once, never from inside http_fetch_start. Redirects are not followed: the caller
 * decides. */
typedef void http_fn(struct loop *loop, const struct http_exchange *exchange, void *arg);
struct http_fetch *http_fetch_start(struct http_client *client, const struct http_request *request, http_fn *fn,
                                    void *arg, struct error *err);
void http_fetch_cancel(struct http_fetch *fetch);

/* --- several exchanges --- */

/* The same request so often, on new and kept connections in turn, each with its redirects (at most 10; Authorization and Cookie headers do
 * not go to another host). request.url is where it begins; time-outs are fitted below the loop's deadline. */
struct http_series {
	struct http_request request;
	size_t count;
	bool follow;
};

struct http_step {
	const struct http_exchange *exchange;
	const char *url;
	bool redirected;  /* another step follows from it */
};
typedef void http_step_fn(const struct http_step *step, void *arg);

/* What a series comes to. Release it in any case. */
struct http_summary {
	struct http_exchange last;       /* owned by the summary */
	char *url;                       /* of the last exchange; NULL: there was none */
	struct http_phases fresh, kept;  /* medians over complete exchanges with the last URL, redirects left out; with none on a new connection,
	                                    fresh is the last exchange's */
	size_t fresh_count, kept_count, redirects;
};

/* Runs the loop until all is done; fn is called for each exchange as it ends. Returns 0, or -1 with err set (an exchange that did not complete was handed
 * to fn all the same), or with err not set when the loop was cancelled. */
int http_series_run(struct http_client *client, const struct http_series *series, http_step_fn *fn, void *arg,
                    struct http_summary *out, struct error *err);
void http_summary_release(struct http_summary *summary);

/* For http_request.body_fn: writes to a descriptor; errnum says why that failed (reading stops then). */
struct http_body_file {
	int fd, errnum;
};
int http_body_write(const char *bytes, size_t length, void *arg);

/* Takes the next field of a response head: *cursor is the head at first, NULL-ended; name and value point into it. Returns false at the end. */
bool http_field_next(const char **cursor, const char **name, size_t *name_length, const char **value,
                     size_t *value_length);

#endif
