#include "ntsh/sockets_show.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

enum { PATH_TEXT = 256, END_TEXT = 512 };

/* --- ends --- */

const char *socket_end_text(const struct socket_entry *entry, const struct addr *end,
			    const struct socket_show *show, char *buf, size_t size)
{
	char address[ADDR_TEXT_MAX];
	const char *host = show->hosts ? names_get(show->hosts, end) : NULL;
	const char *service = end->port ? socket_service_shown(end->port, entry->kind == SOCKET_UDP) : NULL;
	bool bracket = !host && end->family == AF_INET6 && end->port;
	if (!service && !host) {
		snprintf(buf, size, "%s", addr_format_port(end, address));
		return buf;
	}
	int used = snprintf(buf, size, "%s%.255s%s", bracket ? "[" : "",
			    host ? host : addr_format(end, address), bracket ? "]" : "");
	if (used < 0 || (size_t)used >= size)
		return buf;
	if (service)
		snprintf(buf + used, size - (size_t)used, ":%.64s", service);
	else if (end->port)
		snprintf(buf + used, size - (size_t)used, ":%u", end->port);
	return buf;
}

static void end_put(struct result *result, const char *member, const struct socket_entry *entry,
		    const struct addr *end, const struct socket_show *show)
{
	char text[END_TEXT];
	bool none = end->family == AF_UNSPEC;
	result_put(result, member,
		   value_text(none ? NULL : socket_end_text(entry, end, show, text, sizeof text)));
}

static void ends_put(struct result *result, const struct socket_entry *entry, const struct socket_show *show)
{
	static const struct addr nobody = { .family = AF_UNSPEC };
	bool alone = !entry->peer.port && addr_is_any(&entry->peer);
	const struct addr *peer = alone ? &nobody : &entry->peer;
	bool listens = entry->state == SOCKET_LISTEN;
	result_put(result, "local", value_endpoint(&entry->local));
	if (!listens)
		result_put(result, "peer", value_endpoint(peer));
	if (show->numeric)
		return;
	end_put(result, "local_name", entry, &entry->local, show);
	if (!listens)
		end_put(result, "peer_name", entry, peer, show);
}

static void reach_put(struct result *result, const struct socket_entry *entry)
{
	char reach[128];
	bool open = socket_reach_of(entry) != REACH_NOBODY;
	result_put(result, "reach", value_text(open ? socket_reach_text(entry, reach, sizeof reach) : NULL));
}

static void interface_put(struct result *result, const struct socket_entry *entry)
{
	char name[IF_NAMESIZE];
	bool bound = entry->interface && if_indextoname(entry->interface, name);
	result_put(result, "interface", value_text(bound ? name : NULL));
}

static void inet_put(struct result *result, const struct socket_entry *entry, const struct socket_show *show)
{
	ends_put(result, entry, show);
	if (entry->state == SOCKET_LISTEN || entry->kind != SOCKET_TCP)
		reach_put(result, entry);
	if (entry->kind == SOCKET_RAW)
		result_put(result, "protocol", value_integer(entry->protocol));
	if (entry->interface && !entry->bound_by_scope)
		interface_put(result, entry);
}

static void local_put(struct result *result, const struct socket_entry *entry, const struct socket_show *show)
{
	static const char *const types[] = { [1] = "stream", [2] = "dgram", [3] = "raw", [5] = "seqpacket" };
	char path[PATH_TEXT];
	size_t length = 0;
	bool known = entry->type < sizeof types / sizeof *types;
	result_put(result, "type", value_text(known ? types[entry->type] : NULL));
	if (entry->kind == SOCKET_PACKET) {
		result_put(result, "protocol", value_integer(entry->protocol));
		interface_put(result, entry);
		return;
	}
	result_put(result, "path",
		   value_text(socket_path_text(entry->path, entry->path_length, path, sizeof path)));
	const char *other = show->paths ? socket_names_find(show->paths, entry->peer_inode, &length) : NULL;
	result_put(result, "peer_path",
		   value_text(other ? socket_path_text(other, length, path, sizeof path) : NULL));
}

/* --- queues --- */

