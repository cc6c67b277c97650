/* Who made a network card: the IEEE's public lists, as the package ieee-data installs them (optional). */
#ifndef NTSH_VENDOR_H
#define NTSH_VENDOR_H

#include <stddef.h>
#include <stdint.h>

struct vendors;

/* Reads the lists: the 24-bit blocks, and the 28 and 36 bits of those that are shared. NULL when they are not installed. */
struct vendors *vendors_open(void);
void vendors_close(struct vendors *vendors);

/* The maker of a MAC address of 6 bytes, or NULL: unknown. "locally administered" when the address says so of itself (IEEE 802:
 * second bit of the first byte): virtual cards, containers, telephones that hide. vendors may be NULL. Lives until vendors_close. */
const char *vendor_name(const struct vendors *vendors, const uint8_t mac[6]);

#endif
