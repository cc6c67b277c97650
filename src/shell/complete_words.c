#include "shell/complete_words.h"

#include "ntsh/help.h"

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

void complete_pages(struct complete *out, const char *before)
{
	struct help_entry entry;
	size_t length = strlen(before);
	for (size_t i = 0; help_entry(i, &entry); i++) {
		if (strncmp(entry.name, before, length) != 0)
			continue;
		char *word = entry.name + length, *blank = strchr(word, ' ');
		if (blank)
			*blank = '\0';
		complete_add(out, word, blank ? "..." : entry.summary);
	}
}

/* "### ECONNREFUSED  Connection refused | ..." */
static void complete_heading(struct complete *out, const char *line, size_t length)
{
	char name[HELP_TEXT_MAX], note[HELP_TEXT_MAX];
	size_t end = 0;
	while (end < length && line[end] != ' ' && line[end] != '|')
		end++;
	size_t begin = end;
	while (begin < length && line[begin] == ' ')
		begin++;
	const char *bar = memchr(line + begin, '|', length - begin);
	size_t stop = bar ? (size_t)(bar - line) : length;
	while (stop > begin && line[stop - 1] == ' ')
		stop--;
	snprintf(name, sizeof name, "%.*s", (int)end, line);
	snprintf(note, sizeof note, "%.*s", (int)(stop - begin), line + begin);
	/* A heading in plain words has no name that one would type. */
	if (begin - end >= 2 || begin == length || bar == line + begin)
		complete_add(out, name, note);
}

void complete_explained(struct complete *out)
{
	static const char mark[] = "\n### ";
	struct help_entry entry;
	for (size_t i = 0; help_entry(i, &entry); i++) {
		const char *at = entry.page->begin, *end = entry.page->end;
		while (entry.topic && (at = memmem(at, (size_t)(end - at), mark, sizeof mark - 1))) {
			at += sizeof mark - 1;
			const char *stop = memchr(at, '\n', (size_t)(end - at));
			complete_heading(out, at, (size_t)((stop ? stop : end) - at));
		}
	}
}
