/* Addresses: IPv4 or IPv6 with an optional zone and port, by value. */
#ifndef NTSH_ADDR_H
#define NTSH_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* family is AF_INET, AF_INET6, or AF_UNSPEC for "no address". bytes are in network order
 * (4 of them for IPv4). zone is the interface index of a link-local address (RFC 4007), else 0.
 * port is in host order, 0 for none. */
struct addr {
	sa_family_t family;
	uint16_t port;
	uint32_t zone;
	uint8_t bytes[16];
};

/* Enough for "[ffff:...:255.255.255.255%interfacename]:65535" and its NUL. */
enum { ADDR_TEXT_MAX = 80 };

/* Reads "192.0.2.1", "2001:db8::1", "fe80::1%eth0", "[2001:db8::1]". No port, no name. Returns 0, or
 * -1 when text is not an address or its zone is not an interface here. */
int addr_parse(const char *text, struct addr *out);

/* Reads "ADDRESS:PORT", "[ADDRESS]:PORT" or "ADDRESS" alone (port becomes default_port). */
int addr_parse_port(const char *text, uint16_t default_port, struct addr *out);

/* Writes the address without its port; returns buf. AF_UNSPEC becomes "-". */
char *addr_format(const struct addr *addr, char buf[ADDR_TEXT_MAX]);

/* Writes "192.0.2.1:80" or "[2001:db8::1]:80"; without a port it is addr_format. Returns buf. */
char *addr_format_port(const struct addr *addr, char buf[ADDR_TEXT_MAX]);

/* Both ways between ours and the kernel's. addr_to_sockaddr returns the length to pass on;
 * addr_from_sockaddr gives AF_UNSPEC for families that are not ours. IPv4-mapped IPv6 stays IPv6. */
socklen_t addr_to_sockaddr(const struct addr *addr, struct sockaddr_storage *out);
struct addr addr_from_sockaddr(const struct sockaddr *sa, socklen_t length);

/* An address from bytes in network order (4 or 16 of them, by family). */
struct addr addr_from_bytes(sa_family_t family, const void *bytes);

/* Length in bytes of an address of this family: 4, 16, or 0. */
size_t addr_length(sa_family_t family);

/* Equal in family, bytes and zone; the port is not compared. */
bool addr_equal(const struct addr *a, const struct addr *b);

bool addr_is_loopback(const struct addr *addr);   /* 127.0.0.0/8, ::1 */
bool addr_is_link_local(const struct addr *addr); /* 169.254.0.0/16, fe80::/10 */
bool addr_is_multicast(const struct addr *addr);  /* 224.0.0.0/4, ff00::/8 */
bool addr_is_any(const struct addr *addr);        /* 0.0.0.0, :: */

/* The name to look up for the address's reverse mapping: "1.2.0.192.in-addr.arpa" (RFC 1035 3.5),
 * nibbles under ip6.arpa (RFC 3596 2.5). buf takes at least 74 bytes. Returns buf. */
char *addr_reverse_name(const struct addr *addr, char buf[ADDR_TEXT_MAX]);

#endif
