#include "net/dns/transfer.h"

#include "wire/bytes.h"

enum { TYPE_SOA = 6, TYPE_IXFR = 251 };

void dns_transfer_begin(struct dns_transfer *transfer, const struct dns_question *question, uint32_t serial)
{
	*transfer = (struct dns_transfer){ .zone = question->name,
					   .ours = serial,
					   .incremental = question->type == TYPE_IXFR };
}

/* The serial of a SOA record of the zone; false for anything else. */
static bool soa_serial(const struct dns_transfer *transfer, const struct dns_message *message,
		       const struct dns_record *record, uint32_t *serial)
{
	struct dns_name name;
	if (record->type != TYPE_SOA || dns_name_parse(record->name, &name, NULL) < 0 ||
	    !dns_name_equal(&name, &transfer->zone))
		return false;
	size_t offset = (size_t)(record->rdata - message->wire), end = offset + record->rdata_length;
	if (dns_name_read(message->wire, end, &offset, &name) ||
	    dns_name_read(message->wire, end, &offset, &name))
		return false;
	struct bytes_reader reader = bytes_reader_of(message->wire + offset, end - offset);
	*serial = bytes_u32(&reader);
	return !reader.short_;
}

/* A SOA after the first record. Returns true when it ends the transfer. */
static bool soa_ends(struct dns_transfer *transfer, uint32_t serial)
{
	if (transfer->incremental && transfer->records == 1 && serial != transfer->serial) {
		transfer->differences = true;
		return false;
	}
	if (!transfer->differences)
		return true;
	/* Each difference is the old SOA and what goes, the new SOA and what comes. */
	if (transfer->adding && serial == transfer->serial)
		return true;
	transfer->adding = !transfer->adding;
	return false;
}

/* RFC 1982: a is not newer than b. */
static bool serial_not_newer(uint32_t a, uint32_t b)
{
	return a == b || (int32_t)(a - b) < 0;
}

enum dns_transfer_step dns_transfer_take(struct dns_transfer *transfer, const struct dns_message *message,
					 const char **why)
{
	transfer->messages++;
	*why = NULL;
	if (message->rcode)
		return DNS_TRANSFER_DONE;
	size_t count = message->counts[DNS_ANSWER];
	for (size_t i = 0; i < count; i++, transfer->records++) {
		uint32_t serial;
		bool soa = soa_serial(transfer, message, &message->records[DNS_ANSWER][i], &serial);
		if (transfer->records == 0) {
			if (!soa) {
				*why = "the transfer does not begin with the zone's SOA";
				return DNS_TRANSFER_WRONG;
			}
			transfer->serial = serial;
		} else if (soa && soa_ends(transfer, serial)) {
			transfer->records++;
			if (i + 1 == count)
				return DNS_TRANSFER_DONE;
			*why = "records follow behind the SOA that ends the transfer";
			return DNS_TRANSFER_WRONG;
		}
	}
	if (!transfer->records) {
		*why = "the transfer has no record";
		return DNS_TRANSFER_WRONG;
	}
	/* One SOA alone answers IXFR: there is nothing newer (RFC 1995 4). */
	if (transfer->incremental && transfer->records == 1 &&
	    serial_not_newer(transfer->serial, transfer->ours))
		return DNS_TRANSFER_DONE;
	return DNS_TRANSFER_MORE;
}
