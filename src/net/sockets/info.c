/* TCP_INFO of a listed socket: every member by name, and all of it that matters in one line. */
#include "base/units.h"
#include "net/tcp_info.h"
#include "ntsh/socket_info.h"
#include "ntsh/sockets.h"

#include <stdio.h>
#include <string.h>

/* Microseconds beyond that are none: ten thousand years. */
#define TIME_MAX ((uint64_t)INT64_MAX / NS_PER_MS)

/* How a number of the kernel becomes a value. */
enum reading {
	AS_COUNT,
	AS_BYTES,
	AS_US,   /* microseconds */
	AS_MS,   /* milliseconds */
	AS_RTT,  /* microseconds; 0 and all ones: no sample */
	AS_RATE, /* bytes a second; all ones: not limited */
	AS_CA_STATE,
	AS_LOW,  /* the low four bits */
	AS_HIGH, /* the high four */
	AS_APP_LIMITED,
	AS_THRESHOLD, /* segments; 0x7fffffff: none yet */
};

#define MEMBER(member) offsetof(struct kernel_tcp_info, member), sizeof(((struct kernel_tcp_info *)0)->member)

static const struct info_member {
	struct socket_info_field field;
	size_t offset, size;
	enum reading reading;
} members[] = {
#define ROW(name, kind, member, reading, meaning) { { #name, kind, meaning }, MEMBER(member), reading },
	SOCKET_INFO_MEMBERS(ROW)
#undef ROW
};
enum { MEMBERS = sizeof members / sizeof *members };

size_t socket_info_fields(const struct socket_info_field **out)
{
	static struct socket_info_field fields[MEMBERS];
	for (size_t i = 0; i < MEMBERS; i++)
		fields[i] = members[i].field;
	*out = fields;
	return MEMBERS;
}

static uint64_t number_of(const void *bytes, size_t size)
{
	uint8_t small;
	uint16_t two;
	uint32_t four;
	uint64_t eight;
	switch (size) {
	case 1:
		memcpy(&small, bytes, size);
		return small;
	case 2:
		memcpy(&two, bytes, size);
		return two;
	case 4:
		memcpy(&four, bytes, size);
		return four;
	default:
		memcpy(&eight, bytes, sizeof eight);
		return eight;
	}
}

/* enum tcp_ca_state of include/uapi/linux/tcp.h. */
static const char *ca_state_name(uint64_t state)
{
	static const char *const names[] = { "open", "disorder", "cwr", "recovery", "loss" };
	return state < sizeof names / sizeof *names ? names[state] : NULL;
}

static struct value member_value(const struct info_member *member, uint64_t number)
{
	switch (member->reading) {
	case AS_COUNT:
		return value_count(number);
	case AS_BYTES:
		return value_bytes(number);
	case AS_US:
		return number > TIME_MAX ? value_none() : value_time((ns_t)number * NS_PER_US);
	case AS_MS:
		return value_time((ns_t)number * NS_PER_MS);
	case AS_RTT:
		return number == 0 || number == UINT32_MAX ? value_none()
							   : value_time((ns_t)number * NS_PER_US);
	case AS_RATE:
		return number == UINT64_MAX ? value_none() : value_bit_rate(8 * (double)number);
	case AS_CA_STATE:
		return value_text(ca_state_name(number));
	case AS_LOW:
		return value_count(number & 15);
	case AS_HIGH:
		return value_count(number >> 4 & 15);
	case AS_APP_LIMITED:
		return value_flag(number & 1);
	case AS_THRESHOLD:
		return number >= 0x7fffffff ? value_none() : value_count(number);
	}
	return value_none();
}

bool socket_info_reaches(const struct socket_entry *entry, size_t i)
{
	return i < MEMBERS && entry->tcp_info &&
	       members[i].offset + members[i].size <= entry->tcp_info_length;
}

struct value socket_info_value(const struct socket_entry *entry, size_t i)
{
	if (!socket_info_reaches(entry, i))
		return value_none();
	const char *bytes = entry->tcp_info;
	return member_value(&members[i], number_of(bytes + members[i].offset, members[i].size));
}

bool socket_tcp_stats(const struct socket_entry *entry, struct tcp_stats *out)
{
	if (entry->kind != SOCKET_TCP || entry->state == SOCKET_LISTEN || !entry->tcp_info_length)
		return false;
	tcp_stats_fill(out, entry->tcp_info, entry->tcp_info_length);
	if (out->notsent_bytes != TCP_STATS_UNKNOWN)
		out->unacked =
		    entry->send_queue > out->notsent_bytes ? entry->send_queue - out->notsent_bytes : 0;
	return true;
}

ns_t socket_silence(const struct socket_entry *entry)
{
	struct kernel_tcp_info info = { 0 };
	const size_t needed = offsetof(struct kernel_tcp_info, last_ack_recv) + sizeof info.last_ack_recv;
	if (entry->kind != SOCKET_TCP || entry->tcp_info_length < needed)
		return NS_NONE;
	memcpy(&info, entry->tcp_info, needed);
	uint32_t least = info.last_ack_recv < info.last_data_recv ? info.last_ack_recv : info.last_data_recv;
	return (ns_t)least * NS_PER_MS;
}
