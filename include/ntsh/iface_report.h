/* How an interface's hardware and queues show: shared by the commands about interfaces. */
#ifndef NTSH_IFACE_REPORT_H
#define NTSH_IFACE_REPORT_H

#include "ntsh/iface.h"
#include "ntsh/result.h"

/* Each puts its members (IFACE_REPORT_FIELDS) and lays them out as items. */
void iface_report_hardware(struct result *result, const struct iface_ethtool *ethtool);
void iface_report_queues(struct result *result, const struct iface_queue *queues, size_t count);
void iface_report_qdiscs(struct result *result, const struct iface_qdiscs *qdiscs);
void iface_report_statistics(struct result *result, const struct iface_ethtool *ethtool);

/* Rows of a command's table of fields for what these put. */
/* clang-format off */
#define IFACE_REPORT_FIELDS \
	{ "link", KIND_NONE, "the wire" }, \
	{ "link.speed_bps", KIND_BIT_RATE, "its speed now" }, \
	{ "link.max_speed_bps", KIND_BIT_RATE, "the most that this card supports" }, \
	{ "link.peer_max_speed_bps", KIND_BIT_RATE, "the most that the other end offers" }, \
	{ "link.duplex", KIND_TEXT, "full or half" }, \
	{ "link.autonegotiation", KIND_FLAG, "both ends agree on speed and duplex by themselves" }, \
	{ "driver", KIND_NONE, "the kernel's driver" }, \
	{ "driver.name", KIND_TEXT, "its name" }, \
	{ "driver.version", KIND_TEXT, "its version" }, \
	{ "driver.firmware", KIND_TEXT, "the card's firmware" }, \
	{ "driver.bus", KIND_TEXT, "where the card sits" }, \
	{ "rings", KIND_NONE, "descriptors between card and driver" }, \
	{ "rings.rx", KIND_COUNT, "for reception" }, \
	{ "rings.rx_max", KIND_COUNT, "the most that can be set" }, \
	{ "rings.tx", KIND_COUNT, "for sending" }, \
	{ "rings.tx_max", KIND_COUNT, "the most that can be set" }, \
	{ "channels", KIND_NONE, "queues with an interrupt of their own" }, \
	{ "channels.rx", KIND_COUNT, "for reception only" }, \
	{ "channels.rx_max", KIND_COUNT, "the most" }, \
	{ "channels.tx", KIND_COUNT, "for sending only" }, \
	{ "channels.tx_max", KIND_COUNT, "the most" }, \
	{ "channels.combined", KIND_COUNT, "for both" }, \
	{ "channels.combined_max", KIND_COUNT, "the most" }, \
	{ "coalescing", KIND_NONE, "how long the card waits before it interrupts" }, \
	{ "coalescing.rx_ms", KIND_TIME, "after a packet came" }, \
	{ "coalescing.rx_frames", KIND_COUNT, "or after so many" }, \
	{ "coalescing.tx_ms", KIND_TIME, "after a packet went" }, \
	{ "coalescing.tx_frames", KIND_COUNT, "or after so many" }, \
	{ "coalescing.adaptive_rx", KIND_FLAG, "it adapts by itself" }, \
	{ "coalescing.adaptive_tx", KIND_FLAG, "it adapts by itself" }, \
	{ "features", KIND_NONE, "offloads and the like, by ethtool's names" }, \
	{ "features[].name", KIND_TEXT, "its name" }, \
	{ "features[].on", KIND_FLAG, "it is on" }, \
	{ "features[].fixed", KIND_FLAG, "it cannot be changed" }, \
	{ "queues", KIND_NONE, "its queues" }, \
	{ "queues[].direction", KIND_TEXT, "rx or tx" }, \
	{ "queues[].number", KIND_COUNT, "from 0" }, \
	{ "queues[].cpus", KIND_TEXT, "CPUs that RPS (rx) or XPS (tx) gives it, a hexadecimal mask; null: none set" }, \
	{ "queues[].flows", KIND_COUNT, "entries of its RFS table" }, \
	{ "queues[].packets", KIND_COUNT, "since boot, when the driver counts them" }, \
	{ "queues[].timeouts", KIND_COUNT, "how often sending hung" }, \
	{ "imbalance_percent", KIND_PERCENT, "share of the fullest rx queue" }, \
	{ "qdiscs", KIND_NONE, "queueing disciplines" }, \
	{ "qdiscs[].kind", KIND_TEXT, "fq_codel, mq, pfifo_fast ..." }, \
	{ "qdiscs[].handle", KIND_TEXT, "tc's number for it" }, \
	{ "qdiscs[].packets", KIND_COUNT, "sent through it" }, \
	{ "qdiscs[].drops", KIND_COUNT, "dropped by it" }, \
	{ "qdiscs[].overlimits", KIND_COUNT, "delayed by its rate" }, \
	{ "qdiscs[].requeues", KIND_COUNT, "put back, because the card was busy" }, \
	{ "qdiscs[].backlog_bytes", KIND_BYTES, "waiting in it now" }, \
	{ "qdiscs[].queued", KIND_COUNT, "packets waiting in it now" }, \
	{ "statistics", KIND_NONE, "the driver's own (ethtool -S) that are not 0" }, \
	{ "statistics[].name", KIND_TEXT, "the driver's name" }, \
	{ "statistics[].value", KIND_COUNT, "since the driver was loaded" }, \
	{ "statistics[].loss", KIND_FLAG, "its name speaks of loss or damage" }
/* clang-format on */

#endif
