#include "ntsh/iface_report.h"

#include "ntsh/clock.h"

#include <stdio.h>
#include <string.h>

/* A card with many queues has a discipline for each: JSON has them all. */
enum { OFFLOADS_TEXT_MAX = 512, QDISCS_SHOWN = 8 };

static struct value count_or_none(int64_t number)
{
	return number < 0 ? value_none() : value_count((uint64_t)number);
}

static struct value flag_or_none(int64_t number)
{
	return number < 0 ? value_none() : value_flag(number > 0);
}

static struct value text_or_none(const char *text)
{
	return value_text(*text ? text : NULL);
}

static struct value speed_of(int64_t mbps)
{
	return mbps <= 0 ? value_none() : value_bit_rate((double)mbps * 1e6);
}

static void link_put(struct result *result, const struct iface_ethtool *ethtool)
{
	result_open(result, "link");
	result_put(result, "speed_bps", speed_of(ethtool->speed_mbps));
	result_put(result, "max_speed_bps", speed_of(ethtool->max_speed_mbps));
	result_put(result, "peer_max_speed_bps", speed_of(ethtool->peer_max_speed_mbps));
	result_put(result, "duplex",
		   value_text(ethtool->duplex < 0 ? NULL
			      : ethtool->duplex   ? "full"
						  : "half"));
	result_put(result, "autonegotiation", flag_or_none(ethtool->autonegotiation));
	result_close(result);
	if (ethtool->speed_mbps > 0)
		result_item(result, "link", ethtool->duplex ? TONE_PLAIN : TONE_WARN,
			    "{link.speed_bps}{link.duplex?, {link.duplex} duplex}{link.autonegotiation?, by "
			    "autonegotiation}{link.max_speed_bps?; at most {link.max_speed_bps}}");
	result_open(result, "driver");
	result_put(result, "name", text_or_none(ethtool->driver));
	result_put(result, "version", text_or_none(ethtool->driver_version));
	result_put(result, "firmware", text_or_none(ethtool->firmware));
	result_put(result, "bus", text_or_none(ethtool->bus));
	result_close(result);
	if (*ethtool->driver)
		result_item(result, "driver", TONE_PLAIN,
			    "{driver.name}{driver.version? {driver.version}}{driver.firmware?, firmware "
			    "{driver.firmware}}{driver.bus?, at {driver.bus}}");
}

static void rings_put(struct result *result, const struct iface_ethtool *ethtool)
{
	result_open(result, "rings");
	result_put(result, "rx", count_or_none(ethtool->rx_ring));
	result_put(result, "rx_max", count_or_none(ethtool->rx_ring_max));
	result_put(result, "tx", count_or_none(ethtool->tx_ring));
	result_put(result, "tx_max", count_or_none(ethtool->tx_ring_max));
	result_close(result);
	if (ethtool->rx_ring > 0)
		result_item(
		    result, "rings", TONE_PLAIN,
		    "rx {rings.rx} of at most {rings.rx_max}, tx {rings.tx} of at most {rings.tx_max}");
	result_open(result, "channels");
	result_put(result, "rx", count_or_none(ethtool->rx_channels));
	result_put(result, "rx_max", count_or_none(ethtool->rx_channels_max));
	result_put(result, "tx", count_or_none(ethtool->tx_channels));
	result_put(result, "tx_max", count_or_none(ethtool->tx_channels_max));
	result_put(result, "combined", count_or_none(ethtool->combined_channels));
	result_put(result, "combined_max", count_or_none(ethtool->combined_channels_max));
	result_close(result);
	if (ethtool->combined_channels > 0)
		result_item(
		    result, "channels", TONE_PLAIN,
		    "{channels.combined} of at most {channels.combined_max}, each for both directions");
	else if (ethtool->rx_channels > 0)
		result_item(result, "channels", TONE_PLAIN,
			    "rx {channels.rx} of at most {channels.rx_max}, tx {channels.tx} of at most "
			    "{channels.tx_max}");
}

static struct value usecs_or_none(int64_t usecs)
{
	return usecs < 0 ? value_none() : value_time(usecs * NS_PER_US);
}

static void coalescing_put(struct result *result, const struct iface_ethtool *ethtool)
{
	result_open(result, "coalescing");
	result_put(result, "rx_ms", usecs_or_none(ethtool->rx_usecs));
	result_put(result, "rx_frames", count_or_none(ethtool->rx_frames));
	result_put(result, "tx_ms", usecs_or_none(ethtool->tx_usecs));
	result_put(result, "tx_frames", count_or_none(ethtool->tx_frames));
	result_put(result, "adaptive_rx", flag_or_none(ethtool->adaptive_rx));
	result_put(result, "adaptive_tx", flag_or_none(ethtool->adaptive_tx));
	result_close(result);
	if (ethtool->rx_usecs >= 0)
		result_item(result, "interrupts", TONE_PLAIN,
			    "{coalescing.rx_ms?{coalescing.rx_ms} after a packet came{coalescing.rx_frames?, "
			    "or after "
			    "{coalescing.rx_frames} of them}}{coalescing.adaptive_rx?, adaptive}");
}

