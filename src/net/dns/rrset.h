/* Resource record sets in canonical form (RFC 4034 6): what signatures are made over, and what two servers' answers are compared by. */
#ifndef NET_DNS_RRSET_H
#define NET_DNS_RRSET_H

#include "ntsh/dns.h"
#include "wire/dns_order.h"

/* Types that this code has to know by number. */
enum {
	RR_A = 1,
	RR_NS = 2,
	RR_CNAME = 5,
	RR_SOA = 6,
	RR_PTR = 12,
	RR_MX = 15,
	RR_TXT = 16,
	RR_AAAA = 28,
	RR_DNAME = 39,
	RR_DS = 43,
	RR_RRSIG = 46,
	RR_NSEC = 47,
	RR_DNSKEY = 48,
	RR_NSEC3 = 50,
	RR_NSEC3PARAM = 51,
	RR_CDS = 59,
	RR_CDNSKEY = 60,
	RR_ANY = 255,
};

enum { RRSET_MAX = 512 };

/* Data without compression, its names in lower case where RFC 4034 6.2 says so. */
struct rdata {
	uint8_t *bytes;
	uint16_t length;
};

/* Sorted, without duplicates. items belong to the set. */
struct rrset {
	struct dns_name owner; /* in lower case */
	uint16_t type, class_;
	uint32_t ttl; /* the least */
	size_t count;
	struct rdata *items;
};

/* Collects the records of owner and type in a section; those whose data cannot be read are left out, more than RRSET_MAX too. Returns how
 * many there are. Release in any case. */
size_t rrset_take(const struct dns_message *message, enum dns_section section, const struct dns_name *owner,
		  uint16_t type, struct rrset *out);
void rrset_release(struct rrset *set);

/* Adds one record's data (already canonical). */
void rrset_add(struct rrset *set, const void *bytes, size_t length);

/* The owner of a record of a decoded message. */
void rrset_owner(const struct dns_record *record, struct dns_name *out);

/* Same owner, type and data; TTLs may differ. */
bool rrset_equal(const struct rrset *a, const struct rrset *b);

/* A deep copy. */
void rrset_copy(const struct rrset *from, struct rrset *out);

/* The name at `at` of an item's data (uncompressed); false when there is none. */
bool rdata_name(const struct rdata *data, size_t at, struct dns_name *out);

/* A record's data as text, with the name of the item's type. */
void rdata_text(uint16_t type, const struct rdata *data, char *buf, size_t size);

#endif
