#include "net/losses_read.h"

#include "base/buf.h"
#include "base/mem.h"
#include "sys/file.h"

#include <linux/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A machine with many sockets, rules and queues has a few thousand. */
enum { COUNTERS_MAX = 65536, FILE_MAX = 8 << 20 };

const char *loss_place_name(enum loss_place place)
{
	static const char *const names[] = {
		"card", "ring", "backlog", "qdisc", "netfilter", "ip", "socket"
	};
	return names[place];
}

const char *loss_place_describe(enum loss_place place)
{
	static const char *const says[] = { "in the card or its driver",
					    "between card and driver, in the ring",
					    "in the CPUs' backlog (softnet)",
					    "in the queueing discipline",
					    "in the firewall or connection tracking",
					    "in IP, TCP or UDP",
					    "at the sockets, for want of buffer" };
	return says[place];
}

const char *loss_scope_name(enum loss_scope scope)
{
	static const char *const names[] = { "interface", "namespace", "machine" };
	return names[scope];
}

void losses_add(struct losses *losses, const struct loss_counter *counter)
{
	if (losses->count >= COUNTERS_MAX)
		return;
	if (losses->count % 64 == 0)
		losses->items = mem_resize(losses->items, losses->count + 64, sizeof *losses->items);
	losses->items[losses->count++] = *counter;
}

/* --- reading all --- */

static bool is_meant(const char *interface, const struct iface *iface)
{
	return interface ? !strcmp(interface, iface->name) : true;
}

static int interfaces_add(const char *interface, struct losses *out, struct error *err)
{
	struct ifaces ifaces;
	int index = 0;
	if (ifaces_read(&ifaces, err) < 0)
		return -1;
	for (size_t i = 0; i < ifaces.count; i++) {
		const struct iface *iface = &ifaces.items[i];
		if (!is_meant(interface, iface))
			continue;
		index = iface->index;
		losses_add_interface(out, iface);
		if (interface || !(iface->flags & IFF_LOOPBACK)) {
			out->received += iface->counters[IFACE_RX_PACKETS];
			out->sent += iface->counters[IFACE_TX_PACKETS];
		}
	}
	losses_add_qdiscs(out, &ifaces, interface ? index : 0);
	ifaces_free(&ifaces);
	if (interface && !index)
		return error_set(err, STATUS_CANNOT, "ENODEV", "see iface list", "%s is not there any more",
				 interface);
	return 0;
}

static void softnet_file(struct losses *losses, const char *text, const char *unused)
{
	(void)unused;
	losses_read_softnet(losses, text);
}

static void conntrack_file(struct losses *losses, const char *text, const char *unused)
{
	(void)unused;
	losses_read_conntrack(losses, text);
}

static void sockets_file(struct losses *losses, const char *text, const char *protocol)
{
	losses_read_sockets(losses, protocol, text);
}

static void legacy_file(struct losses *losses, const char *text, const char *unused)
{
	(void)unused;
	losses->rules_legacy |= *text != '\0';
}

static void files_add(struct losses *out)
{
	static const struct {
		const char *path;
		void (*read)(struct losses *losses, const char *text, const char *protocol);
		const char *protocol;
	} files[] = {
		{ "/proc/net/softnet_stat", softnet_file, NULL },
		{ "/proc/net/stat/nf_conntrack", conntrack_file, NULL },
		{ "/proc/net/udp", sockets_file, "UDP" },
		{ "/proc/net/udp6", sockets_file, "UDP" },
		{ "/proc/net/raw", sockets_file, "raw" },
		{ "/proc/net/raw6", sockets_file, "raw" },
		{ "/proc/net/ip_tables_names", legacy_file, NULL },
		{ "/proc/net/ip6_tables_names", legacy_file, NULL },
	};
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct buf text = BUF_INIT(FILE_MAX);
		if (file_read(files[i].path, &text) == 0)
			files[i].read(out, buf_text(&text), files[i].protocol);
		buf_release(&text);
	}
}

int losses_read(const char *interface, struct losses *out, struct error *err)
{
	struct counters counters;
	*out = (struct losses){ .at = clock_mono() };
	if (interfaces_add(interface, out, err) < 0) {
		losses_free(out);
		return -1;
	}
	files_add(out);
	losses_add_netfilter(out);
	if (counters_read(&counters, NULL) == 0) {
		losses_add_protocols(out, &counters);
		counters_free(&counters);
	}
	return 0;
}

void losses_free(struct losses *losses)
{
	free(losses->items);
	*losses = (struct losses){ 0 };
}

uint64_t loss_delta(const struct losses *before, const struct loss_counter *now)
{
	for (size_t i = 0; i < before->count; i++) {
		const struct loss_counter *old = &before->items[i];
		if (old->place == now->place && !strcmp(old->name, now->name) &&
		    !strcmp(old->where, now->where))
			return now->value >= old->value ? now->value - old->value : now->value;
	}
	return now->value;
}
