/* The parts of the HTTP engine among themselves: client (libcurl's multi handle in our loop, the connections), fetch (one
 * exchange's course), easy (libcurl's callbacks), report (what the exchange says in the end). */
#ifndef NET_HTTP_PARTS_H
#define NET_HTTP_PARTS_H

#include "base/buf.h"
#include "net/http_arrival.h"
#include "net/http_lib.h"
#include "net/http_proxy.h"
#include "net/tls_verify.h"
#include "ntsh/http.h"
#include "ntsh/resolve.h"

enum { HTTP_HEAD_MAX = 256 * 1024 };

/* A connection made by us and lent to libcurl until it closes it. */
struct http_conn {
	struct http_client *client;
	struct http_conn *next;
	int fd;
	bool in_use; /* by an exchange */
	bool stale;  /* not to be used again */
	bool tls;
	int errnum;     /* of a read that failed under our eyes */
	char key[1024]; /* what a request must want to be given this one */
	struct tcp_race_result race;
	struct tcp_stamps stamps;
	struct tls_watch watch;
	struct tls_handshake handshake;
	ns_t event; /* arrival of what is being read now, CLOCK_REALTIME; kernel's if event_stamped */
	bool event_stamped;
};

struct http_client {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer timer;
	struct http_conn *conns;
	struct http_fetch *fetches;
	int busy; /* callbacks of users under way */
	bool doomed;
};

struct http_fetch {
	struct http_client *client;
	struct http_fetch *next;
	http_fn *fn;
	void *arg;
	http_body_fn *body_fn;
	void *body_arg;
	struct loop_timer kick, deadline;
	ns_t patience;

	/* what is asked for */
	struct http_url url;
	struct http_proxy proxy;
	bool proxied, insecure, new_connection;
	char *url_text, *method, *body, *ca_file, *interface;
	size_t body_length;
	struct curl_slist *headers, *connect_to;
	struct addr addrs[TCP_RACE_MAX];
	size_t addr_count;
	int family;
	uint32_t mss;
	enum http_version version;
	uint64_t max_body;
	char key[1024];

	/* the way there */
	struct resolve *resolve;
	struct tcp_race *race;
	struct http_conn *prepared; /* connected, not yet taken by libcurl */
	struct http_conn *conn;     /* in use */
	CURL *easy;
	char curl_error[CURL_ERROR_SIZE];

	/* what happened */
	struct tcp_stamps stamps;
	struct tls_trace trace;
	struct http_exchange ex;
	struct arrival_watch arrival;
	struct buf head;
	bool head_complete, requested, request_fixed, stopped, need_connect, refused_certificate;
	bool head_too_big, timed_out;
	uint64_t request_end; /* stream offset behind the request; 0: the last write counts */
	uint32_t before_last; /* last stamp before the request */
	bool had_stamps;
	ns_t first_event; /* CLOCK_REALTIME of the first arrival after the request */
	bool first_event_stamped;
	ns_t real_offset;
};

/* --- client --- */
struct http_conn *http_conn_of_fd(struct http_client *client, int fd);
struct http_conn *http_conn_new(struct http_client *client, const struct tcp_race_result *race, bool tls,
				const char *key);
/* An idle connection that fits and is alive, or NULL. */
struct http_conn *http_conn_find(struct http_client *client, const struct http_fetch *fetch);
/* Ends it: for connections that libcurl does not own. */
void http_conn_close(struct http_conn *conn);

/* --- easy --- */
/* Makes and sets up fetch->easy. Returns 0, or -1 with err. */
int http_easy_prepare(struct http_fetch *fetch, bool fresh, struct error *err);

/* --- fetch --- */
/* libcurl is done with it. */
void http_fetch_done(struct http_fetch *fetch, CURLcode code);
/* After every step of libcurl. */
void http_fetch_stepped(struct http_fetch *fetch);
void http_fetch_free(struct http_fetch *fetch);

/* --- report --- */
/* Takes over from the connection what will be told, before it is closed or used by another. */
void http_report_leave(struct http_fetch *fetch);
void http_report_fill(struct http_fetch *fetch);
/* The sentence for what ended it, by libcurl's code and what we saw. */
void http_report_error(struct http_fetch *fetch, CURLcode code);

#endif
