/* sock_diag answers: the first byte says for which kind of socket, the rest are messages one after the other. What was read is shown in all ways
 * that there are. Lines of /proc/net/tcp and its kin go the same way (kind 5 and above). */
#include "net/sockets/read.h"
#include "ntsh/owners.h"
#include "sys/netlink.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(const struct socket_entry *entry)
{
	char info[SOCKET_INFO_TEXT_MAX], text[128];
	struct tcp_stats stats;
	const struct socket_info_field *fields;
	size_t count = socket_info_fields(&fields);
	if (socket_info_text(entry, true, info) >= sizeof info || strlen(info) >= sizeof info)
		abort();
	for (size_t i = 0; i < count; i++)
		(void)socket_info_value(entry, i);
	(void)socket_tcp_stats(entry, &stats);
	(void)socket_silence(entry);
	(void)socket_reach_text(entry, text, sizeof text);
	(void)socket_path_text(entry->path, entry->path_length, text, sizeof text);
	(void)socket_state_name(entry->state);
	(void)socket_timer_name(entry->timer);
	(void)socket_accept_queue_full(entry);
}

static void messages_read(const uint8_t *data, size_t size, enum socket_kind kind)
{
	/* A copy of its own size, aligned: the address sanitizer sees each step beyond the end. */
	uint8_t *bytes = malloc(size + 1);
	memcpy(bytes, data, size);
	const uint8_t *at = bytes;
	const struct nlmsghdr *message;
	while ((message = netlink_message_next(&at, &size))) {
		struct socket_entry entry;
		if (sockets_read(message, kind, &entry))
			show(&entry);
	}
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	unsigned kind = data[0] % (SOCKET_KINDS + 6);
	if (kind < SOCKET_KINDS) {
		messages_read(data + 1, size - 1, (enum socket_kind)kind);
		return 0;
	}
	struct socket_entry entry;
	char *line = strndup((const char *)data + 1, size - 1);
	kind -= SOCKET_KINDS;
	if (sockets_read_proc(line, (enum socket_kind)(kind / 2), kind % 2 ? AF_INET6 : AF_INET, &entry))
		show(&entry);
	(void)owners_link_inode(line, strlen(line));
	free(line);
	return 0;
}
