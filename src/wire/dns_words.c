/* The words for DNS numbers: IANA's "Domain Name System Parameters" registry. */
#include "ntsh/dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct word {
	uint16_t number;
	const char *text;
};

static const struct word types[] = {
	{ 1, "A" },           { 2, "NS" },      { 3, "MD" },         { 4, "MF" },        { 5, "CNAME" },
	{ 6, "SOA" },         { 7, "MB" },      { 8, "MG" },         { 9, "MR" },        { 10, "NULL" },
	{ 11, "WKS" },        { 12, "PTR" },    { 13, "HINFO" },     { 14, "MINFO" },    { 15, "MX" },
	{ 16, "TXT" },        { 17, "RP" },     { 18, "AFSDB" },     { 19, "X25" },      { 20, "ISDN" },
	{ 21, "RT" },         { 22, "NSAP" },   { 23, "NSAP-PTR" },  { 24, "SIG" },      { 25, "KEY" },
	{ 26, "PX" },         { 27, "GPOS" },   { 28, "AAAA" },      { 29, "LOC" },      { 30, "NXT" },
	{ 31, "EID" },        { 32, "NIMLOC" }, { 33, "SRV" },       { 34, "ATMA" },     { 35, "NAPTR" },
	{ 36, "KX" },         { 37, "CERT" },   { 38, "A6" },        { 39, "DNAME" },    { 40, "SINK" },
	{ 41, "OPT" },        { 42, "APL" },    { 43, "DS" },        { 44, "SSHFP" },    { 45, "IPSECKEY" },
	{ 46, "RRSIG" },      { 47, "NSEC" },   { 48, "DNSKEY" },    { 49, "DHCID" },    { 50, "NSEC3" },
	{ 51, "NSEC3PARAM" }, { 52, "TLSA" },   { 53, "SMIMEA" },    { 55, "HIP" },      { 56, "NINFO" },
	{ 57, "RKEY" },       { 58, "TALINK" }, { 59, "CDS" },       { 60, "CDNSKEY" },  { 61, "OPENPGPKEY" },
	{ 62, "CSYNC" },      { 63, "ZONEMD" }, { 64, "SVCB" },      { 65, "HTTPS" },    { 66, "DSYNC" },
	{ 99, "SPF" },        { 100, "UINFO" }, { 101, "UID" },      { 102, "GID" },     { 103, "UNSPEC" },
	{ 104, "NID" },       { 105, "L32" },   { 106, "L64" },      { 107, "LP" },      { 108, "EUI48" },
	{ 109, "EUI64" },     { 249, "TKEY" },  { 250, "TSIG" },     { 251, "IXFR" },    { 252, "AXFR" },
	{ 253, "MAILB" },     { 254, "MAILA" }, { 255, "ANY" },      { 256, "URI" },     { 257, "CAA" },
	{ 258, "AVC" },       { 259, "DOA" },   { 260, "AMTRELAY" }, { 261, "RESINFO" }, { 262, "WALLET" },
	{ 32768, "TA" },      { 32769, "DLV" },
};

const char *const dns_type_words[] = {
	"A",       "AAAA",     "AFSDB", "AMTRELAY", "ANY",        "APL",   "AVC",        "AXFR",   "CAA",
	"CDNSKEY", "CDS",      "CERT",  "CNAME",    "CSYNC",      "DHCID", "DLV",        "DNAME",  "DNSKEY",
	"DS",      "DSYNC",    "EUI48", "EUI64",    "GPOS",       "HINFO", "HIP",        "HTTPS",  "IPSECKEY",
	"ISDN",    "IXFR",     "KEY",   "KX",       "L32",        "L64",   "LOC",        "LP",     "MAILB",
	"MB",      "MG",       "MINFO", "MR",       "MX",         "NAPTR", "NID",        "NINFO",  "NS",
	"NSAP",    "NSAP-PTR", "NSEC",  "NSEC3",    "NSEC3PARAM", "NULL",  "OPENPGPKEY", "PTR",    "PX",
	"RESINFO", "RKEY",     "RP",    "RRSIG",    "RT",         "SIG",   "SMIMEA",     "SOA",    "SPF",
	"SRV",     "SSHFP",    "SVCB",  "TALINK",   "TLSA",       "TXT",   "URI",        "WALLET", "X25",
	"ZONEMD",  NULL,
};

static const struct word classes[] = {
	{ 1, "IN" }, { 3, "CH" }, { 4, "HS" }, { 254, "NONE" }, { 255, "ANY" }
};

static const struct word rcodes[] = {
	{ 0, "NOERROR" },  { 1, "FORMERR" },    { 2, "SERVFAIL" }, { 3, "NXDOMAIN" },  { 4, "NOTIMP" },
	{ 5, "REFUSED" },  { 6, "YXDOMAIN" },   { 7, "YXRRSET" },  { 8, "NXRRSET" },   { 9, "NOTAUTH" },
	{ 10, "NOTZONE" }, { 11, "DSOTYPENI" }, { 16, "BADVERS" }, { 17, "BADKEY" },   { 18, "BADTIME" },
	{ 19, "BADMODE" }, { 20, "BADNAME" },   { 21, "BADALG" },  { 22, "BADTRUNC" }, { 23, "BADCOOKIE" },
};

