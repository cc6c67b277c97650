/* Which name servers there are to ask: given, configured, authoritative. */
#ifndef NTSH_DNS_SERVERS_H
#define NTSH_DNS_SERVERS_H

#include "ntsh/dns.h"
#include "ntsh/option.h"

enum dns_role { DNS_ROLE_GIVEN, DNS_ROLE_CONFIGURED, DNS_ROLE_AUTHORITY };

struct dns_server {
	struct addr addr; /* with port */
	enum dns_role role;
	char name[DNS_NAME_TEXT_MAX]; /* of an authority or a server given by name, else "" */
};

/* Grows; zero it first. An address comes in once. */
struct dns_servers {
	struct dns_server *items;
	size_t count;
	char zone[DNS_NAME_TEXT_MAX]; /* whose authorities they are, else "" */
};

enum { DNS_SERVERS_MAX = 64 };

/* Adds those that the user wrote (ADDRESS or NAME, with :PORT or not; names are looked up, the loop runs). port 0: 53. Returns 0, or -1
 * with err. */
int dns_servers_given(struct loop *loop, const struct option_list *texts, uint16_t port, int family,
		      struct dns_servers *out, struct error *err);

/* Adds those of resolv.conf. Returns 0, or -1 with err. */
int dns_servers_configured(struct dns_servers *out, struct error *err);

/* Adds all addresses of all name servers of the zone that name is in, as the first configured server that answers tells them; the
 * loop runs. Returns 0, or -1 with err (STATUS_BAD: nobody knows). */
int dns_servers_authorities(struct loop *loop, const char *name, int family, struct dns_servers *out,
			    struct error *err);

const char *dns_role_name(enum dns_role role); /* "given", "resolv.conf", "authority" */
void dns_servers_release(struct dns_servers *servers);

#endif
