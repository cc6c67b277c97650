/* What an authority's answer means to the one who walks down from the root: pure. */
#ifndef NET_DNS_REFERRAL_H
#define NET_DNS_REFERRAL_H

#include "net/dns/rrset.h"
#include "ntsh/dns_trace.h"

/* Judges an answer of a server of zone to the question for name and type (RFC 1034 4.3.2, 5.3.3). cut: the zone that a referral leads to;
 * target: where an alias leads. */
enum walk_reply referral_judge(const struct dns_message *message, const struct dns_name *zone,
			       const struct dns_name *name, uint16_t type, struct dns_name *cut,
			       struct dns_name *target);

/* The zone that the answer's data comes from, as far as it can be told: the signer, else the owner of SOA or NS. Returns false when
 * nothing tells, or when it is not within `zone`. */
bool referral_apex(const struct dns_message *message, const struct dns_name *zone,
		   const struct dns_name *name, struct dns_name *apex);

#endif
