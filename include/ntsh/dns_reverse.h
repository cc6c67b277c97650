/* Addresses back to names, and those forward again: a name counts when it leads back to the address (FCrDNS, RFC 1912 2.1). */
#ifndef NTSH_DNS_REVERSE_H
#define NTSH_DNS_REVERSE_H

#include "ntsh/dns_batch.h"
#include "ntsh/dns_servers.h"

enum { DNS_REVERSE_MAX = 65536, DNS_REVERSE_NAMES_MAX = 16 };

/* Adds the addresses of "ADDRESS", "PREFIX" (192.0.2.0/24, 2001:db8::/120; host addresses of IPv4 networks up to /31 without network and
 * broadcast) to *list, which grows by mem_resize. Returns 0, or -1 with err (too many: beyond DNS_REVERSE_MAX). */
int dns_reverse_expand(const char *text, struct addr **list, size_t *count, struct error *err);

struct dns_reverse_name {
	char name[DNS_NAME_TEXT_MAX];
	bool confirmed;     /* it has the address */
	bool failed;        /* it could not be asked for */
	char forward[1024]; /* the addresses that it has, ", " between them */
};

struct dns_reverse {
	struct addr addr;
	char status[16]; /* of the reverse question: NOERROR, NXDOMAIN, TIMEOUT ... */
	char meaning[256];
	bool answered; /* some server answered the reverse question */
	ns_t rtt;
	size_t count; /* names, at most DNS_REVERSE_NAMES_MAX */
	struct dns_reverse_name *names;
};

/* Asks for the names of all, then for the addresses of all names. *out: one for each address, to be given back with dns_reverse_release. request: all but name, type and server. The loop
 * runs. */
enum loop_end dns_reverse_run(struct loop *loop, const struct dns_request *request,
			      const struct dns_servers *servers, const struct addr *addrs, size_t count,
			      struct dns_reverse **out, struct error *err);
void dns_reverse_release(struct dns_reverse *results, size_t count);

#endif
