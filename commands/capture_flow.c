/* What happened in this one conversation, packet by packet, and whose turn was it when nothing happened?
 * A ladder: client left, server right, an arrow for each packet with its time and what it carried. */
#include "ntsh/command.h"
#include "ntsh/flow_one.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { RUNGS = 20, LABEL_MAX = 40, SAYS_MAX = 160 };
static const ns_t LONG = 200 * NS_PER_MS; /* the least retransmission timer of Linux: shorter silences are nothing to explain */

struct args {
	int64_t number, most;
	bool all;
	struct option_list words;
};

struct ladder {
	struct result *result;
	const struct packet_feed *feed;
	ns_t first, last;
	uint64_t arrows, shown, most, left_out;
	bool begun, utf8;
	bool known[2], closed[2];
	uint32_t next[2];  /* behind what the side has sent */
	uint32_t acked[2]; /* up to where the other acknowledged it */
};

/* clang-format off */
static const struct option options[] = {
	{ .style = STYLE_OPERAND, .type = OPT_COUNT, .name = "number", .metavar = "N", .help = "which conversation: its number in `capture flows`",
	  .offset = offsetof(struct args, number), .min = 1, .max = INT64_MAX, .flags = OPTION_REQUIRED },
	{ .style = STYLE_OPERAND, .type = OPT_TEXT, .name = "file", .metavar = "FILE|FILTER", .help = "a pcap or pcapng file (-: standard input), then words of a pcap filter",
	  .offset = offsetof(struct args, words), .flags = OPTION_REQUIRED | OPTION_REPEAT },
	{ .style = STYLE_DASH, .type = OPT_COUNT, .letter = 'm', .name = "most", .metavar = "N", .help = "draw this many arrows, then only count (200)",
	  .offset = offsetof(struct args, most), .min = 1, .max = 1000000, .excludes = "all" },
	{ .style = STYLE_DASH, .type = OPT_FLAG, .letter = 'a', .name = "all", .help = "draw every arrow", .offset = offsetof(struct args, all) },
	OPTION_END,
};

static const struct args defaults = { .most = 200 };

static const struct field fields[] = {
	{ "arrows", KIND_NONE, "packets and long silences, in order" },
	{ "arrows[].at_ms", KIND_TIME, "since the first packet; of a silence, when it ended" },
	{ "arrows[].since_ms", KIND_TIME, "since the packet before" },
	{ "arrows[].from", KIND_TEXT, "client, server, icmp (an error about it); silence: nothing was sent" },
	{ "arrows[].carries", KIND_TEXT, "SYN, SYN-ACK, ACK, FIN, RST, bytes of payload" },
	{ "arrows[].drawing", KIND_TEXT, "the arrow" },
	{ "arrows[].says", KIND_TEXT, "what is remarkable: sent again, overtaken, window closed; of a silence, whose turn it was" },
	{ "packets", KIND_COUNT, "of the conversation" },
	{ "left_out", KIND_COUNT, "of them not drawn" },
	FLOW_ONE_FIELDS,
	{ NULL, KIND_NONE, NULL },
};

static const struct column columns[] = {
	{ "at_ms", "time", ALIGN_RIGHT, 8, false, false },
	{ "since_ms", "since", ALIGN_RIGHT, 8, false, false },
	{ "drawing", "client         server", ALIGN_LEFT, 23, false, false },
	{ "says", "", ALIGN_LEFT, 0, false, true },
};
/* clang-format on */

static const struct table arrows_table = { .name = "arrows",
					   .columns = columns,
					   .column_count = sizeof columns / sizeof *columns };

static void draw(const struct ladder *ladder, const char *label, int side, char *buf, size_t size)
{
	const char *wall = ladder->utf8 ? "│" : "|", *line = ladder->utf8 ? "─" : "-";
	size_t used = 0, length = strlen(label), rest = length < RUNGS - 4 ? RUNGS - length - 3 : 1;
	used += (size_t)snprintf(buf, size, "%s%s", wall, side == 1 ? "<" : "");
	for (size_t i = 0; i <= rest; i++) {
		const char *piece = i == rest / 2 ? label : side < 0 ? " " : line;
		const char *space = i == rest / 2 && *label ? " " : "";
		if (used < size)
			used += (size_t)snprintf(buf + used, size - used, "%s%s%s", space, piece, space);
	}
	if (used < size)
		snprintf(buf + used, size - used, "%s%s", side == 0 ? ">" : side < 0 ? " " : "", wall);
}

static void carries(const struct packet *packet, char *buf, size_t size)
{
	unsigned flags = packet->transport_kind == PACKET_TCP ? packet->tcp_flags : 0;
	const char *word = flags & PACKET_RST					       ? "RST"
			   : (flags & (PACKET_SYN | PACKET_ACK)) == (PACKET_SYN | PACKET_ACK) ? "SYN-ACK"
			   : flags & PACKET_SYN					       ? "SYN"
			   : flags & PACKET_FIN					       ? "FIN"
			   : packet->payload_length || !flags			       ? ""
										       : "ACK";
	if (packet->payload_length >= 1000)
		snprintf(buf, size, "%s%s%u,%03u B", word, *word ? " " : "", packet->payload_length / 1000,
			 packet->payload_length % 1000);
	else if (packet->payload_length || !*word)
		snprintf(buf, size, "%s%s%u B", word, *word ? " " : "", packet->payload_length);
	else
		snprintf(buf, size, "%s", word);
}

static void remark(char *says, const char *text)
{
	size_t used = strlen(says);
	snprintf(says + used, SAYS_MAX - used, "%s%s", used ? ", " : "", text);
}

