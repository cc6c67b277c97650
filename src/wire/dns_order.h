/* Domain names as a tree: order, ancestry and labels, as DNSSEC compares them (RFC 4034 6.1, RFC 4343). */
#ifndef WIRE_DNS_ORDER_H
#define WIRE_DNS_ORDER_H

#include "wire/dns_name.h"

/* ASCII letters to lower case, in place (RFC 4034 6.2). */
void dns_name_lower(struct dns_name *name);

/* Canonical order (RFC 4034 6.1): < 0, 0 or > 0. */
int dns_name_compare(const struct dns_name *a, const struct dns_name *b);

/* True when name is zone or below it. */
bool dns_name_within(const struct dns_name *name, const struct dns_name *zone);

/* The last `labels` labels of name; the whole name when it has no more. */
void dns_name_suffix(const struct dns_name *name, unsigned labels, struct dns_name *out);

/* How many labels the two have in common, counted from the root. */
unsigned dns_name_common(const struct dns_name *a, const struct dns_name *b);

/* label before name. Returns false when that is too long for a name. */
bool dns_name_prepend(const void *label, size_t length, const struct dns_name *name, struct dns_name *out);

#endif
