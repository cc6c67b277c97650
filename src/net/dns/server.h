/* Name servers as people write them: ADDRESS, NAME, either with :PORT or #PORT. */
#ifndef NET_DNS_SERVER_H
#define NET_DNS_SERVER_H

#include "ntsh/dns.h"

/* 53, 853 (RFC 7858) or 443 (RFC 8484). */
uint16_t dns_transport_port(enum dns_transport transport);

/* The text is not an address. */
bool dns_server_is_name(const char *text);

/* Finds the address; a name is looked up (the loop runs). port is for texts without one. *name: the host as it was written when it is no
 * plain address, to be freed in any case, else NULL. Returns 0, or -1 with err. */
int dns_server_find(struct loop *loop, const char *text, uint16_t port, int family, struct addr *out,
		    char **name, struct error *err);

#endif