static void queues_put(struct result *result, const struct socket_entry *entry)
{
	if (entry->state != SOCKET_LISTEN) {
		result_put(result, "unread_bytes", value_bytes(entry->receive_queue));
		result_put(result, entry->kind == SOCKET_TCP ? "unacknowledged_bytes" : "unsent_bytes",
			   value_bytes(entry->send_queue));
		return;
	}
	bool full = socket_accept_queue_full(entry);
	result_put(result, "accept_queue", value_count(entry->receive_queue));
	result_put(result, "accept_queue_limit", value_count(entry->send_queue));
	result_put(result, "accept_queue_full", value_flag(full));
	if (full)
		result_line(
		    result, TONE_BAD,
		    "    its accept queue is full: new connections are dropped until the program accepts");
}

/* --- what was asked for besides --- */

static void processes_put(struct result *result, const struct socket_entry *entry, const struct owners *all)
{
	static const struct table table = { .name = "processes" };
	const struct owner *owners;
	char text[PATH_TEXT] = "";
	size_t used = 0, count = owners_find(all, entry->inode, &owners);
	if (result_wants_members(result)) {
		result_list_open(result, &table);
		for (size_t i = 0; i < count; i++) {
			result_row_open(result);
			result_put(result, "name", value_text(owners[i].command));
			result_put(result, "pid", value_integer(owners[i].pid));
			result_put(result, "fd", value_integer(owners[i].fd));
			result_row_close(result);
		}
		result_list_close(result);
	}
	for (size_t i = 0; i < count && i < 3; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s[%u] fd %d", i ? ", " : "",
					 owners[i].command, owners[i].pid, owners[i].fd);
	if (count > 3)
		snprintf(text + used, sizeof text - used, " and %zu more", count - 3);
	result_put(result, "process", value_text(count ? text : NULL));
}

static void extended_put(struct result *result, const struct socket_entry *entry)
{
	static const char *const ways[] = { NULL, "receiving", "sending", "both" };
	char cookie[24];
	snprintf(cookie, sizeof cookie, "%llx", (unsigned long long)entry->cookie);
	result_put(result, "uid", value_integer(entry->uid));
	result_put(result, "inode", value_integer(entry->inode));
	result_put(result, "cookie", value_text(entry->cookie == UINT64_MAX ? NULL : cookie));
	result_put(result, "mark", entry->has_mark ? value_integer(entry->mark) : value_none());
	result_put(result, "cgroup",
		   entry->has_cgroup ? value_integer((int64_t)entry->cgroup) : value_none());
	result_put(result, "shutdown", value_text(ways[entry->shutdown & 3]));
	result_line(
	    result, TONE_FAINT,
	    "    uid {uid}  inode {inode}  cookie {cookie}{mark?  mark {mark}}{cgroup?  cgroup {cgroup}}"
	    "{shutdown?  shut down: {shutdown}}");
}

static void timer_put(struct result *result, const struct socket_entry *entry)
{
	result_put(result, "timer", value_text(socket_timer_name(entry->timer)));
	result_put(result, "timer_ms", value_time(entry->timer_left));
	result_put(result, "timer_tries", value_count(entry->retransmits));
	if (entry->timer)
		result_line(
		    result, TONE_FAINT,
		    "    {timer} timer fires in {timer_ms}{timer_tries?, fired {timer_tries} times in vain}");
}

static void memory_put(struct result *result, const struct socket_entry *entry)
{
	static const char *const names[] = { "received_bytes",    "receive_buffer_bytes", "sent_bytes",
					     "send_buffer_bytes", "forward_bytes",        "queued_bytes",
					     "option_bytes",      "backlog_bytes" };
	const struct socket_memory *m = &entry->memory;
	const uint32_t values[] = { m->rmem,    m->rcvbuf,      m->wmem,   m->sndbuf,
				    m->forward, m->wmem_queued, m->optmem, m->backlog };
	result_open(result, "memory");
	for (unsigned i = 0; i < 8; i++)
		result_put(result, names[i], i < entry->memory_count ? value_bytes(values[i]) : value_none());
	result_close(result);
	result_line(result, TONE_FAINT,
		    "    received {memory.received_bytes} of {memory.receive_buffer_bytes}  written "
		    "{memory.queued_bytes} of {memory.send_buffer_bytes}{drops?  dropped {drops}}");
}

