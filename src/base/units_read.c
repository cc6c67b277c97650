#include "base/units.h"

#include <string.h>

/* A decimal number: whole + fraction / scale. */
struct decimal {
	uint64_t whole, fraction, scale;
	bool negative;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads digits with an optional fraction; *at moves behind them. */
static int decimal_read(const char **at, struct decimal *out)
{
	const char *p = *at;
	*out = (struct decimal){ .scale = 1 };
	if (!is_digit(*p) && !(*p == '.' && is_digit(p[1])))
		return UNITS_SYNTAX;
	bool overflow = false;
	for (; is_digit(*p); p++)
		overflow |= __builtin_mul_overflow(out->whole, 10, &out->whole) ||
			    __builtin_add_overflow(out->whole, (uint64_t)(*p - '0'), &out->whole);
	if (*p == '.') {
		for (p++; is_digit(*p); p++) {
			if (out->scale >= 1000000000000000)
				continue;
			out->fraction = out->fraction * 10 + (uint64_t)(*p - '0');
			out->scale *= 10;
		}
	}
	*at = p;
	return overflow ? UNITS_RANGE : 0;
}

/* number * unit as int64, truncated towards zero. *exact: nothing was lost. */
static int decimal_scale(const struct decimal *number, uint64_t unit, int64_t *out, bool *exact)
{
	unsigned __int128 product = (unsigned __int128)number->whole * unit;
	unsigned __int128 parts = (unsigned __int128)number->fraction * unit;
	product += parts / number->scale;
	*exact = parts % number->scale == 0;
	if (product > INT64_MAX)
		return UNITS_RANGE;
	*out = number->negative ? -(int64_t)product : (int64_t)product;
	return 0;
}

static int hex_read(const char *text, int64_t *out)
{
	uint64_t value = 0;
	if (!*text)
		return UNITS_SYNTAX;
	for (; *text; text++) {
		char c = (char)(*text | 0x20);
		unsigned digit = is_digit(*text)        ? (unsigned)(*text - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
							: 16;
		if (digit > 15)
			return UNITS_SYNTAX;
		if (value > INT64_MAX >> 4)
			return UNITS_RANGE;
		value = value << 4 | digit;
	}
	*out = (int64_t)value;
	return 0;
}

/* "", "k", "M", "G", "T" as a power of base; rest is what follows. 0 when it is none. */
static uint64_t prefix_read(const char **at, uint64_t base)
{
	static const char letters[] = "kmgt";
	if (!**at)
		return 1;
	const char *found = strchr(letters, **at | 0x20);
	if (!found || !*found)
		return 1;
	(*at)++;
	uint64_t unit = 1;
	for (const char *p = letters; p <= found; p++)
		unit *= base;
	return unit;
}

static int scaled_read(const char *text, uint64_t base, int64_t *out)
{
	struct decimal number;
	bool negative = *text == '-', exact;
	const char *at = text + negative;
	if (base == 1000 && at[0] == '0' && (at[1] | 0x20) == 'x')
		return negative ? UNITS_SYNTAX : hex_read(at + 2, out);
	int bad = decimal_read(&at, &number);
	if (bad == UNITS_SYNTAX)
		return bad;
	number.negative = negative;
	const char *before = at;
	uint64_t unit = prefix_read(&at, base);
	if (base == 1024) {
		if (at > before && at[0] == 'i' && at[1] == 'B')
			at++;
		if (*at == 'B')
			at++;
	}
	if (*at)
		return UNITS_SYNTAX;
	if (bad)
		return bad;
	bad = decimal_scale(&number, unit, out, &exact);
	return bad ? bad : exact ? 0 : UNITS_SYNTAX;
}

int units_read_count(const char *text, int64_t *out)
{
	return scaled_read(text, 1000, out);
}

int units_read_bytes(const char *text, int64_t *out)
{
	return scaled_read(text, 1024, out);
}

static const struct time_unit {
	const char *word;
	ns_t ns;
} time_units[] = {
	{ "ns", 1 },
	{ "us", NS_PER_US },
	{ "\xc2\xb5s", NS_PER_US },
	{ "\xce\xbcs", NS_PER_US },
	{ "ms", NS_PER_MS },
	{ "min", 60 * NS_PER_S },
	{ "sec", NS_PER_S },
	{ "s", NS_PER_S },
	{ "m", 60 * NS_PER_S },
	{ "h", 3600 * NS_PER_S },
	{ "d", 86400 * NS_PER_S },
};

static ns_t time_unit_read(const char **at)
{
	for (size_t i = 0; i < sizeof time_units / sizeof *time_units; i++) {
		size_t length = strlen(time_units[i].word);
		if (strncmp(*at, time_units[i].word, length) == 0) {
			*at += length;
			return time_units[i].ns;
		}
	}
	return 0;
}

int units_read_duration(const char *text, ns_t *out)
{
	bool negative = *text == '-', overflow = false;
	const char *at = text + negative;
	ns_t total = 0, last = 0;
	do {
		struct decimal number;
		int64_t part = 0;
		bool exact;
		int bad = decimal_read(&at, &number);
		if (bad == UNITS_SYNTAX)
			return bad;
		overflow |= bad != 0;
		while (*at == ' ')
			at++;
		ns_t unit = time_unit_read(&at);
		if (!unit && (*at || last))
			return UNITS_SYNTAX;
		/* "1s30m" and "1s1s" are slips, not durations. */
		if (!unit)
			unit = NS_PER_S;
		else if (last && unit >= last)
			return UNITS_SYNTAX;
		last = unit;
		overflow |= decimal_scale(&number, (uint64_t)unit, &part, &exact) != 0;
		overflow |= __builtin_add_overflow(total, part, &total);
		while (*at == ' ')
			at++;
	} while (*at);
	if (overflow || total == INT64_MAX)
		return UNITS_RANGE;
	*out = negative ? -total : total;
	return 0;
}
