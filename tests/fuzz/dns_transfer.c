/* Zone transfers as a stream: lengths and messages, as TCP brings them. However they come, the course ends or asks for more. */
#include "net/dns/transfer.h"

#include <stdlib.h>
#include <string.h>

/* Not assert: the corpus is replayed in release builds, too. */
#define must(what) ((what) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* First octet: IXFR or AXFR. Then messages, each behind two octets of length. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_question question = { .class_ = 1 };
	struct dns_transfer transfer;
	if (size < 1)
		return 0;
	question.type = data[0] & 1 ? 251 : 252;
	must(dns_name_parse("z.lab", &question.name, NULL) == 0);
	dns_transfer_begin(&transfer, &question, data[0]);
	data++;
	size--;
	while (size >= 2) {
		size_t length = (size_t)data[0] << 8 | data[1];
		length = length < size - 2 ? length : size - 2;
		struct dns_message *message = dns_message_parse(data + 2, length, NULL);
		data += 2 + length;
		size -= 2 + length;
		if (!message)
			return 0;
		const char *why;
		size_t before = transfer.records;
		enum dns_transfer_step step = dns_transfer_take(&transfer, message, &why);
		must((step == DNS_TRANSFER_WRONG) == (why != NULL));
		must(transfer.records >= before && transfer.records - before <= message->counts[DNS_ANSWER]);
		dns_message_free(message);
		if (step != DNS_TRANSFER_MORE)
			return 0;
	}
	return 0;
}
