/* How sockets show: the members of a row, and the lines below it. */
#ifndef NTSH_SOCKETS_SHOW_H
#define NTSH_SOCKETS_SHOW_H

#include "ntsh/names.h"
#include "ntsh/owners.h"
#include "ntsh/result.h"
#include "ntsh/socket_info.h"
#include "ntsh/sockets_summary.h"

/* What belongs to a row. Everything is borrowed. */
struct socket_show {
	bool numeric;                     /* no names of services and hosts */
	bool extended, timers, memory, info;
	const struct owners *owners;      /* NULL: no processes */
	const struct socket_names *paths; /* of the peers of unix sockets; NULL: not shown */
	const struct names *hosts;        /* NULL: addresses only */
};

/* A row of the open list: the members of a socket, and under it what has no column. */
void socket_row(struct result *result, const struct socket_entry *entry, const struct socket_show *show);

/* Remarks on a listing: what changed, what is missing, whose processes are hidden. owners may be NULL. */
void sockets_remarks(struct result *result, const struct sockets_report *report, const struct owners *owners);

/* The list "states": how many sockets are in which state. */
void sockets_states_show(struct result *result, const struct sockets_summary *summary);

/* "1.2.3.4:https", "name:443", "[2001:db8::1]:443": an end with the names that show has. Returns buf. */
const char *socket_end_text(const struct socket_entry *entry, const struct addr *end, const struct socket_show *show,
			    char *buf, size_t size);

/* Rows of a command's table of fields for what socket_row_put puts, in lists of any name. */
/* clang-format off */
#define SOCKET_INFO_FIELD(name, kind, member, reading, meaning) { "*[].tcp." #name, kind, meaning },
#define SOCKET_ROW_FIELDS \
	{ "*[].proto", KIND_TEXT, "tcp, udp, raw, unix or packet" }, \
	{ "*[].state", KIND_TEXT, "in the words of ss: ESTAB, TIME-WAIT, LISTEN, UNCONN ..." }, \
	{ "*[].local", KIND_ENDPOINT, "our address and port; without a port: of a raw socket, or none yet" }, \
	{ "*[].peer", KIND_ENDPOINT, "the other end; null when not connected" }, \
	{ "*[].local_name", KIND_TEXT, "our end with the service's name (without -n)" }, \
	{ "*[].peer_name", KIND_TEXT, "the other end with the names of service and host (without -n; -r)" }, \
	{ "*[].accept_queue", KIND_COUNT, "connections that the program has not accepted yet" }, \
	{ "*[].accept_queue_limit", KIND_COUNT, "how many of them may wait" }, \
	{ "*[].accept_queue_full", KIND_FLAG, "no more fit in: new connections are dropped" }, \
	{ "*[].reach", KIND_TEXT, "who can reach it, as far as its address tells" }, \
	{ "*[].unread_bytes", KIND_BYTES, "received, and not read by the program" }, \
	{ "*[].unacknowledged_bytes", KIND_BYTES, "written by the program, and not acknowledged by the peer" }, \
	{ "*[].unsent_bytes", KIND_BYTES, "written by the program, and still in this machine" }, \
	{ "*[].protocol", KIND_INTEGER, "IP protocol of a raw socket, EtherType of a packet socket" }, \
	{ "*[].interface", KIND_TEXT, "the device that it is bound to; null: any" }, \
	{ "*[].type", KIND_TEXT, "stream, dgram, seqpacket or raw" }, \
	{ "*[].path", KIND_TEXT, "name of a unix socket, abstract ones with @; * for none" }, \
	{ "*[].peer_path", KIND_TEXT, "name of the unix socket at the other end" }, \
	{ "*[].processes", KIND_NONE, "who has it open (-p)" }, \
	{ "*[].processes[].name", KIND_TEXT, "the process" }, \
	{ "*[].processes[].pid", KIND_INTEGER, "its number" }, \
	{ "*[].processes[].fd", KIND_INTEGER, "its descriptor of the socket" }, \
	{ "*[].process", KIND_TEXT, "the same in one text" }, \
	{ "*[].uid", KIND_INTEGER, "user that owns it (-e)" }, \
	{ "*[].inode", KIND_INTEGER, "its number (-e)" }, \
	{ "*[].cookie", KIND_TEXT, "what names it for good (-e)" }, \
	{ "*[].mark", KIND_INTEGER, "firewall mark (-e); null when it has none, or this user may not know" }, \
	{ "*[].cgroup", KIND_INTEGER, "id of its cgroup (-e)" }, \
	{ "*[].shutdown", KIND_TEXT, "which direction was shut down (-e)" }, \
	{ "*[].timer", KIND_TEXT, "the timer that runs: retransmit, keepalive, time-wait, persist, other (-o)" }, \
	{ "*[].timer_ms", KIND_TIME, "until it fires (-o)" }, \
	{ "*[].timer_tries", KIND_COUNT, "how often it has fired in vain (-o)" }, \
	{ "*[].memory", KIND_NONE, "memory of its buffers (-m)" }, \
	{ "*[].memory.received_bytes", KIND_BYTES, "taken by what was received" }, \
	{ "*[].memory.receive_buffer_bytes", KIND_BYTES, "limit of that (SO_RCVBUF)" }, \
	{ "*[].memory.sent_bytes", KIND_BYTES, "taken by what the device still has" }, \
	{ "*[].memory.send_buffer_bytes", KIND_BYTES, "limit of what may be sent (SO_SNDBUF)" }, \
	{ "*[].memory.forward_bytes", KIND_BYTES, "set aside for more" }, \
	{ "*[].memory.queued_bytes", KIND_BYTES, "taken by what was written and not acknowledged" }, \
	{ "*[].memory.option_bytes", KIND_BYTES, "taken by options" }, \
	{ "*[].memory.backlog_bytes", KIND_BYTES, "waiting while the program holds the socket" }, \
	{ "*[].drops", KIND_COUNT, "packets dropped because the receive buffer was full (-m, and always for UDP)" }, \
	{ "*[].congestion", KIND_TEXT, "congestion control (-i)" }, \
	{ "*[].info", KIND_TEXT, "what TCP knows, in one line (-i)" }, \
	{ "*[].tcp", KIND_NONE, "TCP_INFO (-i): what this kernel is too old for is left out" }, \
	SOCKET_INFO_MEMBERS(SOCKET_INFO_FIELD)

/* ... and for sockets_states_show. */
#define SOCKET_STATES_FIELDS \
	{ "states", KIND_NONE, "how many in which state" }, \
	{ "states[].proto", KIND_TEXT, "tcp, udp, raw, unix or packet" }, \
	{ "states[].state", KIND_TEXT, "state" }, \
	{ "states[].count", KIND_COUNT, "sockets in it" }
/* clang-format on */

#endif
