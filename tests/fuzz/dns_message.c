/* Any bytes as a DNS message: decode, and print every record into buffers of every kind of size. */
#include "wire/dns_message.h"

#include <stdlib.h>
#include <string.h>

/* Not assert: the corpus is replayed in release builds, too. */
#define must(what) ((what) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct dns_message *message = dns_message_parse(data, size, &err);
	if (!message) {
		must(error_is_set(&err) && err.message[0]);
		return 0;
	}
	struct dns_question question = { .name = { .length = 1 }, .type = 1, .class_ = 1 };
	dns_answer_mismatch(message, message->id, &question);
	for (int section = 0; section < DNS_SECTIONS; section++)
		for (size_t i = 0; i < message->counts[section]; i++) {
			static char large[300000];
			char small[7];
			const struct dns_record *record = &message->records[section][i];
			size_t needed = dns_record_text(message, record, large, sizeof large);
			must(needed < sizeof large && strlen(large) == needed);
			must(dns_record_text(message, record, small, sizeof small) == needed);
			must(strncmp(small, large, sizeof small - 1) == 0);
			needed = dns_record_text_split(message, record, large, sizeof large);
			must(needed < sizeof large && strlen(large) == needed);
			needed = dns_record_text_lines(message, record, 8, large, sizeof large);
			must(needed < sizeof large && strlen(large) == needed);
			/* What is printed as a name reads as the same name. */
			struct dns_name name;
			char again[DNS_NAME_TEXT_MAX];
			must(dns_name_parse(record->name, &name, NULL) == 0);
			dns_name_format(&name, again);
			must(strcmp(again, record->name) == 0);
		}
	struct dns_option option;
	char text[64];
	for (size_t at = 0; dns_option_next(message, &at, &option);)
		must(option.data >= message->wire && option.data + option.length <= message->wire + message->length &&
		     (dns_option_text(&option, text, sizeof text), strlen(text) < sizeof text));
	dns_message_free(message);
	return 0;
}
