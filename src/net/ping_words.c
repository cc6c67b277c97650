/* A ping's outcomes in words. */
#include "ntsh/ping.h"

#include <string.h>

const char *ping_outcome_name(enum ping_outcome outcome)
{
	static const char *const names[] = {
		[PING_REPLY] = "reply",
		[PING_LOST] = "lost",
		[PING_LATE] = "late",
		[PING_DUPLICATE] = "duplicate",
		[PING_UNREACHABLE] = "unreachable",
		[PING_SEND_FAILED] = "refused",
	};
	return names[outcome];
}

const char *ping_probe_describe(const struct ping_probe *probe)
{
	switch (probe->outcome) {
	case PING_LOST:
		return "LOST: no answer";
	case PING_LATE:
		return "(late: it had been given up)";
	case PING_DUPLICATE:
		return "(answered before: a duplicate)";
	case PING_UNREACHABLE:
		return icmp_describe(probe->from.family, probe->icmp_type, probe->icmp_code);
	case PING_SEND_FAILED:
		return strerror(probe->errnum);
	default:
		return NULL;
	}
}

const char *ping_method_name(enum ping_method method)
{
	switch (method) {
	case PING_ICMP_SOCKET:
		return "ping socket";
	case PING_ICMP_RAW:
		return "raw socket";
	case PING_UDP:
		return "UDP";
	case PING_TCP:
		return "TCP";
	default:
		return NULL;
	}
}
