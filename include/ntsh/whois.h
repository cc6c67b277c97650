/* whois (RFC 3912): a question in one line, an answer in text that nobody has specified. */
#ifndef NTSH_WHOIS_H
#define NTSH_WHOIS_H

#include "ntsh/addr.h"
#include "ntsh/loop.h"

enum { WHOIS_TEXT_MAX = 1 << 20, WHOIS_HOPS_MAX = 6, WHOIS_HOST_MAX = 256, WHOIS_FACTS_MAX = 64 };

/* Something that people look for, found in the text. Points into it: neither ends with NUL. */
struct whois_fact {
	const char *label; /* ours, static: "registrar", "expires" ... */
	const char *value;
	size_t value_length;
};

/* What the text of one server says. Pure; the text is hostile. */
struct whois_reading {
	size_t fact_count;
	struct whois_fact facts[WHOIS_FACTS_MAX];
	char referral[WHOIS_HOST_MAX]; /* another server that knows more, checked; "": none */
	uint16_t referral_port;
	bool missing; /* it says that there is no such thing */
};
void whois_read(const char *text, size_t length, struct whois_reading *out);

/* One server's answer. */
struct whois_hop {
	char host[WHOIS_HOST_MAX];
	struct addr addr; /* AF_UNSPEC when the name has none */
	char query[300];
	char *text; /* owned; NULL: none */
	size_t length;
	bool cut; /* longer than WHOIS_TEXT_MAX, or the time was over in the middle */
	ns_t took;
	struct error error; /* why there is no text */
};

struct whois_request {
	const char *what; /* a name, an address, AS64496 ... */
	const char *host; /* NULL: a server that knows is chosen */
	uint16_t port;    /* 0: 43 */
	int family;
	const char *interface;
	ns_t timeout; /* for each server */
	bool follow;  /* go on to the servers that are named */
};

struct whois_result {
	size_t count;
	struct whois_hop hops[WHOIS_HOPS_MAX];
	struct whois_reading reading;   /* of the last one with a text */
	const struct whois_hop *answer; /* that one, NULL: none */
	char asked[300]; /* what was found at last: a parent when the name itself is not registered */
};

/* Asks, follows, and asks for the parent when a name is not registered itself; the loop runs. Returns 0 when some server gave a text, or
 * -1 with err. Release in both cases. */
int whois_run(struct loop *loop, const struct whois_request *request, struct whois_result *out,
	      struct error *err);
void whois_release(struct whois_result *result);

#endif
