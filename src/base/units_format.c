#include "base/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Writes number in decimal, at least least digits of it; returns the end. */
static char *add_digits(char *out, uint64_t number, unsigned least)
{
	char digits[24];
	unsigned length = 0;
	do {
		digits[length++] = (char)('0' + number % 10);
		number /= 10;
	} while (number || length < least);
	while (length)
		*out++ = digits[--length];
	return out;
}

/* amount / unit with three significant digits. The zeros behind the point stay when the amount was measured that
 * finely, and go when it is a round number. Returns false when it rounds to 1000 units or more. */
static bool format_three(uint64_t amount, uint64_t unit, const char *name, char buf[UNITS_TEXT_MAX])
{
	unsigned decimals = amount / unit >= 100 ? 0 : amount / unit >= 10 ? 1 : 2;
	uint64_t rounded, power;
	for (;; decimals--) {
		power = decimals == 2 ? 100 : decimals == 1 ? 10 : 1;
		rounded = (uint64_t)(((unsigned __int128)amount * power + unit / 2) / unit);
		if (rounded < 1000 || !decimals)
			break;
	}
	if (amount % unit == 0)
		decimals = 0;
	uint64_t whole = decimals || power == 1 ? rounded / power : amount / unit;
	/* By hand: tables of many thousand rows are made of these, and printf takes ten times as long. */
	char *out = add_digits(buf, whole, 1);
	if (decimals) {
		*out++ = '.';
		out = add_digits(out, rounded % power, decimals);
	}
	*out++ = ' ';
	size_t length = strlen(name);
	memcpy(out, name, length + 1);
	return rounded < 1000 * power;
}

/* "2 min 3 s": the two largest units, rounded to the smaller one. */
static char *format_long(uint64_t seconds, char buf[UNITS_TEXT_MAX])
{
	static const struct {
		uint64_t seconds, small;
		const char *name, *small_name;
	} units[] = {
		{ 365 * 86400ull, 86400, "y", "d" },
		{ 86400, 3600, "d", "h" },
		{ 3600, 60, "h", "min" },
		{ 60, 1, "min", "s" },
	};
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		uint64_t rounded = (seconds + units[i].small / 2) / units[i].small * units[i].small;
		if (rounded < units[i].seconds)
			continue;
		uint64_t big = rounded / units[i].seconds;
		uint64_t rest = rounded % units[i].seconds / units[i].small;
		if (rest)
			snprintf(buf, UNITS_TEXT_MAX, "%" PRIu64 " %s %" PRIu64 " %s", big, units[i].name,
				 rest, units[i].small_name);
		else
			snprintf(buf, UNITS_TEXT_MAX, "%" PRIu64 " %s", big, units[i].name);
		return buf;
	}
	snprintf(buf, UNITS_TEXT_MAX, "%" PRIu64 " s", seconds);
	return buf;
}

char *units_format_seconds(uint64_t seconds, char buf[UNITS_TEXT_MAX])
{
	return format_long(seconds, buf);
}

char *units_format_time(ns_t ns, bool utf8, char buf[UNITS_TEXT_MAX])
{
	uint64_t amount = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	if (amount == 0)
		format_three(0, 1, "ms", buf);
	else if (amount < 1000)
		format_three(amount, 1, "ns", buf);
	else if (amount >= 59950000000 ||
		 (!format_three(amount, 1000, utf8 ? "\xc2\xb5s" : "us", buf) &&
		  !format_three(amount, 1000000, "ms", buf) && !format_three(amount, 1000000000, "s", buf)))
		format_long((amount + 500000000) / 1000000000, buf);
	if (ns < 0) {
		memmove(buf + 1, buf, strnlen(buf, UNITS_TEXT_MAX - 2) + 1);
		buf[0] = '-';
	}
	return buf;
}

char *units_format_bytes(uint64_t bytes, char buf[UNITS_TEXT_MAX])
{
	static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	uint64_t unit = 1;
	size_t i = 0;
	/* 1023.5 KiB and more reads better as 1.00 MiB. */
	while (i + 1 < sizeof names / sizeof *names &&
	       (bytes / unit >= 1024 || (unit > 1 && bytes / (unit / 2) >= 2047))) {
		unit *= 1024;
		i++;
	}
	format_three(bytes, unit, names[i], buf);
	return buf;
}

char *units_format_real(double real, char buf[UNITS_TEXT_MAX])
{
	double size = fabs(real);
	if (size >= 1e15 || (size > 0 && size < 1e-4))
		snprintf(buf, UNITS_TEXT_MAX, "%.3g", real);
	else if (size >= 99.95)
		snprintf(buf, UNITS_TEXT_MAX, "%.0f", real);
	else
		snprintf(buf, UNITS_TEXT_MAX, "%.3g", real);
	return buf;
}

