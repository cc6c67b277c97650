/* What the counters of struct rtnl_link_stats64 count (kernel Documentation/networking/statistics.rst, include/uapi/linux/if_link.h). */
#include "ntsh/iface.h"

/* clang-format off */
const struct iface_counter_info iface_counters[IFACE_COUNTERS] = {
	[IFACE_RX_PACKETS] = { "rx_packets", COUNTER_TRAFFIC, "received, and handed to the stack" },
	[IFACE_TX_PACKETS] = { "tx_packets", COUNTER_TRAFFIC, "sent" },
	[IFACE_RX_BYTES] = { "rx_bytes", COUNTER_TRAFFIC, "received" },
	[IFACE_TX_BYTES] = { "tx_bytes", COUNTER_TRAFFIC, "sent" },
	[IFACE_RX_ERRORS] = { "rx_errors", COUNTER_ERROR, "arrived damaged, all kinds together: cable, optics, duplex" },
	[IFACE_TX_ERRORS] = { "tx_errors", COUNTER_ERROR, "could not be sent, all kinds together" },
	[IFACE_RX_DROPPED] = { "rx_dropped", COUNTER_DROP,
	                       "arrived whole, then dropped: no room further up, an unknown protocol, a foreign VLAN" },
	[IFACE_TX_DROPPED] = { "tx_dropped", COUNTER_DROP, "were to be sent, then dropped: no room, or the other end is down" },
	[IFACE_MULTICAST] = { "multicast", COUNTER_TRAFFIC, "multicast packets among those received" },
	[IFACE_COLLISIONS] = { "collisions", COUNTER_ERROR, "half duplex only: on a full duplex link they mean a duplex mismatch" },
	[IFACE_RX_LENGTH_ERRORS] = { "rx_length_errors", COUNTER_DETAIL, "too short or too long: MTUs that differ, or damage" },
	[IFACE_RX_OVER_ERRORS] = { "rx_over_errors", COUNTER_DETAIL, "no room in the receiver: the ring is too small" },
	[IFACE_RX_CRC_ERRORS] = { "rx_crc_errors", COUNTER_DETAIL, "wrong checksum of the frame: cable, plug, optics, interference" },
	[IFACE_RX_FRAME_ERRORS] = { "rx_frame_errors", COUNTER_DETAIL, "frames that are no whole bytes: cable, or duplex mismatch" },
	[IFACE_RX_FIFO_ERRORS] = { "rx_fifo_errors", COUNTER_DETAIL, "the card's queue overran: the machine fetches too slowly" },
	[IFACE_RX_MISSED_ERRORS] = { "rx_missed_errors", COUNTER_DROP,
	                             "no descriptor was free: the ring is too small or the CPU too busy" },
	[IFACE_TX_ABORTED_ERRORS] = { "tx_aborted_errors", COUNTER_DETAIL, "given up after too many collisions: half duplex" },
	[IFACE_TX_CARRIER_ERRORS] = { "tx_carrier_errors", COUNTER_DETAIL, "the carrier went away while sending: cable or duplex" },
	[IFACE_TX_FIFO_ERRORS] = { "tx_fifo_errors", COUNTER_DETAIL, "the card ran out of data while sending: bus too slow" },
	[IFACE_TX_HEARTBEAT_ERRORS] = { "tx_heartbeat_errors", COUNTER_DETAIL, "old half duplex transceivers only" },
	[IFACE_TX_WINDOW_ERRORS] = { "tx_window_errors", COUNTER_DETAIL, "late collisions: duplex mismatch, or too long a cable" },
	[IFACE_RX_COMPRESSED] = { "rx_compressed", COUNTER_TRAFFIC, "received compressed (PPP)" },
	[IFACE_TX_COMPRESSED] = { "tx_compressed", COUNTER_TRAFFIC, "sent compressed (PPP)" },
	[IFACE_RX_NOHANDLER] = { "rx_nohandler", COUNTER_DROP,
	                         "arrived on a passive member of a bond or team: normal there" },
	[IFACE_RX_OTHERHOST_DROPPED] = { "rx_otherhost_dropped", COUNTER_DROP,
	                                 "were for another MAC address: normal in promiscuous mode or behind a hub" },
};
/* clang-format on */
