#include "wire/icmp_extensions.h"

#include "wire/bytes.h"
#include "wire/ip.h"

enum { VERSION = 2, HEADER = 4, OBJECT_HEADER = 4 };
enum { CLASS_MPLS = 1, CLASS_INTERFACE = 2, TYPE_MPLS_IN = 1 };
enum { HAS_MTU = 1, HAS_NAME = 2, HAS_ADDRESS = 4, HAS_INDEX = 8 }; /* RFC 5837 4.1, low bits of the C-Type */
enum { AFI_IPV4 = 1, AFI_IPV6 = 2 };

static void mpls_read(struct bytes_reader reader, struct icmp_extensions *out)
{
	while (out->mpls_count < ICMP_MPLS_MAX) {
		uint32_t entry = bytes_u32(&reader);
		if (reader.short_)
			return;
		out->mpls[out->mpls_count++] = (struct icmp_mpls){
			.label = entry >> 12,
			.traffic_class = entry >> 9 & 7,
			.bottom = entry >> 8 & 1,
			.ttl = (uint8_t)entry,
		};
	}
}

/* RFC 5837 4.2. Returns false when it makes no sense: what follows cannot be found then. */
static bool interface_address(struct bytes_reader *reader, struct icmp_interface *out)
{
	uint16_t afi = bytes_u16(reader);
	bytes_u16(reader);
	sa_family_t family = afi == AFI_IPV4 ? AF_INET : afi == AFI_IPV6 ? AF_INET6 : AF_UNSPEC;
	const uint8_t *bytes = family == AF_UNSPEC ? NULL : bytes_take(reader, addr_length(family));
	if (!bytes)
		return false;
	out->addr = addr_from_bytes(family, bytes);
	return true;
}

/* RFC 5837 4.3: the length counts itself. */
static bool interface_name(struct bytes_reader *reader, struct icmp_interface *out)
{
	size_t length = bytes_u8(reader);
	if (!length || length > ICMP_INTERFACE_NAME_MAX)
		return false;
	const uint8_t *bytes = bytes_take(reader, length - 1);
	if (!bytes)
		return false;
	memcpy(out->name, bytes, length - 1);
	out->name[length - 1] = '\0';
	return true;
}

static void interface_read(struct bytes_reader reader, uint8_t type, struct icmp_extensions *out)
{
	if (out->interface_count == ICMP_INTERFACES_MAX)
		return;
	struct icmp_interface *interface = &out->interfaces[out->interface_count++];
	*interface = (struct icmp_interface){ .role = (enum icmp_interface_role)(type >> 6) };
	if (type & HAS_INDEX)
		interface->index = bytes_u32(&reader);
	if (type & HAS_ADDRESS && !interface_address(&reader, interface))
		return;
	if (type & HAS_NAME && !interface_name(&reader, interface))
		return;
	if (type & HAS_MTU)
		interface->mtu = bytes_u32(&reader);
}

bool icmp_extensions_read(const void *bytes, size_t length, struct icmp_extensions *out)
{
	*out = (struct icmp_extensions){ 0 };
	struct bytes_reader reader = bytes_reader_of(bytes, length);
	uint8_t version = bytes_u8(&reader) >> 4;
	bytes_u8(&reader);
	uint16_t checksum = bytes_u16(&reader);
	if (reader.short_ || version != VERSION)
		return false;
	/* RFC 4884 7: zero means that there is none. */
	if (checksum && ip_checksum_fold(ip_checksum_add(0, bytes, length)) != 0)
		return false;
	while (reader.rest >= OBJECT_HEADER) {
		size_t size = bytes_u16(&reader);
		uint8_t class = bytes_u8(&reader), type = bytes_u8(&reader);
		if (size < OBJECT_HEADER)
			break;
		size_t payload = size - OBJECT_HEADER;
		const uint8_t *object = bytes_take(&reader, payload);
		if (!object)
			break;
		if (class == CLASS_MPLS && type == TYPE_MPLS_IN)
			mpls_read(bytes_reader_of(object, payload), out);
		else if (class == CLASS_INTERFACE)
			interface_read(bytes_reader_of(object, payload), type, out);
	}
	return true;
}
