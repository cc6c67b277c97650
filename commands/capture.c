/* What is on the wire, packet by packet?
 * Shows, filters and writes packets, live or from a file; the end says how many there were, and what was lost on the way. */
#include "ntsh/capture_session.h"
#include "ntsh/command.h"
#include "ntsh/packet_row.h"

#include <string.h>

enum { FILE_LEAST = 64 * 1024 };

static const ns_t LATENCY_SHOWN = 20 * NS_PER_MS, LATENCY_WRITTEN = 100 * NS_PER_MS;

struct args {
	struct option_list interfaces, filter, time, verbose, hex, both;
	const char *read, *write;
	int64_t count, snaplen, file_bytes, files, bytes, buffer;
	ns_t file_time, duration;
	bool absolute, link_header, ascii, print, no_promiscuous, names, numeric, processes;
};

static const struct args defaults = { .processes = true };

/* clang-format off */
#define AT(field) offsetof(struct args, field)
static const struct option options[] = {
	{ STYLE_DASH, OPT_TEXT, 'i', "interface", "IF", "capture there; any: on all of them; may be given again", AT(interfaces), 0, 0, NULL, OPTION_REPEAT, "read" },
	{ STYLE_DASH, OPT_FILE, 'r', "read", "FILE", "read a pcap or pcapng file (gzip and zstd too); -: standard input", AT(read), 0, 0, NULL, 0, "interface" },
	{ STYLE_DASH, OPT_FILE, 'w', "write", "FILE", "write the packets: pcapng if it is called so, else pcap; -: standard output", AT(write), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 'c', "count", "N", "end after N packets", AT(count), 1, INT64_MAX, NULL, 0, NULL },
	{ STYLE_DASH, OPT_DURATION, 0, "for", "D", "end after this time", AT(duration), NS_PER_MS, 30 * 86400 * NS_PER_S, NULL, 0, "read" },
	{ STYLE_DASH, OPT_BYTES, 0, "bytes", "SIZE", "end after this much was captured", AT(bytes), 1, INT64_MAX, NULL, 0, NULL },
	{ STYLE_DASH, OPT_BYTES, 's', "snaplen", "BYTES", "keep so much of each packet (0: all of it)", AT(snaplen), 0, 262144, NULL, 0, NULL },
	{ STYLE_DASH, OPT_BYTES, 'B', "buffer", "SIZE", "room for packets that wait for us (64M)", AT(buffer), 1 << 20, 1 << 30, NULL, 0, "read" },
	{ STYLE_DASH, OPT_BYTES, 'C', "file-size", "SIZE", "begin a new numbered file before this size", AT(file_bytes), FILE_LEAST, INT64_MAX, NULL, 0, NULL },
	{ STYLE_DASH, OPT_DURATION, 'G', "file-time", "D", "begin a new numbered file after this time", AT(file_time), NS_PER_S, 366 * 86400 * NS_PER_S, NULL, 0, NULL },
	{ STYLE_DASH, OPT_COUNT, 'W', "files", "N", "keep only the newest N numbered files", AT(files), 1, 99999, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 't', "time", NULL, "-t: no times; -tt: since 1970; -ttt: since the packet before; -tttt: with date; -ttttt: since the first", AT(time), 0, 0, NULL, OPTION_REPEAT, NULL },
	{ STYLE_DASH, OPT_FLAG, 'S', "absolute", NULL, "TCP numbers as they are, not relative to the first", AT(absolute), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'e', "link-header", NULL, "show link-layer addresses", AT(link_header), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'v', "verbose", NULL, "a line for each layer", AT(verbose), 0, 0, NULL, OPTION_REPEAT, NULL },
	{ STYLE_DASH, OPT_FLAG, 'x', "hex", NULL, "the bytes; -xx: with those of the link layer", AT(hex), 0, 0, NULL, OPTION_REPEAT, NULL },
	{ STYLE_DASH, OPT_FLAG, 'X', "hex-text", NULL, "the bytes, and as text; -XX: with those of the link layer", AT(both), 0, 0, NULL, OPTION_REPEAT, NULL },
	{ STYLE_DASH, OPT_FLAG, 'A', "ascii", NULL, "the payload as text", AT(ascii), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 0, "names", NULL, "look addresses up, and show their names", AT(names), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 0, "processes", NULL, "name the process of each packet (the default, live: --no-processes does not)", AT(processes), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'n', "numeric", NULL, "look nothing up (as ever, unless --names is given)", AT(numeric), 0, 0, NULL, OPTION_HIDDEN, "names" },
	{ STYLE_DASH, OPT_FLAG, 0, "print", NULL, "show the packets although they are written", AT(print), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FLAG, 'p', "no-promiscuous", NULL, "leave the interface's mode alone", AT(no_promiscuous), 0, 0, NULL, 0, NULL },
	{ STYLE_OPERAND, OPT_TEXT, 0, "filter", "FILTER", "which packets: tcp port 443 and host 192.0.2.7 (pcap-filter(7))", AT(filter), 0, 0, NULL, OPTION_REPEAT, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "packets", KIND_NONE, "each packet" },
	{ "packets[].number", KIND_COUNT, "from 1" },
	PACKET_ROW_FIELDS("packets[]."),
	{ "packets[].process", KIND_TEXT, "name and id of the process whose socket it is for, or from; null: not live, not known, or not ours" },
	{ "packets[].says", KIND_TEXT, "the packet in words" },
	{ "source", KIND_TEXT, "the file or the interfaces" },
	CAPTURE_TALLY_FIELDS,
	{ "read", KIND_COUNT, "packets of the file, filtered or not; null: live" },
	{ "cut", KIND_FLAG, "the file ends within a packet" },
	{ "written_files", KIND_COUNT, "files that were written" },
	{ "written_bytes", KIND_BYTES, "in them" },
	{ "written", KIND_TEXT, "the (last) file that was written" },
	{ NULL, KIND_NONE, NULL },
};
/* clang-format on */

