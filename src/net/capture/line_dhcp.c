/* DHCP (RFC 2131) and DHCPv6 (RFC 8415) in a line. */
#include "net/capture/line.h"
#include "wire/bytes.h"

enum {
	FIXED = 236,
	YOUR_ADDRESS = 16,
	HARDWARE = 28,
	OPTION_ROUTER = 3,
	OPTION_NAME = 12,
	OPTION_REQUESTED = 50,
	OPTION_LEASE = 51,
	OPTION_TYPE = 53,
	OPTION_SERVER = 54,
	OPTION_END_ = 255,
};

static const char *const types[] = { NULL,  "Discover", "Offer",   "Request", "Decline",
				     "ACK", "NAK",      "Release", "Inform" };

static void option(struct pen *pen, uint8_t code, const uint8_t *at, uint8_t length)
{
	static const char *const words[] = {
		[OPTION_ROUTER] = ", router ", [OPTION_REQUESTED] = ", wants ", [OPTION_SERVER] = ", server "
	};
	if ((code == OPTION_ROUTER || code == OPTION_REQUESTED || code == OPTION_SERVER) && length >= 4) {
		pen_text(pen, words[code]);
		pen_ipv4(pen, at);
	} else if (code == OPTION_NAME) {
		pen_text(pen, ", name ");
		pen_escaped(pen, at, length, 64);
	} else if (code == OPTION_LEASE && length == 4) {
		pen_printf(pen, ", lease %u s", bytes_get_u32(at));
	}
}

/* Calls option for each, or looks for the type only. */
static uint8_t walk(struct pen *pen, const uint8_t *at, const uint8_t *end, bool type_only)
{
	while (end - at >= 2 && *at != OPTION_END_) {
		if (!*at) {
			at++;
			continue;
		}
		if (at[1] > end - at - 2)
			return 0;
		if (type_only && *at == OPTION_TYPE && at[1] == 1)
			return at[2];
		if (!type_only)
			option(pen, at[0], at + 2, at[1]);
		at += 2 + at[1];
	}
	return 0;
}

bool line_dhcp(struct pen *pen, const uint8_t *bytes, size_t length)
{
	static const uint8_t magic[] = { 99, 130, 83, 99 }, none[4] = { 0 };
	if (length < FIXED)
		return false;
	const uint8_t *options = bytes + FIXED + sizeof magic, *end = bytes + length;
	bool has_options = length >= FIXED + sizeof magic && memcmp(bytes + FIXED, magic, sizeof magic) == 0;
	uint8_t type = has_options ? walk(pen, options, end, true) : 0;
	pen_text(pen, "DHCP ");
	pen_text(pen, type && type < sizeof types / sizeof types[0] ? types[type]
		      : bytes[0] == 1                               ? "BOOTP request"
								    : "BOOTP reply");
	pen_text(pen, " for ");
	pen_mac(pen, bytes + HARDWARE);
	if (memcmp(bytes + YOUR_ADDRESS, none, 4) != 0) {
		pen_text(pen, ", yours is ");
		pen_ipv4(pen, bytes + YOUR_ADDRESS);
	}
	if (has_options)
		walk(pen, options, end, false);
	return true;
}

bool line_dhcpv6(struct pen *pen, const uint8_t *bytes, size_t length)
{
	static const char *const words[] = { NULL,
					     "solicit",
					     "advertise",
					     "request",
					     "confirm",
					     "renew",
					     "rebind",
					     "reply",
					     "release",
					     "decline",
					     "reconfigure",
					     "information request",
					     "relay forward",
					     "relay reply" };
	if (length < 4 || !bytes[0] || bytes[0] >= sizeof words / sizeof words[0])
		return false;
	pen_text(pen, "DHCPv6 ");
	pen_text(pen, words[bytes[0]]);
	return true;
}
