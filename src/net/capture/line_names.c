/* Names of protocols (IANA protocol-numbers, IEEE ethertypes). */
#include "net/capture/line.h"

#include <stdio.h>

struct name {
	uint16_t number;
	const char *name;
};

static const char *find(const struct name *names, size_t count, uint16_t number)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}

const char *line_ip_protocol(uint8_t protocol)
{
	static const struct name names[] = {
		{ 0, "HOPOPT" },   { 1, "ICMP" },       { 2, "IGMP" },       { 4, "IPIP" },
		{ 6, "TCP" },      { 17, "UDP" },       { 33, "DCCP" },      { 41, "IPv6" },
		{ 43, "ROUTING" }, { 44, "FRAGMENT" },  { 46, "RSVP" },      { 47, "GRE" },
		{ 50, "ESP" },     { 51, "AH" },        { 58, "ICMPv6" },    { 59, "no payload" },
		{ 60, "DSTOPTS" }, { 88, "EIGRP" },     { 89, "OSPF" },      { 97, "EtherIP" },
		{ 103, "PIM" },    { 108, "IPComp" },   { 112, "VRRP" },     { 115, "L2TP" },
		{ 132, "SCTP" },   { 135, "MOBILITY" }, { 136, "UDP-Lite" }, { 137, "MPLS" },
		{ 139, "HIP" },    { 140, "SHIM6" },
	};
	return find(names, sizeof names / sizeof names[0], protocol);
}

const char *line_ethertype(uint16_t ethertype)
{
	static const struct name names[] = {
		{ 0x0800, "IPv4" },
		{ 0x0806, "ARP" },
		{ 0x86dd, "IPv6" },
		{ 0x8035, "RARP" },
		{ 0x8100, "802.1Q" },
		{ 0x88a8, "802.1ad" },
		{ 0x8847, "MPLS" },
		{ 0x8848, "MPLS multicast" },
		{ 0x8863, "PPPoE discovery" },
		{ 0x8864, "PPPoE" },
		{ 0x888e, "EAPOL" },
		{ 0x88cc, "LLDP" },
		{ 0x8808, "flow control" },
		{ 0x8809, "slow protocols (LACP)" },
		{ 0x88e5, "MACsec" },
		{ 0x88f7, "PTP" },
		{ 0x9000, "loopback test" },
		{ 0x8906, "FCoE" },
		{ 0x22f0, "AVTP" },
		{ 0x891d, "TTEthernet" },
	};
	return find(names, sizeof names / sizeof names[0], ethertype);
}

const char *packet_protocol_name(const struct packet *packet, char buf[24])
{
	const char *name =
	    packet->ip_version ? line_ip_protocol(packet->protocol) : line_ethertype(packet->ethertype);
	if (name)
		return name;
	if (packet->ip_version)
		snprintf(buf, 24, "ip-proto-%u", packet->protocol);
	else if (packet->ethertype)
		snprintf(buf, 24, "ethertype-0x%04x", packet->ethertype);
	else
		snprintf(buf, 24, "unknown");
	return buf;
}

const char *packet_link_name(uint32_t link, char buf[24])
{
	static const struct name names[] = {
		{ PACKET_LINK_NULL, "loopback (BSD)" },
		{ PACKET_LINK_ETHERNET, "Ethernet" },
		{ PACKET_LINK_RAW, "raw IP" },
		{ PACKET_LINK_LOOP, "loopback (OpenBSD)" },
		{ PACKET_LINK_SLL, "Linux cooked" },
		{ PACKET_LINK_IPV4, "raw IPv4" },
		{ PACKET_LINK_IPV6, "raw IPv6" },
		{ PACKET_LINK_SLL2, "Linux cooked v2" },
		{ 105, "802.11" },
		{ 127, "802.11 radiotap" },
	};
	const char *name =
	    link <= UINT16_MAX ? find(names, sizeof names / sizeof names[0], (uint16_t)link) : NULL;
	if (name)
		return name;
	snprintf(buf, 24, "link type %u", link);
	return buf;
}
