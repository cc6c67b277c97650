/* A capture from beginning to end. */
#include "ntsh/capture_session.h"
#include "ntsh/names.h"
#include "ntsh/packet_owners.h"
#include "ntsh/packet_row.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

enum { BURST = 32 * 1024, ASK_EVERY = 1024 };

static const ns_t NAME_WAIT = 2 * NS_PER_S;

struct session {
	const struct capture_session_request *request;
	struct loop *loop;
	struct capture_filter *filter;
	struct result *result;
	struct error *error;
	struct packet_lines *lines;
	struct packet_owners *owners;
	const char *process; /* of the packet that is shown */
	struct names *names;
	bool names_late; /* a name server kept us waiting in vain: no waiting any more */
	struct capture *file;
	struct capture_live *live;
	struct capture_writer *writer;
	struct capture_tally tally;
	uint64_t read; /* of the file */
	bool shows, pipes, done, broken;
};

static const struct capture_interface *interface_of(const struct session *session,
						    const struct capture_frame *frame)
{
	return session->file ? capture_interface(session->file, frame->interface)
			     : capture_live_interface(session->live, frame->interface);
}

static void lines_flush(struct session *session)
{
	size_t length;
	const char *text = packet_lines_text(session->lines, &length);
	result_verbatim(session->result, text, length);
	packet_lines_clear(session->lines);
}

static void packet_row(struct session *session, const struct capture_frame *frame,
		       const struct packet *packet, const char *name)
{
	size_t length;
	const char *says = packet_lines_summary(session->lines, &length);
	result_row_open(session->result);
	result_put(session->result, "number", value_count(session->tally.count));
	packet_row_put(session->result, frame, packet, name);
	result_put(session->result, "process", value_text(session->process));
	result_put(session->result, "says", value_text_n(says, length));
	result_row_close(session->result);
}

static void show(struct session *session, const struct capture_frame *frame)
{
	struct packet packet;
	char index[IF_NAMESIZE];
	const struct capture_interface *interface = interface_of(session, frame);
	packet_decode(&packet, frame->link, frame->bytes, frame->captured, frame->length);
	const char *name = interface ? interface->name : NULL;
	/* On "any" each packet tells its own. */
	if (session->live && packet.ifindex && if_indextoname(packet.ifindex, index))
		name = index;
	packet_lines_add(session->lines, frame, &packet, name);
	if (result_wants_members(session->result))
		packet_row(session, frame, &packet, name);
	size_t length;
	packet_lines_text(session->lines, &length);
	if (length > BURST)
		lines_flush(session);
}

static bool take(struct session *session, const struct capture_frame *frame)
{
	if (session->done)
		return false;
	capture_tally_add(&session->tally, frame);
	if (session->writer) {
		struct capture_frame kept = *frame;
		if (session->file && session->request->snaplen && kept.captured > session->request->snaplen)
			kept.captured = session->request->snaplen;
		session->broken |= capture_writer_put(session->writer, &kept, interface_of(session, frame),
						      session->error) < 0;
	}
	if (session->shows)
		show(session, frame);
	session->done = session->broken ||
			(session->request->count && session->tally.count >= session->request->count) ||
			(session->request->bytes && session->tally.bytes >= session->request->bytes);
	return !session->done;
}

static void batch_end(struct session *session)
{
	char text[96];
	if (session->shows)
		lines_flush(session);
	if (session->writer && !session->broken)
		session->broken |= capture_writer_flush(session->writer, session->error) < 0;
	result_flush(session->result);
	if (!session->shows) {
		snprintf(text, sizeof text, "%llu packets, Ctrl-C ends",
			 (unsigned long long)session->tally.count);
		result_progress(session->result, -1, NS_NONE, text);
	}
	session->done |= session->broken || result_broken(session->result) ||
			 (session->live && capture_live_failed(session->live, session->error));
}

static void on_frame(const struct capture_frame *frame, void *arg)
{
	if (frame)
		take(arg, frame);
	else
		batch_end(arg);
}

