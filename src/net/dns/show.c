#include "ntsh/dns_show.h"

#include "base/buf.h"
#include "ntsh/dns_dig.h"

enum { DATA_MAX = 1 << 18, LINES_MAX = 1 << 30 };
/* dig's columns: time to live, class, type, data. Over several lines they move to the left. */
enum { COLUMN_TTL, COLUMN_CLASS, COLUMN_TYPE, COLUMN_DATA, COLUMNS };
static const size_t columns_full[COLUMNS] = { 24, 32, 40, 48 }, columns_multi[COLUMNS] = { 24, 24, 24, 32 };

static char *data_room(void)
{
	static char data[DATA_MAX];
	return data;
}

void dns_record_put(struct result *r, const struct dns_message *message, const struct dns_record *record)
{
	char type[16], class_[16], *data = data_room();
	dns_record_text(message, record, data, DATA_MAX);
	result_put(r, "name", value_text(record->name));
	result_put(r, "ttl", value_integer(record->ttl));
	result_put(r, "class", value_text(dns_class_name(record->class_, class_)));
	result_put(r, "type", value_text(dns_type_name(record->type, type)));
	result_put(r, "data", value_text(data));
}

void dns_exchange_put(struct result *r, const struct dns_exchange *exchange)
{
	char status[16];
	bool cut = exchange->truncated_first || (exchange->message && exchange->message->tc);
	result_put(r, "status", value_text(dns_exchange_status(exchange, status)));
	result_put(r, "meaning", value_text(dns_exchange_meaning(exchange)));
	result_put(r, "server", value_endpoint(&exchange->server));
	result_put(r, "transport", value_text(dns_transport_name(exchange->transport)));
	result_put(r, "time_ms", value_time(exchange->rtt));
	result_put(r, "clock", value_text(exchange->kernel_stamped ? "kernel" : "program"));
	result_put(r, "tries", value_count((uint64_t)exchange->tries));
	result_put(r, "answer_bytes", value_bytes(exchange->answer_bytes));
	result_put(r, "truncated", value_flag(cut));
	result_put(r, "tls_version", value_text(exchange->tls_version[0] ? exchange->tls_version : NULL));
	result_put(r, "tls_fault", value_text(exchange->tls_fault[0] ? exchange->tls_fault : NULL));
}

static void options_put(struct result *r, const struct dns_message *message, bool shown)
{
	static const struct table table = { .name = "options" };
	struct dns_option option;
	size_t at = 0;
	char name[16], value[1024];
	result_list_open(r, &table);
	while (dns_option_next(message, &at, &option)) {
		bool told = option.code == 3 || option.code == 15; /* NSID and EDE have lines of their own */
		dns_option_text(&option, value, sizeof value);
		result_row_open(r);
		result_put(r, "name", value_text(dns_option_name(option.code, name)));
		result_put(r, "value", value_text(value));
		if (shown && !told)
			result_item(r, "EDNS", TONE_PLAIN, "{name} {value}");
		result_row_close(r);
	}
	result_list_close(r);
}

void dns_message_put(struct result *r, const struct dns_message *message, bool shown)
{
	char flags[64], meaning[256];
	dns_flags_format(message, flags, sizeof flags);
	dns_flags_explain(message, meaning, sizeof meaning);
	result_put(r, "flags", value_text(flags));
	result_put(r, "flags_meaning", value_text(meaning));
	result_put(r, "nsid", value_text(message->nsid[0] ? message->nsid : NULL));
	if (shown)
		result_item(r, "flags", TONE_PLAIN, "{flags}: {flags_meaning}");
	if (shown && message->nsid[0])
		result_item(r, "NSID", TONE_PLAIN, "{nsid}");
	if (message->ede_code >= 0) {
		result_put(r, "ede_code", value_count((uint64_t)message->ede_code));
		result_put(r, "ede_meaning", value_text(dns_ede_meaning(message->ede_code)));
		result_put(r, "ede_text", value_text(message->ede_text[0] ? message->ede_text : NULL));
		if (shown)
			result_item(r, "because", TONE_WARN,
				    "{ede_meaning} (extended error {ede_code}){ede_text?: {ede_text}}");
	}
	if (!message->has_edns)
		return;
	result_put(r, "edns_bytes", value_bytes(message->edns_udp_size));
	options_put(r, message, shown);
}

void dns_others_put(struct result *r, const struct dns_message *message, bool authority, bool additional)
{
	static const struct table table = { .name = "other" };
	result_list_open(r, &table);
	for (int section = DNS_AUTHORITY; message && section < DNS_SECTIONS; section++)
		for (size_t i = 0; i < message->counts[section]; i++) {
			result_row_open(r);
			result_put(r, "section",
				   value_text(section == DNS_AUTHORITY ? "authority" : "additional"));
			dns_record_put(r, message, &message->records[section][i]);
			if (section == DNS_AUTHORITY ? authority : additional)
				result_item(r, "also", TONE_FAINT, "{section}: {name} {ttl} {type} {data}");
			result_row_close(r);
		}
	result_list_close(r);
}

void dns_strays_put(struct result *r, const struct dns_exchange *exchange)
{
	static const struct table table = { .name = "strays" };
	result_list_open(r, &table);
	for (size_t i = 0; i < exchange->stray_count; i++) {
		result_row_open(r);
		result_put(r, "why", value_text(exchange->strays[i].why));
		result_put(r, "from", value_endpoint(&exchange->strays[i].from));
		result_item(r, "stray", TONE_BAD, "a message came from {from} that is no answer: {why}");
		result_row_close(r);
	}
	result_list_close(r);
}

/* dig has tabs here; blanks take us to the same columns, and a tab does not pass the output's escapes. */
static void pad(struct buf *line, size_t begin, size_t to)
{
	size_t column = line->length - begin;
	buf_add_repeat(line, " ", to > column ? to - column : 1);
}

static void line_add(struct buf *out, const struct dns_message *message, const struct dns_record *record,
		     enum dns_lines how, bool whole)
{
	char type[16], class_[16], *data = data_room();
	const size_t *columns = how == DNS_LINES_MULTI ? columns_multi : columns_full;
	size_t begin = out->length;
	if (how == DNS_LINES_MULTI)
		dns_record_text_lines(message, record, (unsigned)columns[COLUMN_DATA], data, DATA_MAX);
	else if (whole)
		dns_record_text(message, record, data, DATA_MAX);
	else
		dns_record_text_split(message, record, data, DATA_MAX);
	if (how != DNS_LINES_SHORT) {
		buf_add_text(out, record->name);
		pad(out, begin, columns[COLUMN_TTL]);
		buf_printf(out, "%u", record->ttl);
		pad(out, begin, columns[COLUMN_CLASS]);
		buf_add_text(out, dns_class_name(record->class_, class_));
		pad(out, begin, columns[COLUMN_TYPE]);
		buf_add_text(out, dns_type_name(record->type, type));
		pad(out, begin, columns[COLUMN_DATA]);
	}
	buf_add_text(out, data);
	buf_add_char(out, '\n');
}

void dns_lines_show(struct result *result, const struct dns_message *message, enum dns_section section,
		    enum dns_lines how, bool whole)
{
	struct buf out = BUF_INIT(LINES_MAX);
	for (size_t i = 0; i < message->counts[section]; i++)
		line_add(&out, message, &message->records[section][i], how, whole);
	if (out.length)
		result_verbatim(result, out.bytes, out.length);
	buf_release(&out);
}
