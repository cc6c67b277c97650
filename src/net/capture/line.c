/* A packet's line: when, where, who to whom. */
#include "net/capture/line.h"

#include "base/mem.h"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <time.h>

enum { DEPTH_MAX = 4, LINE_ROOM = 2048, VLAN_ID = 0xfff };

struct packet_lines *packet_lines_new(const struct packet_line_style *style)
{
	struct packet_lines *lines = NEW(struct packet_lines);
	lines->style = *style;
	lines->first = lines->before = NS_NONE;
	lines->second = INT64_MIN;
	pen_init(&lines->pen);
	return lines;
}

void packet_lines_free(struct packet_lines *lines)
{
	if (!lines)
		return;
	pen_release(&lines->pen);
	line_flows_release(&lines->flows);
	free(lines);
}

const char *packet_lines_text(const struct packet_lines *lines, size_t *length)
{
	*length = (size_t)(lines->pen.at - lines->pen.start);
	return lines->pen.start;
}

const char *packet_lines_summary(const struct packet_lines *lines, size_t *length)
{
	*length = lines->summary_length;
	return lines->pen.start + lines->summary;
}

void packet_lines_clear(struct packet_lines *lines)
{
	lines->pen.at = lines->pen.start;
}

static void fraction(struct packet_lines *lines, ns_t rest)
{
	pen_char(&lines->pen, '.');
	if (lines->style.nanoseconds)
		pen_number_padded(&lines->pen, (uint32_t)rest, 9);
	else
		pen_number_padded(&lines->pen, (uint32_t)(rest / NS_PER_US), 6);
}

/* The clock is asked once a second, not once a packet. */
static void clock_time(struct packet_lines *lines, ns_t time)
{
	int64_t second = time / NS_PER_S;
	if (second != lines->second) {
		time_t when = (time_t)second;
		struct tm tm;
		localtime_r(&when, &tm);
		strftime(lines->second_text, sizeof lines->second_text,
			 lines->style.time == PACKET_TIME_DATE ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &tm);
		lines->second = second;
	}
	pen_text(&lines->pen, lines->second_text);
	fraction(lines, time % NS_PER_S);
}

static void distance(struct packet_lines *lines, ns_t distance)
{
	if (distance < 0) {
		pen_char(&lines->pen, '-');
		distance = -distance;
	}
	pen_number(&lines->pen, (uint64_t)(distance / NS_PER_S));
	fraction(lines, distance % NS_PER_S);
}

static void stamp(struct packet_lines *lines, ns_t time)
{
	if (lines->style.time == PACKET_TIME_NONE)
		return;
	if (time == NS_NONE) {
		pen_text(&lines->pen, "(no time) ");
		return;
	}
	if (lines->first == NS_NONE)
		lines->first = lines->before = time;
	if (lines->style.time == PACKET_TIME_EPOCH)
		distance(lines, time);
	else if (lines->style.time == PACKET_TIME_DELTA)
		distance(lines, time - lines->before);
	else if (lines->style.time == PACKET_TIME_RELATIVE)
		distance(lines, time - lines->first);
	else
		clock_time(lines, time);
	lines->before = time;
	pen_char(&lines->pen, ' ');
}

static void direction(struct pen *pen, const struct packet *packet)
{
	static const char *const words[] = { "in ", "broadcast ", "multicast ", "other ", "out " };
	if (packet->direction < sizeof words / sizeof words[0])
		pen_text(pen, words[packet->direction]);
}

static void link_header(struct packet_lines *lines, const struct packet *packet)
{
	struct pen *pen = &lines->pen;
	const char *name = line_ethertype(packet->ethertype);
	if (packet->mac_source)
		pen_mac(pen, packet->mac_source);
	if (packet->mac_destination) {
		pen_text(pen, " > ");
		pen_mac(pen, packet->mac_destination);
	}
	if (packet->mac_source)
		pen_text(pen, ", ");
	pen_text(pen, "type ");
	if (name)
		pen_text(pen, name);
	else
		pen_hex(pen, packet->ethertype, 0);
	pen_text(pen, ", length ");
	pen_number(pen, packet->length);
	pen_text(pen, ": ");
}

static void tags(struct pen *pen, const struct packet *packet)
{
	for (unsigned i = 0; i < packet->vlan_count && i < 2; i++) {
		pen_text(pen, i ? "." : "vlan ");
		pen_number(pen, packet->vlans[i] & VLAN_ID);
	}
	if (packet->vlan_count)
		pen_char(pen, ' ');
	if (packet->mpls_labels) {
		pen_text(pen, "MPLS (");
		pen_number(pen, packet->mpls_labels);
		pen_text(pen, ") ");
	}
}

void line_address(struct packet_lines *lines, const struct packet *packet, const uint8_t *address)
{
	bool four = packet->ip_version == 4;
	if (lines->style.name) {
		struct addr addr = addr_from_bytes(four ? AF_INET : AF_INET6, address);
		const char *name = lines->style.name(&addr, lines->style.arg);
		if (name) {
			pen_escaped(&lines->pen, (const uint8_t *)name, strlen(name), 255);
			return;
		}
	}
	if (four)
		pen_ipv4(&lines->pen, address);
	else
		pen_ipv6(&lines->pen, address);
}

static void endpoint(struct packet_lines *lines, const struct packet *packet, const uint8_t *address,
		     uint16_t port, bool ports)
{
	struct pen *pen = &lines->pen;
	bool brackets = ports && packet->ip_version == 6;
	if (brackets)
		pen_char(pen, '[');
	line_address(lines, packet, address);
	if (brackets)
		pen_char(pen, ']');
	if (ports) {
		pen_char(pen, ':');
		pen_number(pen, port);
	}
}