/* What no table can say about options. Returns 0, or -1. */
static int check(const struct args *args, const struct call *call)
{
	bool ring = args->file_bytes || args->file_time, pipes = args->write && strcmp(args->write, "-") == 0;
	if (!args->write && (ring || args->files))
		return error_set(call->error, STATUS_USAGE, "EUSAGE", "add -w FILE", "-C, -G and -W are about files that are written");
	if (args->files && !ring)
		return error_set(call->error, STATUS_USAGE, "EUSAGE", "add -C SIZE or -G D", "-W wants to know when a file ends");
	if (!pipes)
		return 0;
	if (ring)
		return error_set(call->error, STATUS_USAGE, "EUSAGE", NULL, "standard output is one file: -C, -G and -W need a name");
	if (call->settings->json)
		return error_set(call->error, STATUS_USAGE, "EUSAGE", "write to a file", "--json and -w - both want standard output");
	return 0;
}

static struct packet_line_style style_of(const struct args *args)
{
	static const enum packet_time times[] = { PACKET_TIME_CLOCK, PACKET_TIME_NONE, PACKET_TIME_EPOCH,
						  PACKET_TIME_DELTA, PACKET_TIME_DATE, PACKET_TIME_RELATIVE };
	return (struct packet_line_style){
		.time = times[args->time.count < 5 ? args->time.count : 5],
		.absolute = args->absolute,
		.link_header = args->link_header,
		.verbose = (int)args->verbose.count,
		.dump = args->ascii        ? PACKET_DUMP_TEXT
			: args->both.count ? PACKET_DUMP_BOTH
			: args->hex.count  ? PACKET_DUMP_HEX
					   : PACKET_DUMP_NONE,
		.dump_link = args->hex.count > 1 || args->both.count > 1,
	};
}

static struct capture_live_request live_of(const struct args *args, const struct call *call, bool shows)
{
	struct capture_live_request live = {
		.snaplen = (uint32_t)args->snaplen,
		.buffer = (size_t)args->buffer,
		.latency = shows ? LATENCY_SHOWN : LATENCY_WRITTEN,
		.promiscuous = !args->no_promiscuous,
	};
	for (size_t i = 0; i < args->interfaces.count && i < CAPTURE_LIVE_MAX; i++)
		live.interfaces[live.count++] = args->interfaces.items[i];
	if (!live.count)
		live.interfaces[live.count++] = call->settings->interface ? call->settings->interface : "any";
	return live;
}

static enum status run(struct call *call, const void *arguments)
{
	const struct args *args = arguments;
	char filter[CAPTURE_FILTER_MAX];
	if (check(args, call) < 0 ||
	    capture_filter_text(args->filter.items, args->filter.count, filter, call->error) < 0)
		return call->error->status;
	bool shows = !args->write || args->print;
	struct capture_session_request request = {
		.read = args->read,
		.live = live_of(args, call, shows),
		.filter = filter,
		.write = args->write,
		.files = { .file_bytes = (uint64_t)args->file_bytes,
			   .file_time = args->file_time,
			   .files = (uint64_t)args->files },
		.style = style_of(args),
		.show = shows,
		.names = args->names,
		.processes = args->processes,
		.snaplen = (uint32_t)args->snaplen,
		.count = (uint64_t)args->count,
		.bytes = (uint64_t)args->bytes,
		.duration = args->duration,
	};
	request.live.filter = filter;
	return capture_session_run(call->loop, &request, call->result, call->error);
}

const struct command command_capture = {
	.name = "capture",
	.summary = "show, filter and write the packets on the wire",
	.options = options,
	.args_size = sizeof(struct args),
	.defaults = &defaults,
	.fields = fields,
	.run = run,
};
