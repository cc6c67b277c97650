#include "ntsh/trace.h"

const char *trace_method_name(enum trace_method method)
{
	static const char *const names[] = {
		[TRACE_UDP] = "UDP", [TRACE_ICMP] = "ICMP", [TRACE_TCP] = "TCP", [TRACE_UDPLITE] = "UDP-Lite"
	};
	return names[method];
}

const char *trace_end_name(enum trace_end end)
{
	static const char *const names[] = {
		[TRACE_END_REACHED] = "reached", [TRACE_END_UNREACHABLE] = "unreachable",
		[TRACE_END_LOOP] = "loop",       [TRACE_END_SILENT] = "silent",
		[TRACE_END_REFUSED] = "refused", [TRACE_END_CUT] = "cut",
	};
	return names[end];
}

const char *trace_finding_name(enum trace_finding_kind kind)
{
	static const char *const names[] = {
		[TRACE_FOUND_END] = "end",
		[TRACE_FOUND_LOOP] = "loop",
		[TRACE_FOUND_LOSS] = "loss",
		[TRACE_FOUND_LIMIT] = "icmp-limit",
		[TRACE_FOUND_SILENT_HOPS] = "silent-hops",
		[TRACE_FOUND_DELAY] = "delay",
		[TRACE_FOUND_QUEUE] = "queue",
		[TRACE_FOUND_ASYMMETRY] = "asymmetry",
		[TRACE_FOUND_REWRITING] = "rewriting",
		[TRACE_FOUND_MPLS] = "mpls",
		[TRACE_FOUND_MEMBERS] = "members",
		[TRACE_FOUND_PROXY] = "proxy",
		[TRACE_FOUND_BAD_PATH] = "bad-path",
	};
	return names[kind];
}

const char *icmp_interface_role_name(enum icmp_interface_role role)
{
	static const char *const names[] = {
		[ICMP_INTERFACE_INCOMING] = "incoming",
		[ICMP_INTERFACE_INCOMING_PART] = "incoming sub-interface",
		[ICMP_INTERFACE_OUTGOING] = "outgoing",
		[ICMP_INTERFACE_NEXT_HOP] = "next hop",
	};
	return names[role & 3];
}

int trace_hops_back(int reply_hops)
{
	if (reply_hops < 1 || reply_hops > 255)
		return -1;
	return (reply_hops <= 64 ? 64 : reply_hops <= 128 ? 128 : 255) - reply_hops;
}
