#include "net/iperf.h"

#include "base/json.h"
#include "wire/bytes.h"

#include <stdio.h>
#include <string.h>

/* As much as a double holds exactly; what is beyond, or no number, counts as nothing. */
static const double COUNT_MAX = 9007199254740992.0;

size_t iperf_params_write(const struct speed_request *request, char *buf, size_t size)
{
	int length = snprintf(
	    buf, size,
	    "{\"%s\":true,\"omit\":0,\"time\":%lld,\"num\":0,\"blockcount\":0,\"parallel\":%u,%s\"len\":%d,"
	    "\"bandwidth\":%.0f,\"pacing_timer\":1000,\"client_version\":\"3.12\"}",
	    request->udp ? "udp" : "tcp", (long long)((request->duration + NS_PER_S - 1) / NS_PER_S),
	    request->streams, request->down ? "\"reverse\":true," : "",
	    request->udp ? IPERF_DATAGRAM : IPERF_BLOCK, request->rate / request->streams);
	return length > 0 && (size_t)length < size ? (size_t)length : 0;
}

size_t iperf_results_write(const struct speed_result *result, const struct speed_request *request, char *buf,
			   size_t size)
{
	uint64_t bytes = request->down ? result->received_bytes : result->sent_bytes;
	int length = snprintf(buf, size,
			      "{\"cpu_util_total\":%.3f,\"cpu_util_user\":0,\"cpu_util_system\":0,"
			      "\"sender_has_retransmits\":%d,\"streams\":[",
			      result->cpu_percent, request->udp || request->down ? -1 : 1);
	for (unsigned i = 0; i < request->streams && length > 0 && (size_t)length < size; i++) {
		/* Streams are numbered 1, 3, 4 ... */
		unsigned id = i ? i + 2 : 1;
		int more = snprintf(
		    buf + length, size - (size_t)length,
		    "%s{\"id\":%u,\"bytes\":%llu,\"retransmits\":%lld,\"jitter\":%.9f,\"errors\":%llu,"
		    "\"packets\":%llu,\"start_time\":0,\"end_time\":%.6f}",
		    i ? "," : "", id, (unsigned long long)(bytes / request->streams),
		    (long long)result->retransmits,
		    result->jitter == NS_NONE ? 0 : (double)result->jitter / 1e9,
		    (unsigned long long)(result->lost / request->streams),
		    (unsigned long long)(result->packets / request->streams), (double)result->took / 1e9);
		length = more > 0 ? length + more : -1;
	}
	if (length <= 0 || (size_t)length + 3 > size)
		return 0;
	memcpy(buf + length, "]}", 3);
	return (size_t)length + 2;
}

static double number_of(const struct json *object, const char *name)
{
	const struct json *member = json_member(object, name);
	return member && member->kind == JSON_NUMBER && member->number >= -1 && member->number <= COUNT_MAX
		   ? member->number
		   : 0;
}

int iperf_results_read(const char *bytes, size_t length, struct iperf_sums *out)
{
	*out = (struct iperf_sums){ .retransmits = -1 };
	struct json *json = json_read(bytes, length, NULL);
	const struct json *streams = json_member(json, "streams");
	bool sound = streams && streams->kind == JSON_ARRAY && streams->count <= SPEED_STREAMS_MAX;
	for (size_t i = 0; sound && i < streams->count; i++) {
		const struct json *stream = &streams->items[i];
		double number = number_of(stream, "retransmits"), jitter = number_of(stream, "jitter");
		double count = number_of(stream, "bytes");
		out->bytes += count > 0 ? (uint64_t)count : 0;
		if (number >= 0 && json_member(stream, "retransmits"))
			out->retransmits = (out->retransmits < 0 ? 0 : out->retransmits) + (int64_t)number;
		count = number_of(stream, "packets");
		out->packets += count > 0 ? (uint64_t)count : 0;
		count = number_of(stream, "errors");
		out->errors += count > 0 ? (uint64_t)count : 0;
		if (jitter > out->jitter_s && jitter < 1000)
			out->jitter_s = jitter;
	}
	json_free(json);
	return sound ? 0 : -1;
}

void iperf_datagram_take(struct iperf_datagrams *all, const uint8_t *bytes, size_t length, ns_t arrived_real)
{
	struct bytes_reader reader = bytes_reader_of(bytes, length);
	double sent = bytes_u32(&reader);
	sent += bytes_u32(&reader) / 1e6;
	uint32_t number = bytes_u32(&reader);
	if (reader.short_)
		return;
	if (number > all->highest)
		all->highest = number;
	else
		all->late++;
	double transit = (double)arrived_real / 1e9 - sent;
	if (all->received++) {
		double difference =
		    transit > all->transit_s ? transit - all->transit_s : all->transit_s - transit;
		all->jitter_s += (difference - all->jitter_s) / 16;
	}
	all->transit_s = transit;
}
