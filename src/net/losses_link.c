/* Losses below IP: card, ring, backlog, queueing discipline. */
#include "net/losses_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Which counters of an interface count a loss, and where. The kinds of an error are hints: its total counts them. */
static const struct {
	enum iface_counter counter;
	enum loss_place place;
	bool outgoing, hint;
} link_losses[] = {
	{ IFACE_RX_ERRORS, LOSS_CARD, false, false },
	{ IFACE_TX_ERRORS, LOSS_CARD, true, false },
	{ IFACE_RX_DROPPED, LOSS_CARD, false, false },
	{ IFACE_TX_DROPPED, LOSS_CARD, true, false },
	{ IFACE_RX_MISSED_ERRORS, LOSS_RING, false, false },
	{ IFACE_RX_CRC_ERRORS, LOSS_CARD, false, true },
	{ IFACE_RX_LENGTH_ERRORS, LOSS_CARD, false, true },
	{ IFACE_RX_FRAME_ERRORS, LOSS_CARD, false, true },
	{ IFACE_RX_OVER_ERRORS, LOSS_RING, false, true },
	{ IFACE_RX_FIFO_ERRORS, LOSS_RING, false, true },
	{ IFACE_TX_CARRIER_ERRORS, LOSS_CARD, true, true },
	{ IFACE_TX_ABORTED_ERRORS, LOSS_CARD, true, true },
	{ IFACE_COLLISIONS, LOSS_CARD, true, true },
	{ IFACE_RX_NOHANDLER, LOSS_CARD, false, true },
	{ IFACE_RX_OTHERHOST_DROPPED, LOSS_CARD, false, true },
};

static void statistics_add(struct losses *losses, const struct iface *iface)
{
	struct iface_ethtool ethtool;
	iface_ethtool_read(iface, &ethtool);
	for (size_t i = 0; i < ethtool.stat_count; i++) {
		const struct iface_stat *stat = &ethtool.stats[i];
		struct loss_counter counter = {
			.place = LOSS_RING,
			.hint = true, /* the driver adds them to the interface's own counters */
			.outgoing = stat->name[0] == 't',
			.means = "the driver's own counter (ethtool -S)",
			.value = stat->value
		};
		if (!iface_stat_is_loss(stat->name))
			continue;
		snprintf(counter.name, sizeof counter.name, "%s", stat->name);
		snprintf(counter.where, sizeof counter.where, "%s", iface->name);
		losses_add(losses, &counter);
	}
	iface_ethtool_free(&ethtool);
}

void losses_add_interface(struct losses *losses, const struct iface *iface)
{
	for (size_t i = 0; i < sizeof link_losses / sizeof link_losses[0]; i++) {
		const struct iface_counter_info *info = &iface_counters[link_losses[i].counter];
		struct loss_counter counter = { .place = link_losses[i].place,
						.hint = link_losses[i].hint,
						.outgoing = link_losses[i].outgoing,
						.means = info->means,
						.value = iface->counters[link_losses[i].counter] };
		if ((unsigned)link_losses[i].counter >= iface->counter_count)
			continue;
		snprintf(counter.name, sizeof counter.name, "%s", info->name);
		snprintf(counter.where, sizeof counter.where, "%s", iface->name);
		losses_add(losses, &counter);
	}
	statistics_add(losses, iface);
}

void losses_add_qdiscs(struct losses *losses, const struct ifaces *ifaces, int index)
{
	struct iface_qdiscs qdiscs;
	if (iface_qdiscs_read(index, &qdiscs, NULL) < 0)
		return;
	for (size_t i = 0; i < qdiscs.count; i++) {
		const struct iface_qdisc *qdisc = &qdiscs.items[i];
		const struct iface *iface = iface_by_index(ifaces, qdisc->index);
		struct loss_counter counter = {
			.place = LOSS_QDISC,
			.outgoing = qdisc->parent != 0xfffffff1,
			.means = "the queue to the wire was full, or its rate limit was reached",
			.value = qdisc->drops
		};
		/* A child's drops are counted by its parents, too. */
		counter.hint = qdisc->parent != 0xffffffff && qdisc->parent != 0xfffffff1;
		snprintf(counter.name, sizeof counter.name, "%s", qdisc->kind);
		snprintf(counter.where, sizeof counter.where, "%s %x:", iface ? iface->name : "?",
			 qdisc->handle >> 16);
		losses_add(losses, &counter);
	}
	iface_qdiscs_free(&qdiscs);
}

/* Columns (net/core/net-procfs.c): processed, dropped, time_squeeze, ..., 9 received_rps, 10 flow_limit, 12 CPU (since Linux 5.10; before,
 * the line's number). */
void losses_read_softnet(struct losses *losses, const char *text)
{
	static const struct {
		unsigned column;
		bool hint;
		const char *name, *means;
	} columns[] = {
		{ 1, false, "dropped",
		  "the backlog of the CPU was full (net.core.netdev_max_backlog): it cannot keep up" },
		{ 2, true, "time_squeeze",
		  "the CPU had more packets than it may fetch in one go (net.core.netdev_budget): it is "
		  "behind" },
		{ 10, false, "flow_limit", "one flow filled the backlog and was limited" },
	};
	for (unsigned line = 0; *text; line++) {
		uint64_t values[13] = { 0 };
		unsigned count = 0;
		while (*text && *text != '\n') {
			char *end;
			uint64_t value = strtoull(text, &end, 16);
			if (end == text)
				break;
			if (count < 13)
				values[count++] = value;
			text = end;
			text += *text == ' ';
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
		for (size_t i = 0; i < sizeof columns / sizeof columns[0] && count >= 9; i++) {
			struct loss_counter counter = { .place = LOSS_BACKLOG,
							.scope = SCOPE_MACHINE,
							.hint = columns[i].hint,
							.means = columns[i].means,
							.value = values[columns[i].column] };
			snprintf(counter.name, sizeof counter.name, "%s", columns[i].name);
			snprintf(counter.where, sizeof counter.where, "CPU %llu",
				 count > 12 ? (unsigned long long)values[12] : line);
			losses_add(losses, &counter);
		}
	}
}
