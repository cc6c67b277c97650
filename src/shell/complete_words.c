#include "shell/complete_words.h"

#include "ntsh/pages.h"

#include <stdio.h>
#include <string.h>

void complete_dns_types(struct complete *out)
{
	/* IANA "DNS parameters", those that people ask for. */
	static const char *const types[][2] = {
		{ "A", "IPv4 address" },
		{ "AAAA", "IPv6 address" },
		{ "ANY", "all that the server likes to tell (RFC 8482)" },
		{ "AXFR", "the whole zone" },
		{ "CAA", "who may issue certificates" },
		{ "CDNSKEY", "key for the parent" },
		{ "CDS", "signer for the parent" },
		{ "CNAME", "alias" },
		{ "DNAME", "alias of a whole tree" },
		{ "DNSKEY", "key of the zone" },
		{ "DS", "the parent's word for the zone's key" },
		{ "HINFO", "machine" },
		{ "HTTPS", "how to reach the web service" },
		{ "IXFR", "changes of the zone" },
		{ "LOC", "place" },
		{ "MX", "mail servers" },
		{ "NAPTR", "rewriting rule (ENUM, SIP)" },
		{ "NS", "name servers" },
		{ "NSEC", "proof that nothing lies between" },
		{ "NSEC3", "the same, hashed" },
		{ "NSEC3PARAM", "parameters of NSEC3" },
		{ "OPENPGPKEY", "OpenPGP key" },
		{ "PTR", "name of an address" },
		{ "RRSIG", "signature" },
		{ "SMIMEA", "S/MIME certificate" },
		{ "SOA", "serial, timers, who is responsible" },
		{ "SRV", "host and port of a service" },
		{ "SSHFP", "fingerprint of an SSH key" },
		{ "SVCB", "how to reach a service" },
		{ "TLSA", "certificate of a service (DANE)" },
		{ "TXT", "text: SPF, DKIM, proofs of ownership" },
		{ "URI", "URI of a service" },
	};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		complete_add(out, types[i][0], types[i][1]);
}

/* The summary of a page's front matter; NULL when it has none. */
static const char *complete_page_summary(const struct page *page, char *buf, size_t size)
{
	static const char key[] = "\nsummary: ";
	const char *at = memmem(page->begin, (size_t)(page->end - page->begin), key, sizeof key - 1);
	if (!at)
		return NULL;
	at += sizeof key - 1;
	const char *end = memchr(at, '\n', (size_t)(page->end - at));
	snprintf(buf, size, "%.*s", (int)((end ? end : page->end) - at), at);
	return buf;
}

void complete_pages(struct complete *out)
{
	for (size_t i = 0; i < page_count; i++) {
		char summary[160], name[64];
		const char *begin = page_registry[i].name;
		if (strncmp(begin, "topics/", 7) == 0)
			begin += 7;
		snprintf(name, sizeof name, "%s", begin);
		for (char *underscore = name;
		     begin == page_registry[i].name && (underscore = strchr(underscore, '_'));)
			*underscore = ' ';
		complete_add(out, name, complete_page_summary(&page_registry[i], summary, sizeof summary));
	}
}