static void info_put(struct result *result, const struct socket_entry *entry)
{
	char text[SOCKET_INFO_TEXT_MAX];
	const struct socket_info_field *info;
	size_t length = socket_info_text(entry, result_is_utf8(result), text);
	result_put(result, "congestion", value_text_n(entry->congestion, entry->congestion_length));
	result_put(result, "info", value_text_n(text, length));
	if (result_wants_members(result) && entry->state != SOCKET_LISTEN) {
		size_t count = socket_info_fields(&info);
		result_open(result, "tcp");
		for (size_t i = 0; i < count; i++)
			if (socket_info_reaches(entry, i))
				result_put(result, info[i].name, socket_info_value(entry, i));
		result_close(result);
	}
	result_line(result, TONE_FAINT, "    {info}");
}

/* A connection with nothing but its ends and queues: a table of a million of them takes the short way. */
static bool is_plain(const struct socket_entry *entry, const struct socket_show *show)
{
	return entry->kind == SOCKET_TCP && entry->state != SOCKET_LISTEN && entry->peer.port &&
	       !entry->interface && show->numeric && !show->owners && !show->extended && !show->timers &&
	       !show->memory && !show->info && !entry->has_memory;
}

static void plain_row(struct result *result, const struct socket_entry *entry)
{
	const struct member members[] = {
		{ "proto", value_text_n("tcp", 3) },
		{ "state", value_text(socket_state_name(entry->state)) },
		{ "unread_bytes", value_bytes(entry->receive_queue) },
		{ "unacknowledged_bytes", value_bytes(entry->send_queue) },
		{ "local", value_endpoint(&entry->local) },
		{ "peer", value_endpoint(&entry->peer) },
	};
	result_row(result, members, sizeof members / sizeof *members);
}

void socket_row(struct result *result, const struct socket_entry *entry, const struct socket_show *show)
{
	if (is_plain(entry, show)) {
		plain_row(result, entry);
		return;
	}
	result_row_open(result);
	result_put(result, "proto", value_text(socket_kind_name(entry->kind)));
	result_put(result, "state", value_text(socket_state_name(entry->state)));
	queues_put(result, entry);
	if (entry->kind == SOCKET_UNIX || entry->kind == SOCKET_PACKET)
		local_put(result, entry, show);
	else
		inet_put(result, entry, show);
	if (show->owners)
		processes_put(result, entry, show->owners);
	if (entry->memory_count >= SOCKET_HAS_DROPS)
		result_put(result, "drops", value_count(entry->memory.drops));
	if (show->extended)
		extended_put(result, entry);
	if (show->timers)
		timer_put(result, entry);
	if (show->memory && entry->has_memory)
		memory_put(result, entry);
	if (show->info && entry->tcp_info)
		info_put(result, entry);
	result_row_close(result);
}

void sockets_remarks(struct result *result, const struct sockets_report *report, const struct owners *owners)
{
	char grant[ERROR_HINT_MAX];
	if (report->changed)
		result_note(
		    result,
		    "the table changed while it was read: some sockets may be missing, or there twice");
	for (int kind = 0; kind < SOCKET_KINDS; kind++)
		if (report->missing & 1u << kind)
			result_note(result, "this kernel does not list %s sockets",
				    socket_kind_name((enum socket_kind)kind));
	if (owners && owners_hidden(owners))
		result_note(result, "%zu processes hide their sockets from this user; to see them: %s",
			    owners_hidden(owners), owners_grant(grant, sizeof grant));
}

void sockets_states_show(struct result *result, const struct sockets_summary *summary)
{
	static const struct column columns[] = { { "proto", "Proto", ALIGN_LEFT, 0, false, false },
						 { "state", "State", ALIGN_LEFT, 0, false, false },
						 { "count", "Sockets", ALIGN_RIGHT, 0, false, false } };
	static const struct table table = { .name = "states", .columns = columns, .column_count = 3 };
	result_list_open(result, &table);
	for (int kind = 0; kind < SOCKET_KINDS; kind++) {
		for (unsigned state = 1; state < SOCKET_STATES; state++) {
			if (!summary->counts[kind][state])
				continue;
			result_row_open(result);
			result_put(result, "proto", value_text(socket_kind_name((enum socket_kind)kind)));
			result_put(result, "state", value_text(socket_state_name(state)));
			result_put(result, "count", value_count(summary->counts[kind][state]));
			result_row_close(result);
		}
	}
	result_list_close(result);
}
