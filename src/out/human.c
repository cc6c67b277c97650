#include "out/human.h"

#include "base/text.h"
#include "base/units.h"

#include <string.h>

static const char *human_format(const struct value *value, bool utf8, char buf[ADDR_TEXT_MAX])
{
	switch (value->kind) {
	case KIND_NONE:
	case KIND_TEXT:
		return "-";
	case KIND_COUNT:
		return units_format_count(value->count, buf);
	case KIND_INTEGER:
	case KIND_REAL:
		return units_format_real(value->real, buf);
	case KIND_FLAG:
		return value->flag ? "yes" : "no";
	case KIND_TIME:
		return units_format_time(value->ns, utf8, buf);
	case KIND_SECONDS:
		return units_format_seconds(value->count, buf);
	case KIND_DATE:
		return units_format_date(value->ns, buf);
	case KIND_BYTES:
		return units_format_bytes(value->count, buf);
	case KIND_PERCENT:
		return units_format_percent(value->real, buf);
	case KIND_BIT_RATE:
		return units_format_rate(value->real, "bit/s", buf);
	case KIND_PACKET_RATE:
		return units_format_rate(value->real, "pkt/s", buf);
	case KIND_ADDRESS:
		return addr_format(&value->addr, buf);
	case KIND_ENDPOINT:
		return addr_format_port(&value->addr, buf);
	}
	return "?";
}

/* printf takes longer for it than everything else in a row of a table. */
static void add_integer(struct buf *out, int64_t integer)
{
	char digits[24];
	size_t at = sizeof digits;
	uint64_t rest = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (integer < 0)
		digits[--at] = '-';
	buf_add(out, digits + at, sizeof digits - at);
}

void human_add(struct buf *out, const struct value *value, bool utf8)
{
	char buf[ADDR_TEXT_MAX];
	if (value->kind == KIND_TEXT)
		text_add_escaped(out, value->text.bytes, value->text.length, utf8);
	else if (value->kind == KIND_INTEGER)
		add_integer(out, value->integer);
	else
		buf_add_text(out, human_format(value, utf8, buf));
}

double human_amount(const struct value *value)
{
	switch (value->kind) {
	case KIND_COUNT:
	case KIND_SECONDS:
	case KIND_BYTES:
		return (double)value->count;
	case KIND_INTEGER:
		return (double)value->integer;
	case KIND_TIME:
		return (double)value->ns;
	case KIND_REAL:
	case KIND_PERCENT:
	case KIND_BIT_RATE:
	case KIND_PACKET_RATE:
		return value->real;
	default:
		return 0;
	}
}

bool human_is_shown(const struct value *value)
{
	switch (value->kind) {
	case KIND_NONE:
		return false;
	case KIND_TEXT:
		return value->text.length > 0;
	case KIND_FLAG:
		return value->flag;
	case KIND_ADDRESS:
	case KIND_ENDPOINT:
	case KIND_DATE:
		return true;
	default:
		return human_amount(value) < 0 || human_amount(value) > 0;
	}
}

bool human_is_ascii(const struct value *value)
{
	switch (value->kind) {
	case KIND_COUNT:
	case KIND_INTEGER:
	case KIND_BYTES:
	case KIND_FLAG:
	case KIND_NONE:
		return true;
	case KIND_ADDRESS:
	case KIND_ENDPOINT:
		return !value->addr.zone; /* an interface may have any name */
	default:
		return false;
	}
}
