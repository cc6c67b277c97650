#include "ntsh/flows.h"

#include <netinet/in.h>
#include <stdio.h>

const char *flow_ending_name(enum flow_ending ending)
{
	static const char *const names[] = { "open",    "closed",     "half-closed", "reset",
					     "refused", "unanswered", "silent" };
	return names[ending];
}

const char *flow_app_name(enum flow_app app)
{
	static const char *const names[] = { NULL, "http", "tls", "dns", "banner" };
	return names[app];
}

const char *flow_protocol_name(uint8_t protocol, char buf[12])
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_SCTP:
		return "sctp";
	case IPPROTO_UDPLITE:
		return "udplite";
	default:
		snprintf(buf, 12, "%u", protocol);
		return buf;
	}
}
