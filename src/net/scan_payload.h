/* What a UDP service answers to. */
#ifndef NET_SCAN_PAYLOAD_H
#define NET_SCAN_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

/* The datagram for this port; *length 0: an empty one. Static. */
const uint8_t *scan_payload(uint16_t port, size_t *length);

#endif