static void length(struct pen *pen, const struct packet *packet)
{
	pen_text(pen, ", length ");
	pen_number(pen, packet->payload_length);
}

static void protocol(struct pen *pen, const struct packet *packet)
{
	char buf[24];
	pen_text(pen, packet_protocol_name(packet, buf));
}

static void inside(struct packet_lines *lines, const struct packet *packet, unsigned depth)
{
	static const char *const words[] = { [PACKET_INSIDE_IPIP] = "IPIP",
					     [PACKET_INSIDE_GRE] = "GRE key ",
					     [PACKET_INSIDE_VXLAN] = "VXLAN vni ",
					     [PACKET_INSIDE_GENEVE] = "Geneve vni " };
	struct packet inner;
	uint32_t id;
	enum packet_inside how =
	    depth < DEPTH_MAX ? packet_decode_inner(packet, &inner, &id) : PACKET_INSIDE_NOTHING;
	if (how == PACKET_INSIDE_NOTHING) {
		protocol(&lines->pen, packet);
		length(&lines->pen, packet);
		if (packet->transport_kind == PACKET_UDP)
			line_udp_payload(&lines->pen, packet);
		return;
	}
	pen_text(&lines->pen, words[how]);
	if (how != PACKET_INSIDE_IPIP)
		pen_number(&lines->pen, id);
	pen_text(&lines->pen, ": ");
	tags(&lines->pen, &inner);
	line_network(lines, &inner, depth + 1);
}

static void fragment(struct pen *pen, const struct packet *packet)
{
	pen_text(pen, packet->fragment_offset ? "" : ", first ");
	if (packet->fragment_offset) {
		protocol(pen, packet);
		pen_char(pen, ' ');
	}
	pen_text(pen, "fragment of id ");
	pen_number(pen, packet->fragment_id);
	pen_text(pen, ", bytes ");
	pen_number(pen, packet->fragment_offset);
	pen_char(pen, '-');
	uint32_t bytes =
	    packet->ip_length > packet->ip_header_length ? packet->ip_length - packet->ip_header_length : 0;
	pen_number(pen, (uint64_t)packet->fragment_offset + bytes - (bytes > 0));
	if (packet->more_fragments)
		pen_text(pen, ", more follow");
}

static void line_ip(struct packet_lines *lines, const struct packet *packet, unsigned depth)
{
	struct pen *pen = &lines->pen;
	uint8_t kind = packet->transport_kind;
	bool ports = kind == PACKET_TCP || kind == PACKET_UDP || kind == PACKET_PORTS;
	pen_text(pen, packet->ip_version == 4 ? "IP " : "IP6 ");
	endpoint(lines, packet, packet->source, packet->source_port, ports);
	pen_text(pen, " > ");
	endpoint(lines, packet, packet->destination, packet->destination_port, ports);
	pen_text(pen, ": ");
	if (packet->fragment_offset) {
		fragment(pen, packet);
		return;
	}
	if (kind == PACKET_TCP)
		line_tcp(lines, packet);
	else if (kind == PACKET_ICMP)
		line_icmp(lines, packet);
	else if (kind == PACKET_ICMPV6)
		line_icmpv6(lines, packet);
	else
		inside(lines, packet, depth);
	if (packet->is_fragment)
		fragment(pen, packet);
}

void line_network(struct packet_lines *lines, const struct packet *packet, unsigned depth)
{
	char buf[24];
	if (packet->ip_version && packet->source) {
		line_ip(lines, packet, depth);
	} else if (packet->ethertype == ETHERTYPE_ARP) {
		line_arp(lines, packet);
	} else {
		pen_text(&lines->pen,
			 packet->ethertype ? packet_protocol_name(packet, buf) : "unknown protocol");
		length(&lines->pen, packet);
	}
	if (packet->fault)
		pen_printf(&lines->pen, " [%s: it %s]", packet->fault == PACKET_CUT ? "cut" : "BROKEN",
			   packet->wrong);
}

void packet_lines_add(struct packet_lines *lines, const struct capture_frame *frame,
		      const struct packet *packet, const char *interface)
{
	struct pen *pen = &lines->pen;
	const struct packet_line_style *style = &lines->style;
	pen_room(pen, LINE_ROOM);
	stamp(lines, frame->time);
	if (style->interfaces && interface) {
		pen_escaped(pen, (const uint8_t *)interface, strlen(interface), 64);
		pen_char(pen, ' ');
	}
	lines->summary = (size_t)(pen->at - pen->start);
	if (packet->direction != PACKET_NO_DIRECTION)
		direction(pen, packet);
	if (style->link_header)
		link_header(lines, packet);
	if (packet->vlan_count || packet->mpls_labels)
		tags(pen, packet);
	line_network(lines, packet, 0);
	const char *remark = style->remark ? style->remark(packet, style->arg) : NULL;
	if (remark) {
		pen_text(pen, "  {");
		pen_escaped(pen, (const uint8_t *)remark, strlen(remark), 128);
		pen_char(pen, '}');
	}
	lines->summary_length = (size_t)(pen->at - pen->start) - lines->summary;
	pen_char(pen, '\n');
	if (style->verbose)
		line_layers(lines, packet, 0);
	if (style->dump)
		line_dump(lines, packet);
}
