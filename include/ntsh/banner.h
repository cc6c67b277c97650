/* What open ports say: the server's first words, an answer to HTTP, the names in a TLS certificate. Many at once. */
#ifndef NTSH_BANNER_H
#define NTSH_BANNER_H

#include "ntsh/addr.h"
#include "ntsh/loop.h"

enum { BANNER_TEXT_MAX = 256, BANNER_NAMES_MAX = 512 };

struct banner {
	struct addr addr; /* to be filled in: address and port */
	const char *name; /* to be filled in: what the address was looked up from (SNI, Host), or NULL */
	char text
	    [BANNER_TEXT_MAX]; /* the first line (of HTTP: the status and its Server), as it came, NUL-ended; "" for none */
	char tls_version[16];             /* "" when it speaks no TLS */
	char tls_names[BANNER_NAMES_MAX]; /* "www.example.com, example.com" */
};

/* Asks all of them, at most 32 at a time, and runs the loop until that is done. Returns how it ended. */
enum loop_end banners_ask(struct loop *loop, struct banner *banners, size_t count, const char *interface);

#endif
