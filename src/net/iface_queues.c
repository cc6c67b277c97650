/* Queues of an interface, from sysfs (Documentation/ABI/testing/sysfs-class-net-queues, networking/scaling.rst), and its queueing disciplines. */
#include "net/iface_read.h"

#include "base/buf.h"
#include "base/mem.h"
#include "sys/netlink.h"
#include "sys/sysfs.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t number_read(const char *path)
{
	struct buf text = BUF_INIT(64);
	char *end;
	long long found = -1;
	if (sysfs_read(path, &text) == 0) {
		found = strtoll(buf_text(&text), &end, 10);
		if (end == buf_text(&text))
			found = -1;
	}
	buf_release(&text);
	return found;
}

/* "00000000,00000003" is "3"; no CPU at all is "". */
static void mask_read(const char *path, char out[64])
{
	struct buf text = BUF_INIT(1024);
	out[0] = '\0';
	if (sysfs_read(path, &text) == 0) {
		const char *from = buf_text(&text) + strspn(buf_text(&text), "0,");
		snprintf(out, 64, "%.*s", (int)strcspn(from, "\n"), from);
	}
	buf_release(&text);
}

struct walk {
	const struct iface *iface;
	struct iface_queue *out;
	size_t count, max;
};

static void queue_entry(const char *name, void *arg)
{
	struct walk *walk = arg;
	bool tx = !strncmp(name, "tx-", 3);
	if ((!tx && strncmp(name, "rx-", 3)) || walk->count == walk->max)
		return;
	struct iface_queue *queue = &walk->out[walk->count++];
	char path[128];
	*queue =
	    (struct iface_queue){ .tx = tx, .number = (unsigned)strtoul(name + 3, NULL, 10), .packets = -1 };
	int base = snprintf(path, sizeof path, "class/net/%s/queues/%.16s/", walk->iface->name, name);
	snprintf(path + base, sizeof path - (size_t)base, tx ? "xps_cpus" : "rps_cpus");
	mask_read(path, queue->cpus);
	snprintf(path + base, sizeof path - (size_t)base, "rps_flow_cnt");
	queue->flow_count = tx ? -1 : number_read(path);
	snprintf(path + base, sizeof path - (size_t)base, "tx_timeout");
	queue->timeouts = tx ? number_read(path) : -1;
}

/* Drivers name them rx0_packets, rx_queue_0_packets, rx-0.packets, rx_0_packets, rx_packets[0]. */
static bool stat_names_queue(const char *stat, bool tx, unsigned number)
{
	int at = 0;
	unsigned found = 0;
	if (stat[0] != (tx ? 't' : 'r') || stat[1] != 'x' || !strstr(stat, "packets") || strstr(stat, "xdp"))
		return false;
	const char *digits = strpbrk(stat, "0123456789");
	if (!digits)
		return false;
	for (; digits[at] >= '0' && digits[at] <= '9' && at < 6; at++)
		found = found * 10 + (unsigned)(digits[at] - '0');
	return found == number && !strpbrk(digits + at, "0123456789");
}

static int by_place(const void *a, const void *b)
{
	const struct iface_queue *x = a, *y = b;
	if (x->tx != y->tx)
		return x->tx ? 1 : -1;
	return (x->number > y->number) - (x->number < y->number);
}

size_t iface_queues(const struct iface *iface, const struct iface_ethtool *ethtool, struct iface_queue *out,
		    size_t max)
{
	struct walk walk = { iface, out, 0, max };
	char path[64];
	snprintf(path, sizeof path, "class/net/%s/ifindex", iface->name);
	if (number_read(path) != iface->index)
		return 0;
	snprintf(path, sizeof path, "class/net/%s/queues", iface->name);
	(void)sysfs_list(path, queue_entry, &walk);
	qsort(out, walk.count, sizeof *out, by_place);
	for (size_t q = 0; ethtool && q < walk.count; q++)
		for (size_t i = 0; i < ethtool->stat_count && out[q].packets < 0; i++)
			if (stat_names_queue(ethtool->stats[i].name, out[q].tx, out[q].number))
				out[q].packets = (int64_t)ethtool->stats[i].value;
	return walk.count;
}

double iface_imbalance(const struct iface_queue *queues, size_t count)
{
	double sum = 0, most = 0;
	unsigned known = 0;
	for (size_t i = 0; i < count; i++) {
		if (queues[i].tx || queues[i].packets < 0)
			continue;
		known++;
		sum += (double)queues[i].packets;
		if ((double)queues[i].packets > most)
			most = (double)queues[i].packets;
	}
	return known < 2 || sum < 1000 ? -1 : 100 * most / sum;
}

/* --- queueing disciplines --- */

struct qdisc_walk {
	int index;
	struct iface_qdiscs *out;
};

static bool qdisc_message(const struct nlmsghdr *message, void *arg)
{
	struct qdisc_walk *walk = arg;
	struct iface_qdiscs *out = walk->out;
	if (out->count % 32 == 0)
		out->items = mem_resize(out->items, out->count + 32, sizeof *out->items);
	struct iface_qdisc *qdisc = &out->items[out->count];
	if (iface_read_qdisc(message, qdisc) && (!walk->index || qdisc->index == walk->index))
		out->count++;
	return true;
}

static void qdiscs_again(void *arg)
{
	((struct qdisc_walk *)arg)->out->count = 0;
}

int iface_qdiscs_read(int index, struct iface_qdiscs *out, struct error *err)
{
	*out = (struct iface_qdiscs){ 0 };
	struct netlink *netlink = netlink_open(NETLINK_ROUTE, err);
	if (!netlink)
		return -1;
	struct netlink_request request;
	struct qdisc_walk walk = { index, out };
	struct tcmsg *header = netlink_begin(&request, RTM_GETQDISC, NLM_F_DUMP, sizeof *header);
	header->tcm_ifindex = index;
	int failed = netlink_ask(netlink, &request, qdisc_message, qdiscs_again, &walk) < 0 ? errno : 0;
	netlink_close(netlink);
	if (failed) {
		iface_qdiscs_free(out);
		return error_errno(err, failed, NULL, "the queueing disciplines cannot be read");
	}
	return 0;
}

void iface_qdiscs_free(struct iface_qdiscs *qdiscs)
{
	free(qdiscs->items);
	*qdiscs = (struct iface_qdiscs){ 0 };
}