static void features_put(struct result *result, const struct iface_ethtool *ethtool)
{
	static const struct table table = { .name = "features" };
	static const struct {
		const char *feature, *word;
	} known[] = { { "tx-tcp-segmentation", "TSO" },
		      { "tx-generic-segmentation", "GSO" },
		      { "rx-gro", "GRO" },
		      { "rx-lro", "LRO" },
		      { "rx-checksum", "rx checksum" },
		      { "tx-checksum-ip-generic", "tx checksum" },
		      { "rx-gro-hw", "hardware GRO" },
		      { "rx-hashing", "rx hashing" },
		      { "rx-vlan-hw-parse", "VLAN" } };
	char line[OFFLOADS_TEXT_MAX] = "";
	size_t used = 0;
	result_list_open(result, &table);
	for (size_t i = 0; i < ethtool->feature_count; i++) {
		result_row_open(result);
		result_put(result, "name", value_text(ethtool->features[i].name));
		result_put(result, "on", value_flag(ethtool->features[i].on));
		result_put(result, "fixed", value_flag(ethtool->features[i].fixed));
		result_row_close(result);
	}
	result_list_close(result);
	for (size_t i = 0; i < sizeof known / sizeof known[0] && used < sizeof line; i++) {
		const struct iface_feature *feature = iface_feature(ethtool, known[i].feature);
		if (feature)
			used += (size_t)snprintf(line + used, sizeof line - used, "%s%s %s", used ? ", " : "",
						 known[i].word, feature->on ? "on" : "off");
	}
	if (used)
		result_item(result, "offloads", TONE_PLAIN, line);
}

void iface_report_hardware(struct result *result, const struct iface_ethtool *ethtool)
{
	link_put(result, ethtool);
	rings_put(result, ethtool);
	coalescing_put(result, ethtool);
	features_put(result, ethtool);
}

/* --- queues --- */

static void queue_row_put(struct result *result, const struct iface_queue *queue)
{
	result_row_open(result);
	result_put(result, "direction", value_text(queue->tx ? "tx" : "rx"));
	result_put(result, "number", value_count(queue->number));
	result_put(result, "cpus", text_or_none(queue->cpus));
	result_put(result, "flows", count_or_none(queue->flow_count));
	result_put(result, "packets", count_or_none(queue->packets));
	result_put(result, "timeouts", count_or_none(queue->timeouts));
	result_row_close(result);
}

void iface_report_queues(struct result *result, const struct iface_queue *queues, size_t count)
{
	static const struct table table = { .name = "queues" };
	unsigned rx = 0, tx = 0, rps = 0, xps = 0, rfs = 0, hung = 0;
	double imbalance = iface_imbalance(queues, count);
	result_list_open(result, &table);
	for (size_t i = 0; i < count; i++) {
		queue_row_put(result, &queues[i]);
		rx += !queues[i].tx;
		tx += queues[i].tx;
		rps += !queues[i].tx && *queues[i].cpus;
		xps += queues[i].tx && *queues[i].cpus;
		rfs += queues[i].flow_count > 0;
		hung += queues[i].timeouts > 0;
	}
	result_list_close(result);
	result_put(result, "imbalance_percent", imbalance < 0 ? value_none() : value_percent(imbalance));
	if (!count)
		return;
	char line[160];
	snprintf(line, sizeof line, "%u rx, %u tx; RPS %s, RFS %s, XPS %s%s", rx, tx, rps ? "on" : "off",
		 rfs ? "on" : "off", xps ? "on" : "off", hung ? "; sending has hung (timeouts)" : "");
	result_item(result, "queues", hung ? TONE_WARN : TONE_PLAIN, line);
	/* Even hashing gives each of n queues a share near 1/n. */
	if (imbalance > 0 && imbalance > 200.0 / rx)
		result_item(
		    result, "queues", TONE_WARN,
		    "one rx queue takes {imbalance_percent} of the packets: few flows, or RSS is not set up");
}

void iface_report_qdiscs(struct result *result, const struct iface_qdiscs *qdiscs)
{
	static const struct table table = { .name = "qdiscs" };
	result_list_open(result, &table);
	for (size_t i = 0; i < qdiscs->count; i++) {
		const struct iface_qdisc *qdisc = &qdiscs->items[i];
		char handle[16];
		snprintf(handle, sizeof handle, "%x:%x", qdisc->handle >> 16, qdisc->handle & 0xffff);
		result_row_open(result);
		result_put(result, "kind", value_text(qdisc->kind));
		result_put(result, "handle", value_text(handle));
		result_put(result, "packets", value_count(qdisc->packets));
		result_put(result, "drops", value_count(qdisc->drops));
		result_put(result, "overlimits", value_count(qdisc->overlimits));
		result_put(result, "requeues", value_count(qdisc->requeues));
		result_put(result, "backlog_bytes", value_bytes(qdisc->backlog));
		result_put(result, "queued", value_count(qdisc->queue_length));
		const char *says =
		    !strcmp(qdisc->kind, "noqueue")
			? "noqueue: packets go straight to the device"
			: "{kind}: {packets} packets, {drops} dropped{queued?, {queued} waiting "
			  "({backlog_bytes})}{overlimits?, {overlimits} delayed by its rate}";
		if (i < QDISCS_SHOWN)
			result_item(result, "qdisc", qdisc->drops ? TONE_WARN : TONE_PLAIN, says);
		result_row_close(result);
	}
	result_list_close(result);
	if (!qdiscs->count)
		result_item(result, "qdisc", TONE_PLAIN, "none: packets go straight to the device");
}

void iface_report_statistics(struct result *result, const struct iface_ethtool *ethtool)
{
	static const struct table table = { .name = "statistics" };
	result_list_open(result, &table);
	for (size_t i = 0; i < ethtool->stat_count; i++) {
		if (!ethtool->stats[i].value)
			continue;
		bool loss = iface_stat_is_loss(ethtool->stats[i].name);
		result_row_open(result);
		result_put(result, "name", value_text(ethtool->stats[i].name));
		result_put(result, "value", value_count(ethtool->stats[i].value));
		result_put(result, "loss", value_flag(loss));
		if (loss)
			result_item(result, "driver", TONE_WARN, "{name} {value}");
		else
			result_line_verbose(result, TONE_FAINT, "{name} {value}");
		result_row_close(result);
	}
	result_list_close(result);
}