static const struct word rcode_meanings[] = {
	{ 0, "no error" },
	{ 1, "the server cannot read the question" },
	{ 2, "the server failed to find out" },
	{ 3, "the name does not exist" },
	{ 4, "the server does not do this kind of question" },
	{ 5, "the server refuses to answer us" },
	{ 6, "the name exists when it should not, or a DNAME makes a name too long" },
	{ 7, "the record set exists when it should not" },
	{ 8, "the record set does not exist when it should" },
	{ 9, "the server is not authoritative for the zone, or does not trust us" },
	{ 10, "the name is not in the zone" },
	{ 11, "the server does not do this DNS stateful operation" },
	{ 16, "the server does not do our EDNS version, or our TSIG is wrong" },
	{ 17, "the key is not known to the server" },
	{ 18, "the signature is out of its time: compare the clocks" },
	{ 19, "the TKEY mode is not known to the server" },
	{ 20, "the key name is already in use" },
	{ 21, "the algorithm is not known to the server" },
	{ 22, "the signature is cut too short" },
	{ 23, "the cookie is missing or wrong" },
};

/* RFC 8914 5.2 and what IANA has added since. */
static const struct word edes[] = {
	{ 0, "other error" },
	{ 1, "unsupported DNSKEY algorithm" },
	{ 2, "unsupported DS digest type" },
	{ 3, "stale answer" },
	{ 4, "forged answer" },
	{ 5, "DNSSEC indeterminate" },
	{ 6, "DNSSEC bogus" },
	{ 7, "signature expired" },
	{ 8, "signature not yet valid" },
	{ 9, "DNSKEY missing" },
	{ 10, "RRSIGs missing" },
	{ 11, "no zone key bit set" },
	{ 12, "NSEC missing" },
	{ 13, "cached error" },
	{ 14, "server not ready" },
	{ 15, "blocked by the server's operator" },
	{ 16, "censored by order from outside" },
	{ 17, "filtered as the client asked for" },
	{ 18, "prohibited for this client" },
	{ 19, "stale NXDOMAIN answer" },
	{ 20, "not authoritative" },
	{ 21, "not supported" },
	{ 22, "no reachable authority" },
	{ 23, "network error towards the authority" },
	{ 24, "invalid data at the authority" },
	{ 25, "signature expired before it was valid" },
	{ 26, "too early (0-RTT)" },
	{ 27, "unsupported NSEC3 iterations" },
	{ 28, "unable to conform to policy" },
	{ 29, "synthesized answer" },
	{ 30, "invalid query type" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *word_find(const struct word *words, size_t count, unsigned number)
{
	for (size_t i = 0; i < count; i++)
		if (words[i].number == number)
			return words[i].text;
	return NULL;
}

static const char *word_or_number(const struct word *words, size_t count, unsigned number, const char *prefix,
				  char buf[16])
{
	const char *text = word_find(words, count, number);
	if (text)
		return text;
	snprintf(buf, 16, "%s%u", prefix, number);
	return buf;
}

static int number_find(const struct word *words, size_t count, const char *text, const char *prefix)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(words[i].text, text) == 0)
			return words[i].number;
	size_t length = strlen(prefix);
	if (strncasecmp(text, prefix, length) != 0 || text[length] < '0' || text[length] > '9')
		return -1;
	char *end;
	unsigned long number = strtoul(text + length, &end, 10);
	return *end || number > UINT16_MAX ? -1 : (int)number;
}

const char *dns_type_name(uint16_t type, char buf[16])
{
	return word_or_number(types, COUNT(types), type, "TYPE", buf);
}

int dns_type_parse(const char *text)
{
	return strcmp(text, "*") == 0 ? 255 : number_find(types, COUNT(types), text, "TYPE");
}

const char *dns_class_name(uint16_t class_, char buf[16])
{
	return word_or_number(classes, COUNT(classes), class_, "CLASS", buf);
}

int dns_class_parse(const char *text)
{
	return number_find(classes, COUNT(classes), text, "CLASS");
}

const char *dns_rcode_name(uint16_t rcode, char buf[16])
{
	return word_or_number(rcodes, COUNT(rcodes), rcode, "RCODE", buf);
}

const char *dns_transport_name(enum dns_transport transport)
{
	static const char *const words_of[] = { "UDP", "TCP", "TLS", "HTTPS" };
	return words_of[transport];
}

const char *dns_rcode_meaning(uint16_t rcode)
{
	const char *text = word_find(rcode_meanings, COUNT(rcode_meanings), rcode);
	return text ? text : "an answer code that nobody has defined";
}

const char *dns_ede_meaning(int code)
{
	const char *text = code < 0 ? NULL : word_find(edes, COUNT(edes), (unsigned)code);
	return text ? text : "an extended error that nobody has defined";
}