/* What units_format_real writes for 1 to 999.5, without printf. Returns the end. */
static char *add_three_digits(char *out, double number)
{
	unsigned decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
	uint64_t power = decimals == 2 ? 100 : decimals == 1 ? 10 : 1;
	uint64_t scaled = (uint64_t)(number * (double)power + 0.5);
	out = add_digits(out, scaled / power, 1);
	if (scaled % power == 0)
		return out;
	*out++ = '.';
	out = add_digits(out, scaled % power, decimals);
	return out[-1] == '0' ? out - 1 : out;
}

char *units_format_rate(double per_second, const char *unit, char buf[UNITS_TEXT_MAX])
{
	static const char *const prefixes[] = { "", "k", "M", "G", "T", "P" };
	size_t i = 0;
	double size = fabs(per_second);
	while (size >= 999.5 && i + 1 < sizeof prefixes / sizeof *prefixes) {
		size /= 1000;
		per_second /= 1000;
		i++;
	}
	char number[UNITS_TEXT_MAX];
	if (per_second < 1 || per_second >= 999.5) {
		units_format_real(per_second, number);
		snprintf(buf, UNITS_TEXT_MAX, "%.24s %s%.16s", number, prefixes[i], unit);
		return buf;
	}
	char *out = add_three_digits(buf, per_second);
	size_t length = strnlen(unit, 16);
	*out++ = ' ';
	if (*prefixes[i])
		*out++ = *prefixes[i];
	memcpy(out, unit, length);
	out[length] = '\0';
	return buf;
}

static void trim_zeros(char *number)
{
	if (!strchr(number, '.'))
		return;
	char *end = number + strlen(number);
	while (end[-1] == '0')
		end--;
	if (end[-1] == '.')
		end--;
	*end = '\0';
}

char *units_format_percent(double percent, char buf[UNITS_TEXT_MAX])
{
	char number[UNITS_TEXT_MAX];
	double size = fabs(percent);
	double edge = size < 100 ? 100 - size : size;
	if (size > 0 && size < 0.001)
		snprintf(number, sizeof number, percent < 0 ? ">-0.001" : "<0.001");
	else if (size < 100 && edge < 0.001)
		snprintf(number, sizeof number, ">99.999");
	else {
		double fine = edge < size ? edge : size;
		int decimals = size == 0 || size >= 1000 ? 0 : fine < 0.01 ? 3 : fine < 1 ? 2 : 1;
		snprintf(number, sizeof number, "%.*f", decimals, percent);
		trim_zeros(number);
	}
	snprintf(buf, UNITS_TEXT_MAX, "%.40s %%", number);
	return buf;
}

char *units_format_count(uint64_t count, char buf[UNITS_TEXT_MAX])
{
	char digits[24];
	long length = add_digits(digits, count, 1) - digits;
	char *out = buf;
	for (long i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
	return buf;
}

char *units_format_date(ns_t real, char buf[UNITS_TEXT_MAX])
{
	time_t seconds = (time_t)(real / NS_PER_S - (real % NS_PER_S < 0));
	struct tm tm;
	if (!localtime_r(&seconds, &tm)) {
		snprintf(buf, UNITS_TEXT_MAX, "-");
		return buf;
	}
	size_t used = strftime(buf, UNITS_TEXT_MAX, "%Y-%m-%d %H:%M:%S ", &tm);
	long minutes = tm.tm_gmtoff / 60;
	long size = minutes < 0 ? -minutes : minutes;
	if (minutes)
		snprintf(buf + used, UNITS_TEXT_MAX - used, "%c%02ld:%02ld", minutes < 0 ? '-' : '+',
			 size / 60, size % 60);
	else
		snprintf(buf + used, UNITS_TEXT_MAX - used, "UTC");
	return buf;
}

char *units_format_duration_word(ns_t ns, char buf[UNITS_TEXT_MAX])
{
	static const struct {
		ns_t ns;
		const char *name;
	} units[] = { { 86400 * NS_PER_S, "d" },
		      { 3600 * NS_PER_S, "h" },
		      { 60 * NS_PER_S, "m" },
		      { NS_PER_S, "s" },
		      { NS_PER_MS, "ms" },
		      { NS_PER_US, "us" },
		      { 1, "ns" } };
	size_t i = 0;
	while (i + 1 < sizeof units / sizeof *units && (ns == 0 ? i < 3 : ns % units[i].ns != 0))
		i++;
	snprintf(buf, UNITS_TEXT_MAX, "%" PRId64 "%s", ns / units[i].ns, units[i].name);
	return buf;
}
