/* Who has this address - and who else? */
#include "net/neigh_read.h"

#include "ntsh/iface.h"

#include "sys/privilege.h"
#include "sys/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ARP_REPLY = 2, ARP_REQUEST = 1, ETHERNET = 1, SENDER_MAC = 8, SENDER_IP = 14, TARGET_IP = 24 };

void arp_write(uint8_t out[ARP_LENGTH], const uint8_t own_mac[6], const struct addr *target)
{
	static const uint8_t head[] = { 0, ETHERNET, 8, 0, 6, 4, 0, ARP_REQUEST };
	memset(out, 0, ARP_LENGTH);
	memcpy(out, head, sizeof head);
	memcpy(out + SENDER_MAC, own_mac, 6);
	memcpy(out + TARGET_IP, target->bytes, 4);
}

bool arp_read(const uint8_t *bytes, size_t length, struct addr *sender, uint8_t mac[6])
{
	static const uint8_t head[] = { 0, ETHERNET, 8, 0, 6, 4, 0, ARP_REPLY };
	if (length < ARP_LENGTH || memcmp(bytes, head, sizeof head))
		return false;
	*sender = addr_from_bytes(AF_INET, bytes + SENDER_IP);
	memcpy(mac, bytes + SENDER_MAC, 6);
	return true;
}

struct asking {
	struct arp_question *questions;
	size_t count;
};

static void answer_count(struct arp_question *question, const uint8_t mac[6])
{
	for (uint8_t i = 0; i < question->answers; i++)
		if (!memcmp(question->macs[i], mac, 6))
			return;
	if (question->answers < ARP_ANSWERS_MAX)
		memcpy(question->macs[question->answers++], mac, 6);
}

static void on_readable(struct loop *loop, int fd, uint32_t events, void *arg)
{
	struct asking *asking = arg;
	uint8_t bytes[128], mac[6];
	struct sockaddr_ll from;
	struct addr sender;
	(void)loop;
	(void)events;
	for (;;) {
		socklen_t size = sizeof from;
		ssize_t got =
		    recvfrom(fd, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
		if (got < 0)
			return;
		if (from.sll_pkttype == PACKET_OUTGOING || !arp_read(bytes, (size_t)got, &sender, mac))
			continue;
		for (size_t i = 0; i < asking->count; i++)
			if (asking->questions[i].index == from.sll_ifindex &&
			    addr_equal(&asking->questions[i].target, &sender))
				answer_count(&asking->questions[i], mac);
	}
}

static void ask(int fd, const struct ifaces *ifaces, const struct arp_question *question)
{
	const struct iface *iface = iface_by_index(ifaces, question->index);
	uint8_t bytes[ARP_LENGTH];
	if (!iface || iface->mac_length != 6 || question->target.family != AF_INET)
		return;
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETHERTYPE_ARP),
				  .sll_ifindex = question->index,
				  .sll_halen = 6,
				  .sll_addr = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	arp_write(bytes, iface->mac, &question->target);
	(void)sendto(fd, bytes, sizeof bytes, MSG_DONTWAIT, (const struct sockaddr *)&to, sizeof to);
}

int arp_ask(struct loop *loop, struct arp_question *questions, size_t count, ns_t wait, struct error *err)
{
	struct asking asking = { questions, count };
	struct ifaces ifaces;
	int fd = sys_socket_open(AF_PACKET, SOCK_DGRAM, htons(ETHERTYPE_ARP), NULL, err);
	if (fd < 0)
		return -1;
	if (ifaces_read(&ifaces, err) < 0 || loop_watch(loop, fd, EPOLLIN, on_readable, &asking, err) < 0) {
		ifaces_free(&ifaces);
		close(fd);
		return -1;
	}
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < count; i++)
			if (!questions[i].answers)
				ask(fd, &ifaces, &questions[i]);
		if (loop_sleep(loop, wait / 2) != LOOP_DONE)
			break;
	}
	loop_unwatch(loop, fd);
	close(fd);
	ifaces_free(&ifaces);
	return 0;
}