static void remarks(const struct flow_side *now, const struct flow_side *before, char *says)
{
	if (now->copies > before->copies)
		remark(says, "captured twice");
	if (now->reordered > before->reordered)
		remark(says, "overtaken on the way");
	if (now->retransmissions > before->retransmissions)
		remark(says, now->timeouts > before->timeouts	? "sent again after a timeout"
			     : now->fast > before->fast		? "sent again after duplicate ACKs"
			     : now->spurious > before->spurious ? "sent again for nothing"
								: "sent again");
	if (now->filled > before->filled)
		remark(says, "first copy lost before the capture");
	if (now->zero_windows > before->zero_windows)
		remark(says, "zero window: its program does not read");
	if (now->window_full > before->window_full)
		remark(says, "fills the other's window");
	if (now->keepalives > before->keepalives)
		remark(says, "keepalive");
	if (now->duplicate_acks > before->duplicate_acks)
		remark(says, "duplicate ACK");
	if (now->congestion_marks > before->congestion_marks)
		remark(says, "marked by a queue (ECN)");
}

static const char *turn_says(const struct ladder *ladder, const struct flow *before)
{
	bool owes_server = ladder->known[0] && ladder->next[0] != ladder->acked[0];
	bool owes_client = ladder->known[1] && ladder->next[1] != ladder->acked[1];
	if (ladder->closed[0])
		return "silence: the client's turn, its window was closed";
	if (ladder->closed[1])
		return "silence: the server's turn, its window was closed";
	if (owes_server && !owes_client)
		return "silence: what the client sent was not acknowledged";
	if (owes_client && !owes_server)
		return "silence: what the server sent was not acknowledged";
	if (before->turn == 0)
		return "silence: the server's turn to answer";
	return before->turn == 1 ? "silence: the client's turn, or the server paused"
				 : "silence: the client's turn to ask";
}

static void row(struct ladder *ladder, ns_t time, const char *from, const char *label, int side,
		const char *says)
{
	char drawing[160];
	draw(ladder, label, side, drawing, sizeof drawing);
	struct member members[] = {
		{ "at_ms", value_time(time - ladder->first) },
		{ "since_ms", value_time(time - ladder->last) },
		{ "from", value_text(from) },
		{ "carries", value_text(*label ? label : NULL) },
		{ "drawing", value_text(drawing) },
		{ "says", value_text(*says ? says : "") },
	};
	result_row(ladder->result, members, sizeof members / sizeof *members);
}

static void note_sequence(struct ladder *ladder, const struct packet *packet, int side)
{
	if (packet->transport_kind != PACKET_TCP || side < 0)
		return;
	uint32_t end = packet->seq + packet->payload_length + !!(packet->tcp_flags & PACKET_SYN) +
		       !!(packet->tcp_flags & PACKET_FIN);
	if (!ladder->known[side])
		ladder->acked[side] = packet->seq;
	if (!ladder->known[side] || (int32_t)(end - ladder->next[side]) > 0)
		ladder->next[side] = end;
	ladder->known[side] = true;
	ladder->closed[side] = !packet->window && !(packet->tcp_flags & (PACKET_RST | PACKET_SYN));
	if (packet->tcp_flags & PACKET_ACK && (int32_t)(packet->ack - ladder->acked[!side]) > 0)
		ladder->acked[!side] = packet->ack;
}

static void take(const struct flow *flow, const struct flow *before, const struct packet *packet, ns_t time,
		 int side, void *arg)
{
	static const char *const names[] = { "client", "server" };
	struct ladder *ladder = arg;
	char label[LABEL_MAX] = "", says[SAYS_MAX] = "";
	if (!ladder->begun)
		ladder->first = ladder->last = time;
	ladder->begun = true;
	ladder->arrows++;
	if (ladder->shown >= ladder->most || result_broken(ladder->result)) {
		ladder->left_out++;
	} else {
		ladder->shown++;
		if (time - ladder->last >= LONG)
			row(ladder, time, "silence", "...", -1, turn_says(ladder, before));
		if (side >= 0) {
			carries(packet, label, sizeof label);
			remarks(&flow->side[side], &before->side[side], says);
		} else {
			snprintf(label, sizeof label, "ICMP %u/%u", packet->icmp_type, packet->icmp_code);
			remark(says, "an ICMP error about it");
		}
		row(ladder, time, side < 0 ? "icmp" : names[side], label, side, says);
	}
	note_sequence(ladder, packet, side);
	ladder->last = time;
}

static void ended(const struct flow *flow, void *arg)
{
	struct ladder *ladder = arg;
	struct result *result = ladder->result;
	result_list_close(result);
	result_put(result, "packets", value_count(ladder->arrows));
	result_put(result, "left_out", value_count(ladder->left_out));
	if (ladder->left_out)
		result_line(result, TONE_FAINT, "{left_out} of {packets} packets are not drawn; -a draws all");
	flow_one_end(result, ladder->feed, flow);
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	struct packet_feed feed = { .duration = 0 };
	if (packet_feed_words(&feed, NULL, &args->words, call->error) < 0)
		return call->error->status;
	struct ladder ladder = { .result = call->result,
				 .feed = &feed,
				 .most = args->all ? UINT64_MAX : (uint64_t)args->most,
				 .utf8 = result_is_utf8(call->result) };
	result_list_open(call->result, &arrows_table);
	int failed = flow_one_run(call->loop, &feed, (uint64_t)args->number, take, ended, &ladder, call->error);
	if (!ladder.begun)
		result_list_close(call->result);
	return failed ? call->error->status : STATUS_OK;
}

const struct command command_capture_flow = {
	.name = "capture flow",
	.summary = "one conversation of a capture as a ladder of arrows with times",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
