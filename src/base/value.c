#include "ntsh/value.h"

#include <math.h>
#include <string.h>

struct value value_none(void)
{
	return (struct value){ .kind = KIND_NONE };
}

struct value value_text(const char *text)
{
	return text ? value_text_n(text, strlen(text)) : value_none();
}

struct value value_text_n(const char *bytes, size_t length)
{
	return (struct value){ .kind = KIND_TEXT, .text = { bytes, length } };
}

static struct value value_of_count(enum value_kind kind, uint64_t count)
{
	return (struct value){ .kind = kind, .count = count };
}

static struct value value_of_real(enum value_kind kind, double real)
{
	return isfinite(real) ? (struct value){ .kind = kind, .real = real } : value_none();
}

static struct value value_of_ns(enum value_kind kind, ns_t ns)
{
	return ns == NS_NONE || ns == NS_NEVER ? value_none() : (struct value){ .kind = kind, .ns = ns };
}

static struct value value_of_addr(enum value_kind kind, const struct addr *addr)
{
	return !addr || addr->family == AF_UNSPEC ? value_none() : (struct value){ .kind = kind, .addr = *addr };
}

struct value value_count(uint64_t count)
{
	return value_of_count(KIND_COUNT, count);
}

struct value value_integer(int64_t integer)
{
	return (struct value){ .kind = KIND_INTEGER, .integer = integer };
}

struct value value_real(double real)
{
	return value_of_real(KIND_REAL, real);
}

struct value value_flag(bool flag)
{
	return (struct value){ .kind = KIND_FLAG, .flag = flag };
}

struct value value_time(ns_t ns)
{
	return value_of_ns(KIND_TIME, ns);
}

struct value value_seconds(uint64_t seconds)
{
	return value_of_count(KIND_SECONDS, seconds);
}

struct value value_date(ns_t real)
{
	return value_of_ns(KIND_DATE, real);
}

struct value value_bytes(uint64_t bytes)
{
	return value_of_count(KIND_BYTES, bytes);
}

struct value value_percent(double percent)
{
	return value_of_real(KIND_PERCENT, percent);
}

struct value value_bit_rate(double bits_per_second)
{
	return value_of_real(KIND_BIT_RATE, bits_per_second);
}

struct value value_packet_rate(double packets_per_second)
{
	return value_of_real(KIND_PACKET_RATE, packets_per_second);
}

struct value value_address(const struct addr *addr)
{
	return value_of_addr(KIND_ADDRESS, addr);
}

struct value value_endpoint(const struct addr *addr)
{
	return value_of_addr(KIND_ENDPOINT, addr);
}
