#include "net/scan_payload.h"

/* Each is the smallest harmless question of its protocol: nothing that changes anything, nothing that is answered with far more than
 * was asked. */
#define BYTES(text) text, sizeof(text) - 1

static const struct {
	uint16_t first, last;
	const char *bytes;
	size_t length;
} PAYLOADS[] = {
	/* DNS: version.bind TXT CH (RFC 1035 4.1, RFC 4892). mDNS takes the same form: _services._dns-sd._udp.local PTR, unicast answer wanted. */
	{ 53, 53,
	  BYTES("\x4e\x54\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07version\x04"
		"bind\x00\x00\x10\x00\x03") },
	{ 5353, 5353,
	  BYTES("\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x09_services\x07_dns-sd\x04_"
		"udp\x05local\x00\x00\x0c\x80\x01") },
	/* TFTP: read a file that is not there (RFC 1350). */
	{ 69, 69, BYTES("\x00\x01ntsh-no-such-file\x00octet\x00") },
	/* portmap: NULL procedure of program 100000 version 2 (RFC 5531, RFC 1833). NFS likewise, version 3. */
	{ 111, 111,
	  BYTES("\x4e\x54\x53\x48\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01\x86\xa0\x00\x00\x00\x02\x00\x00\x00"
		"\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00") },
	{ 2049, 2049,
	  BYTES("\x4e\x54\x53\x48\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01\x86\xa3\x00\x00\x00\x03\x00\x00\x00"
		"\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00") },
	/* NTP: client, version 4 (RFC 5905 7.3). */
	{ 123, 123,
	  BYTES("\xe3\x00\x06\xec\x00\x00\x00\x00\x00\x00\x00\x00\x4e\x54\x53\x48\x00\x00\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x4e\x54\x53\x48\x4e\x54\x53\x48") },
	/* NetBIOS: status of "*" (RFC 1002 4.2.17). */
	{ 137, 137,
	  BYTES("\x4e\x54\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x20"
		"CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\x00\x00\x21\x00\x01") },
	/* SNMP: get-request v1 "public" sysDescr.0 (RFC 1157 4.1.2); an agent that wants another community is silent. SNMPv3 discovery would
	 * need no community, but old agents do not know it. */
	{ 161, 161,
	  BYTES("\x30\x26\x02\x01\x00\x04\x06public\xa0\x19\x02\x01\x01\x02\x01\x00\x02\x01\x00\x30\x0e\x30"
		"\x0c\x06\x08\x2b\x06\x01"
		"\x02\x01\x01\x01\x00\x05\x00") },
	/* IKE: an ISAKMP main mode header with one SA proposal (RFC 2408 3.1); on 4500 behind the non-ESP marker (RFC 3948). */
	{ 500, 500,
	  BYTES("NTSHNTSH\x00\x00\x00\x00\x00\x00\x00\x00\x01\x10\x02\x00\x00\x00\x00\x00\x00\x00\x00\x54\x00"
		"\x00\x00\x38\x00\x00\x00"
		"\x01\x00\x00\x00\x01\x00\x00\x00\x2c\x01\x01\x00\x01\x00\x00\x00\x24\x01\x01\x00\x00\x80\x01"
		"\x00\x05\x80\x02\x00"
		"\x02\x80\x03\x00\x01\x80\x04\x00\x02\x80\x0b\x00\x01\x00\x0c\x00\x04\x00\x01\x51\x80") },
	/* RIP: the whole table, once (RFC 2453 3.9.1). */
	{ 520, 520,
	  BYTES("\x01\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		"\x10") },
	/* L2TP: start-control-connection-request without attributes is answered with a StopCCN (RFC 2661 3.1). */
	{ 1701, 1701,
	  BYTES("\xc8\x02\x00\x14\x00\x00\x00\x00\x00\x00\x00\x00\x80\x08\x00\x00\x00\x00\x00\x01") },
	/* SSDP (UPnP Device Architecture 1.3.2). */
	{ 1900, 1900,
	  BYTES("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: "
		"upnp:rootdevice\r\n\r\n") },
	/* STUN: binding request (RFC 8489 5). */
	{ 3478, 3479, BYTES("\x00\x01\x00\x00\x21\x12\xa4\x42NTSHntshNTSH") },
	/* SIP: OPTIONS (RFC 3261 11). */
	{ 5060, 5060,
	  BYTES("OPTIONS sip:ntsh SIP/2.0\r\nVia: SIP/2.0/UDP ntsh.invalid;rport;branch=z9hG4bKntsh\r\nFrom: "
		"<sip:ntsh@ntsh.invalid>;"
		"tag=ntsh\r\nTo: <sip:ntsh@ntsh.invalid>\r\nCall-ID: ntsh\r\nCSeq: 1 "
		"OPTIONS\r\nMax-Forwards: 70\r\n"
		"Content-Length: 0\r\n\r\n") },
	/* CoAP: ping (an empty confirmable message, RFC 7252 4.3). */
	{ 5683, 5683, BYTES("\x40\x00\x4e\x54") },
	/* memcached: version, behind the UDP frame header. */
	{ 11211, 11211, BYTES("\x4e\x54\x00\x00\x00\x01\x00\x00version\r\n") },
	/* OpenVPN: hard reset of a client, version 2. */
	{ 1194, 1194, BYTES("\x38NTSHntsh\x00\x00\x00\x00\x00") },
};

const uint8_t *scan_payload(uint16_t port, size_t *length)
{
	for (size_t i = 0; i < sizeof PAYLOADS / sizeof PAYLOADS[0]; i++)
		if (port >= PAYLOADS[i].first && port <= PAYLOADS[i].last) {
			*length = PAYLOADS[i].length;
			return (const uint8_t *)PAYLOADS[i].bytes;
		}
	*length = 0;
	return (const uint8_t *)"";
}