static int pipe_bytes(const uint8_t *bytes, size_t length, void *arg)
{
	struct session *session = arg;
	result_stream(session->result, bytes, length);
	return result_broken(session->result) ? EPIPE : 0;
}

static int writer_open(struct session *session, uint32_t link, bool mixed, bool nanoseconds, ns_t began)
{
	const struct capture_session_request *asked = session->request;
	struct capture_write_request request = asked->files;
	if (!asked->write)
		return 0;
	request.path = asked->write;
	request.sink = session->pipes ? pipe_bytes : NULL;
	request.arg = session;
	request.format = mixed ? CAPTURE_PCAPNG : capture_format_of(asked->write);
	request.nanoseconds = nanoseconds;
	request.link = link;
	request.snaplen = asked->snaplen;
	request.filter = *asked->filter ? asked->filter : NULL;
	request.began = began;
	request.not_over = asked->read;
	for (size_t i = 0; session->live && i < capture_live_interfaces(session->live); i++)
		request.interfaces[request.interface_count++] = capture_live_interface(session->live, i);
	session->writer = capture_writer_open(&request, session->error);
	return session->writer ? 0 : -1;
}

/* A file can wait for the names, packets that arrive cannot: they show an address until its name is there. */
static const char *name_of(const struct addr *addr, void *arg)
{
	struct session *session = arg;
	struct addr plain = *addr;
	plain.port = 0;
	names_want(session->names, &plain);
	const char *name = names_get(session->names, &plain);
	if (!name && session->file && !session->names_late) {
		session->names_late = names_wait(session->names, NAME_WAIT) > 0;
		name = names_get(session->names, &plain);
	}
	return name;
}

static const char *process_of(const struct packet *packet, void *arg)
{
	struct session *session = arg;
	session->process = packet_owners_find(session->owners, packet);
	return session->process;
}

static void lines_open(struct session *session, bool nanoseconds, bool interfaces)
{
	struct packet_line_style style = session->request->style;
	style.nanoseconds = nanoseconds;
	style.interfaces = interfaces;
	style.arg = session;
	if (session->request->names) {
		session->names = names_new(session->loop);
		style.name = name_of;
	}
	if (session->request->processes && session->live && session->shows) {
		session->owners = packet_owners_new();
		style.remark = process_of;
	}
	session->lines = packet_lines_new(&style);
}

static void summary(struct session *session)
{
	struct result *result = session->result;
	bool cut = session->file && capture_info(session->file)->cut;
	capture_tally_put(result, &session->tally);
	result_put(result, "read", session->file ? value_count(session->read) : value_none());
	uint64_t drops = capture_drops_put(result, session->file, session->live, session->writer);
	result_put(result, "cut", session->file ? value_flag(cut) : value_none());
	result_gap(result);
	result_line(result, TONE_PLAIN,
		    session->file
			? "{count} of {read} packets, {total_bytes}{span_ms?, over {span_ms}}"
			: "{count} packets, {total_bytes}{span_ms?, over {span_ms}}, from {source}");
	capture_written_put(result, session->broken ? NULL : session->writer);
	if (drops)
		result_line(
		    result, TONE_BAD,
		    "{dropped} packets are MISSING: the kernel had no room for them (-B, or a filter)");
	else if (session->live)
		result_line(result, TONE_PLAIN, "none was lost in the kernel");
	if (cut)
		result_line(result, TONE_WARN, "the file ends within a packet: whoever wrote it was stopped");
}

static enum status finish(struct session *session, enum status status)
{
	/* What cannot be written is known before it is said what was. */
	if (session->writer && !session->broken)
		session->broken = capture_writer_flush(session->writer, session->error) < 0;
	summary(session);
	if (capture_writer_close(session->writer, session->broken ? NULL : session->error) < 0)
		session->broken = true;
	packet_lines_free(session->lines);
	names_free(session->names);
	packet_owners_free(session->owners);
	capture_close(session->file);
	capture_live_free(session->live);
	return session->broken || error_is_set(session->error) ? session->error->status : status;
}

