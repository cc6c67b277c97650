/* International names: what a person writes to what DNS carries. */
#ifndef NET_DNS_IDN_H
#define NET_DNS_IDN_H

#include "ntsh/error.h"

/* Something in it is beyond ASCII. */
bool dns_idn_is_needed(const char *name);

/* "bücher.example" to "xn--bcher-kva.example" (IDNA 2008), to be freed. NULL with err: no IDN, or libidn2 is not installed. */
char *dns_idn_to_ascii(const char *name, struct error *err);

#endif
