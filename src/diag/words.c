#include "diag/words.h"

struct word say_time(ns_t t)
{
	if (t == NS_NONE)
		return (struct word){ "unknown" };
	if (t == NS_NEVER)
		return (struct word){ "for ever" };
	struct word word = { "" };
	units_format_time(t, false, word.text);
	return word;
}

struct word say_rate(double bytes_per_second)
{
	struct word word = { "" };
	units_format_rate(bytes_per_second * 8, "bit/s", word.text);
	return word;
}

struct word say_share(double share)
{
	struct word word = { "" };
	units_format_percent(share * 100, word.text);
	return word;
}

struct word say_bytes(uint64_t bytes)
{
	struct word word = { "" };
	units_format_bytes(bytes, word.text);
	return word;
}