static enum status run_file(struct session *session)
{
	struct capture_frame frame;
	session->file = capture_open_waiting(session->request->read, session->loop, session->error);
	if (!session->file)
		return session->error->status;
	/* The first frame tells about the interfaces; a file without any has none to write. */
	int got = capture_next(session->file, &frame, session->error);
	const struct capture_interface *first = capture_interface(session->file, 0);
	bool mixed = capture_interfaces(session->file) > 1, nano = capture_info(session->file)->nanoseconds;
	if (writer_open(session, first ? first->link : PACKET_LINK_ETHERNET, mixed && session->pipes, nano,
			got > 0 ? frame.time : 0) < 0) {
		capture_close(session->file);
		return session->error->status;
	}
	lines_open(session, nano, mixed);
	for (; got > 0; got = capture_next(session->file, &frame, session->error)) {
		session->read++;
		if ((!session->filter || capture_filter_passes(session->filter, &frame)) &&
		    !take(session, &frame))
			break;
		if (capture_is_drained(session->file)) {
			lines_flush(session);
			result_flush(session->result);
		}
		if (session->read % ASK_EVERY == 0 &&
		    (loop_cancelled(session->loop) || result_broken(session->result)))
			break;
	}
	lines_flush(session);
	result_list_close(session->result);
	return finish(session,
		      loop_cancelled(session->loop) == LOOP_INTERRUPTED ? STATUS_INTERRUPTED : STATUS_OK);
}

static void on_time(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	((struct session *)arg)->done = true;
}

static enum status run_live(struct session *session, const struct capture_live_request *request)
{
	struct loop_timer timer = { 0 };
	session->live = capture_live_start(session->loop, request, on_frame, session, session->error);
	if (!session->live)
		return session->error->status;
	const struct capture_interface *first = capture_live_interface(session->live, 0);
	bool mixed = request->count > 1;
	if (writer_open(session, first->link, mixed, true, 0) < 0) {
		capture_live_free(session->live);
		return session->error->status;
	}
	lines_open(session, true, mixed || strcmp(first->name, "any") == 0);
	result_progress(session->result, -1, NS_NONE, "listening, Ctrl-C ends");
	if (session->request->duration)
		loop_timer_start(session->loop, &timer, clock_mono() + session->request->duration, on_time,
				 session);
	loop_run(session->loop, &session->done);
	enum loop_end end = loop_cancelled(session->loop);
	loop_timer_stop(session->loop, &timer);
	bool limited = session->request->count || session->request->bytes;
	session->done = session->done && limited;
	capture_live_stop(session->live);
	result_progress(session->result, -1, NS_NONE, NULL);
	capture_live_failed(session->live, session->error);
	result_list_close(session->result);
	return finish(session, end == LOOP_INTERRUPTED ? STATUS_INTERRUPTED : STATUS_OK);
}

static void source_put(struct session *session)
{
	const struct capture_live_request *live = &session->request->live;
	char source[256] = "";
	for (size_t i = 0, used = 0; i < live->count && used < sizeof source; i++)
		used += (size_t)snprintf(source + used, sizeof source - used, "%s%s", i ? ", " : "",
					 live->interfaces[i]);
	result_put(session->result, "source",
		   value_text(session->request->read ? session->request->read : source));
}

enum status capture_session_run(struct loop *loop, const struct capture_session_request *request,
				struct result *result, struct error *err)
{
	static const struct table table = { .name = "packets" };
	struct session session = {
		.request = request, .loop = loop, .result = result, .error = err, .tally = CAPTURE_TALLY_INIT
	};
	session.pipes = request->write && strcmp(request->write, "-") == 0;
	session.shows = request->show;
	/* Before anything is opened: a filter is wrong with or without a privilege. */
	session.filter = *request->filter ? capture_filter_new(request->filter, err) : NULL;
	if (*request->filter && !session.filter)
		return err->status;
	if (session.pipes)
		result_stream_open(result);
	if (!request->read)
		result_live(result);
	source_put(&session);
	result_list_open(result, &table);
	enum status status = request->read ? run_file(&session) : run_live(&session, &request->live);
	capture_filter_free(session.filter);
	return status;
}
