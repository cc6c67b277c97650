/* Two messages from outside, one with a zone's keys and one with an answer: sets, signatures, delegation signers and proofs. The first two
 * octets are the length of the first. */
#include "net/dns/dnssec.h"

#include <stdlib.h>
#include <string.h>

#define must(what) ((what) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1795544352 };

static void judge(const struct dns_message *keys_in, const struct dns_message *answer)
{
	struct dns_name zone = { .length = 1 }, name;
	struct dnssec_finding found;
	struct rrset keys, signatures, ds;
	if (keys_in->counts[DNS_QUESTION])
		rrset_owner(&keys_in->records[DNS_QUESTION][0], &zone);
	rrset_take(keys_in, DNS_ANSWER, &zone, RR_DNSKEY, &keys);
	rrset_take(keys_in, DNS_ANSWER, &zone, RR_RRSIG, &signatures);
	rrset_take(answer, DNS_AUTHORITY, &zone, RR_DS, &ds);
	dnssec_verify(&keys, &signatures, &keys, &zone, NOW, &found);
	dnssec_keys_verify(&zone, &ds, &keys, &signatures, NOW, &found);
	for (int section = DNS_ANSWER; section < DNS_SECTIONS; section++)
		for (size_t i = 0; i < answer->counts[section] && i < 8; i++) {
			const struct dns_record *record = &answer->records[section][i];
			rrset_owner(record, &name);
			dnssec_verify_in(answer, (enum dns_section)section, &name, record->type, &keys, &zone,
					 NOW, &found);
		}
	if (answer->counts[DNS_QUESTION]) {
		rrset_owner(&answer->records[DNS_QUESTION][0], &name);
		for (int what = DENY_NAME; what <= DENY_CLOSER; what++) {
			dnssec_deny(answer, (enum dnssec_denial)what, &name,
				    answer->records[DNS_QUESTION][0].type, 2, &keys, &zone, NOW, &found);
			must(strlen(found.says) < sizeof found.says);
		}
	}
	rrset_release(&keys);
	rrset_release(&signatures);
	rrset_release(&ds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	size_t first = (size_t)(data[0] << 8 | data[1]);
	if (first > size - 2)
		first = size - 2;
	struct dns_message *keys = dns_message_parse(data + 2, first, NULL);
	struct dns_message *answer = dns_message_parse(data + 2 + first, size - 2 - first, NULL);
	if (keys && answer)
		judge(keys, answer);
	dns_message_free(keys);
	dns_message_free(answer);
	return 0;
}
