#include "shell/expect_value.h"

#include "base/units.h"

#include <math.h>
#include <regex.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 64 };

const char *expect_operator_text(enum expect_operator operator)
{
	static const char *const texts[] = { "", "==", "!=", "<", "<=", ">", ">=", "~", "!~" };
	return texts[operator];
}

enum value_kind expect_name_kind(const char *name, size_t length)
{
	static const struct {
		const char *suffix;
		enum value_kind kind;
	} units[] = {
		{ "_ms", KIND_TIME },         { "_bytes", KIND_BYTES },     { "_bps", KIND_BIT_RATE },
		{ "_percent", KIND_PERCENT }, { "_pps", KIND_PACKET_RATE }, { "_s", KIND_SECONDS },
		{ "_seconds", KIND_SECONDS },
	};
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		size_t size = strlen(units[i].suffix);
		if (length > size && !memcmp(name + length - size, units[i].suffix, size))
			return units[i].kind;
	}
	return KIND_NONE;
}

/* A plain number, all of text. */
static bool read_plain(const char *text, double *out)
{
	char *end;
	*out = strtod(text, &end);
	return end != text && !*end && isfinite(*out) && strspn(text, "+-.0123456789eE") == strlen(text);
}

/* text without one of the endings, read as a count with k, M, G. */
static bool read_scaled(const char *text, const char *const *endings, double *out)
{
	char number[NUMBER_MAX];
	size_t length = strlen(text);
	for (; *endings; endings++) {
		size_t size = strlen(*endings);
		if (length > size && !strcmp(text + length - size, *endings)) {
			length -= size;
			break;
		}
	}
	while (length && text[length - 1] == ' ')
		length--;
	if (!length || length >= sizeof number)
		return false;
	memcpy(number, text, length);
	number[length] = '\0';
	if (read_plain(number, out))
		return true;
	int64_t count;
	if (units_read_count(number, &count))
		return false;
	*out = (double)count;
	return true;
}

/* The expected text as a number in the unit of kind. */
static bool read_expected(const char *text, enum value_kind kind, double *out)
{
	static const char *const bits[] = { "bit/s", "bits/s", "bps", "b/s", "bit", NULL };
	static const char *const packets[] = { "packets/s", "pps", "p/s", "/s", NULL };
	static const char *const percents[] = { "%", NULL };
	static const char *const none[] = { NULL };
	int64_t whole;
	ns_t ns;
	if (read_plain(text, out))
		return true;
	switch (kind) {
	case KIND_TIME:
	case KIND_SECONDS:
		if (units_read_duration(text, &ns))
			return false;
		*out = (double)ns / (double)(kind == KIND_TIME ? NS_PER_MS : NS_PER_S);
		return true;
	case KIND_BYTES:
		if (units_read_bytes(text, &whole))
			return false;
		*out = (double)whole;
		return true;
	case KIND_BIT_RATE:
		return read_scaled(text, bits, out);
	case KIND_PACKET_RATE:
		return read_scaled(text, packets, out);
	case KIND_PERCENT:
		return read_scaled(text, percents, out);
	default:
		return read_scaled(text, none, out);
	}
}

static bool order_holds(int order, enum expect_operator operator)
{
	switch (operator) {
	case EXPECT_EQUAL:
		return order == 0;
	case EXPECT_UNEQUAL:
		return order != 0;
	case EXPECT_LESS:
		return order < 0;
	case EXPECT_AT_MOST:
		return order <= 0;
	case EXPECT_MORE:
		return order > 0;
	case EXPECT_AT_LEAST:
		return order >= 0;
	default:
		return false;
	}
}

static int compare_number(double measured, enum value_kind kind, enum expect_operator operator,
			  const char * expected, struct error *err)
{
	static const char *const examples[] = {
		[KIND_TIME] = "write 50ms or 1.5s",
		[KIND_SECONDS] = "write 300s or 5m",
		[KIND_BYTES] = "write 1500 or 64K",
		[KIND_BIT_RATE] = "write 100Mbit/s",
		[KIND_PACKET_RATE] = "write 5kpps",
		[KIND_PERCENT] = "write 1%",
		[KIND_ENDPOINT] = NULL,
	};
	double number;
	if (!read_expected(expected, kind, &number)) {
		const char *example = examples[kind] ? examples[kind] : "write a number without unit";
		error_set(err, STATUS_USAGE, "EUSAGE", example,
			  "a number was measured, and \"%s\" is none of its kind", expected);
		return -1;
	}
	return order_holds((measured > number) - (measured < number), operator);
}

