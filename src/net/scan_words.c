/* A scan's outcomes in words, and the guess at the system behind an answer. */
#include "ntsh/scan.h"

#include "base/units.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

int scan_rate_read(const char *text, double *out, struct error *err)
{
	int64_t rate;
	if (strcasecmp(text, "max") == 0) {
		*out = 0;
		return 0;
	}
	if (units_read_count(text, &rate) < 0 || rate < 1 || rate > 100000000)
		return error_set(err, STATUS_USAGE, "EUSAGE", "write 500, 10k, or max",
				 "--rate: '%.60s' is no number of probes a second", text);
	*out = (double)rate;
	return 0;
}

const char *scan_method_name(enum scan_method method)
{
	static const char *const names[] = { "auto", "SYN", "connect", "UDP" };
	return names[method];
}

const char *scan_state_name(enum scan_state state)
{
	static const char *const names[] = { "open", "closed", "filtered", "open|filtered", "not sent" };
	return names[state];
}

char *scan_reason_text(const struct scan_outcome *outcome, char buf[SCAN_REASON_MAX])
{
	static const char *const names[] = { "no response", "syn-ack", "reset",    "udp reply",
					     NULL,          NULL,      "not asked" };
	if (outcome->reason == SCAN_ICMP)
		snprintf(buf, SCAN_REASON_MAX, "icmp %u/%u", outcome->icmp_type, outcome->icmp_code);
	else if (outcome->reason == SCAN_NOT_SENT)
		snprintf(buf, SCAN_REASON_MAX, "%s", error_errno_name(outcome->errnum));
	else
		snprintf(buf, SCAN_REASON_MAX, "%s", names[outcome->reason]);
	return buf;
}

/* The value that the TTL had at first: the next of those that systems use. */
static int ttl_initial(int ttl)
{
	return ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
}

int scan_hops(int ttl)
{
	return ttl < 0 ? -1 : ttl_initial(ttl) - ttl;
}

/* How systems answer a SYN that offers MSS, SACK, timestamps and window scale: order of options and initial TTL, as seen in the
 * published fingerprints of p0f and in our own labs. */
static const struct {
	int ttl;
	const char *options;
	const char *system;
} SYSTEMS[] = {
	{ 64, "MSTNW", "Linux or Android" },
	{ 64, "MNNSNW", "Linux without timestamps" },
	{ 64, "MNNTNW", "Linux without SACK" },
	{ 64, "MNWST", "FreeBSD" },
	{ 64, "MNWNNTSE", "macOS or iOS" },
	{ 64, "MNWNNTSEE", "macOS or iOS" },
	{ 64, "MNNSNWNNT", "OpenBSD" },
	{ 64, "MNWSTNN", "NetBSD" },
	{ 128, "MNWST", "Windows" },
	{ 128, "MNWNNTNNS", "Windows" },
	{ 128, "MNWNNS", "Windows" },
	{ 128, "M", "a Windows of old, or an appliance" },
	{ 255, "M", "a router, switch or printer (Cisco IOS and others)" },
	{ 255, "MNNTNW", "Solaris" },
	{ 255, "STMNW", "Solaris" },
	{ 64, "M", "a small device (lwIP and others), or a SYN proxy" },
};

const char *scan_guess(const struct scan_finger *finger)
{
	if (finger->ttl < 0)
		return NULL;
	int initial = ttl_initial(finger->ttl);
	for (size_t i = 0; i < sizeof SYSTEMS / sizeof SYSTEMS[0]; i++)
		if (SYSTEMS[i].ttl == initial && strcmp(SYSTEMS[i].options, finger->options) == 0)
			return SYSTEMS[i].system;
	return initial == 128   ? "Windows, by its TTL alone"
	       : initial == 255 ? "network equipment, by its TTL alone"
				: NULL;
}
