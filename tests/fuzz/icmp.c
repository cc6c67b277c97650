/* IP and ICMP headers, quotations and extensions, in both families. */
#include "wire/icmp.h"
#include "wire/icmp_extensions.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a reader points to must lie in what it was given. */
static void check(const uint8_t *bytes, size_t size, const uint8_t *part, size_t length)
{
	if (part && (part < bytes || part + length > bytes + size))
		abort();
}

static void read_extensions(const uint8_t *bytes, size_t size)
{
	struct icmp_extensions extensions;
	if (!bytes || !icmp_extensions_read(bytes, size, &extensions))
		return;
	if (extensions.mpls_count > ICMP_MPLS_MAX || extensions.interface_count > ICMP_INTERFACES_MAX)
		abort();
	for (size_t i = 0; i < extensions.interface_count; i++)
		if (strnlen(extensions.interfaces[i].name, ICMP_INTERFACE_NAME_MAX) ==
		    ICMP_INTERFACE_NAME_MAX)
			abort();
}

static void read_icmp(int family, const uint8_t *bytes, size_t size)
{
	struct icmp_message message;
	struct icmp_quote quote;
	if (!icmp_read(family, bytes, size, &message))
		return;
	check(bytes, size, message.payload, message.payload_length);
	check(bytes, size, message.extension, message.extension_length);
	read_extensions(message.extension, message.extension_length);
	if (icmp_quote_read(&message, &quote))
		check(bytes, size, quote.packet.payload, quote.packet.payload_length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size + 1);
	struct ip_packet packet;
	memcpy(bytes, data, size);
	read_icmp(AF_INET, bytes, size);
	read_icmp(AF_INET6, bytes, size);
	read_extensions(bytes, size);
	if (ip_read(bytes, size, &packet)) {
		check(bytes, size, packet.payload, packet.payload_length);
		read_icmp(packet.version == 6 ? AF_INET6 : AF_INET, packet.payload, packet.payload_length);
	}
	ip_checksum_fold(ip_checksum_add((uint32_t)size, bytes, size));
	free(bytes);
	return 0;
}