static int match(const struct json *measured, const char *pattern, struct error *err)
{
	regex_t regex;
	int code = regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB);
	if (code) {
		char why[128];
		regerror(code, &regex, why, sizeof why);
		error_set(err, STATUS_USAGE, "EUSAGE", "~ takes a POSIX extended regular expression",
			  "\"%s\": %s", pattern, why);
		return -1;
	}
	bool found = !regexec(&regex, measured->text ? measured->text : "", 0, NULL, 0);
	regfree(&regex);
	return found;
}

/* true and false, and what people write for them. */
static int read_flag(const char *text)
{
	static const char *const words[][3] = { { "false", "no", "0" }, { "true", "yes", "1" } };
	for (int value = 0; value < 2; value++)
		for (int i = 0; i < 3; i++)
			if (!strcmp(text, words[value][i]))
				return value;
	return -1;
}

static int compare_text(const struct json *measured, enum expect_operator operator, const char * expected,
			struct error *err)
{
	double a, b;
	if (operator== EXPECT_EQUAL || operator== EXPECT_UNEQUAL)
		return order_holds(strcmp(measured->text, expected), operator);
	if (read_plain(measured->text, &a) && read_plain(expected, &b))
		return order_holds((a > b) - (a < b), operator);
	/* dates (RFC 3339, UTC) order as they are written */
	size_t length = strlen("2026-11-20T");
	if (strlen(measured->text) > length && measured->text[length - 1] == 'T' && measured->text[4] == '-')
		return order_holds(strcmp(measured->text, expected), operator);
	error_set(err, STATUS_USAGE, "EUSAGE", "use == != or ~", "text has no order: \"%s\" was measured",
		  measured->text);
	return -1;
}

int expect_compare(const struct json *measured, enum value_kind kind, enum expect_operator operator,
		   const char * expected, struct error *err)
{
	if (operator== EXPECT_MATCH || operator== EXPECT_NO_MATCH) {
		int found = match(measured, expected, err);
		return found < 0 ? -1 : found == (operator== EXPECT_MATCH);
	}
	bool equality = operator== EXPECT_EQUAL || operator== EXPECT_UNEQUAL;
	bool none = !strcmp(expected, "none") || !strcmp(expected, "null");
	switch (measured->kind) {
	case JSON_NUMBER:
		if (none && equality)
			return operator== EXPECT_UNEQUAL;
		return compare_number(measured->number, kind, operator, expected, err);
	case JSON_TEXT:
		return compare_text(measured, operator, expected, err);
	case JSON_TRUE:
	case JSON_FALSE:
		if (!equality || read_flag(expected) < 0)
			return error_set(err, STATUS_USAGE, "EUSAGE", "write == true or == false",
					 "this is a flag, not \"%s\"", expected);
		return order_holds(read_flag(expected) - (measured->kind == JSON_TRUE), operator);
	case JSON_NULL:
		return equality && none == (operator== EXPECT_EQUAL);
	default:
		return error_set(err, STATUS_USAGE, "EUSAGE",
				 "count(...) counts its members, .name or [0] takes one",
				 "this is a list or an object");
	}
}

void expect_show(struct buf *buf, const struct json *measured, enum value_kind kind)
{
	static const char *const units[] = {
		[KIND_TIME] = " ms",
		[KIND_SECONDS] = " s",
		[KIND_BYTES] = " bytes",
		[KIND_BIT_RATE] = " bit/s",
		[KIND_PACKET_RATE] = " packets/s",
		[KIND_PERCENT] = " %",
		[KIND_ENDPOINT] = NULL,
	};
	switch (measured->kind) {
	case JSON_NULL:
		buf_add_text(buf, "none");
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		buf_add_text(buf, measured->kind == JSON_TRUE ? "true" : "false");
		break;
	case JSON_NUMBER:
		buf_printf(buf, "%s%s", measured->text, units[kind] ? units[kind] : "");
		break;
	case JSON_TEXT:
		buf_add(buf, measured->text, measured->length);
		break;
	default:
		buf_printf(buf, measured->kind == JSON_ARRAY ? "a list of %zu" : "an object of %zu",
			   measured->count);
	}
}
