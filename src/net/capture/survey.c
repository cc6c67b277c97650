#include "ntsh/capture_survey.h"

#include "base/mem.h"
#include "ntsh/packet_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ASK_EVERY = 4096 };

void capture_survey_begin(struct capture_survey *survey)
{
	*survey =
	    (struct capture_survey){ .tally = CAPTURE_TALLY_INIT, .smallest = UINT32_MAX, .before = NS_NONE };
}

static struct capture_survey_protocol *protocol_of(struct capture_survey *survey, const char *name)
{
	for (size_t i = 0; i < survey->protocol_count; i++)
		if (strcmp(survey->protocols[i].name, name) == 0)
			return &survey->protocols[i];
	bool last = survey->protocol_count >= SURVEY_PROTOCOLS_MAX - 1;
	struct capture_survey_protocol *protocol =
	    &survey->protocols[last ? SURVEY_PROTOCOLS_MAX - 1 : survey->protocol_count];
	if (survey->protocol_count < SURVEY_PROTOCOLS_MAX)
		survey->protocol_count++;
	snprintf(protocol->name, sizeof protocol->name, "%s", last ? "others" : name);
	return protocol;
}

static void add_protocol(struct capture_survey *survey, const struct packet *packet)
{
	char buf[24], name[SURVEY_PROTOCOL_NAME];
	const char *protocol = packet_protocol_name(packet, buf);
	snprintf(name, sizeof name, "%s%s",
		 packet->ip_version == 4   ? "IPv4 "
		 : packet->ip_version == 6 ? "IPv6 "
					   : "",
		 protocol);
	struct capture_survey_protocol *found = protocol_of(survey, name);
	found->packets++;
	found->bytes += packet->length;
}

static void add_interface(struct capture_survey *survey, size_t index)
{
	if (index >= survey->interface_count) {
		survey->by_interface =
		    mem_resize(survey->by_interface, index + 1, sizeof *survey->by_interface);
		memset(survey->by_interface + survey->interface_count, 0,
		       (index + 1 - survey->interface_count) * sizeof *survey->by_interface);
		survey->interface_count = index + 1;
	}
	survey->by_interface[index]++;
}

void capture_survey_add(struct capture_survey *survey, const struct capture_frame *frame)
{
	struct packet packet;
	packet_decode(&packet, frame->link, frame->bytes, frame->captured, frame->length);
	capture_tally_add(&survey->tally, frame);
	survey->captured_bytes += frame->captured;
	survey->shortened += frame->captured < frame->length;
	survey->broken += packet.fault == PACKET_BROKEN;
	survey->unstamped += frame->time == NS_NONE;
	survey->out_of_order +=
	    frame->time != NS_NONE && survey->before != NS_NONE && frame->time < survey->before;
	survey->before = frame->time != NS_NONE ? frame->time : survey->before;
	survey->smallest = frame->length < survey->smallest ? frame->length : survey->smallest;
	survey->largest = frame->length > survey->largest ? frame->length : survey->largest;
	add_protocol(survey, &packet);
	add_interface(survey, frame->interface);
}

static int by_bytes(const void *left, const void *right)
{
	const struct capture_survey_protocol *a = left, *b = right;
	return a->bytes == b->bytes ? strcmp(a->name, b->name) : a->bytes > b->bytes ? -1 : 1;
}

void capture_survey_end(struct capture_survey *survey)
{
	qsort(survey->protocols, survey->protocol_count, sizeof survey->protocols[0], by_bytes);
}

void capture_survey_release(struct capture_survey *survey)
{
	free(survey->by_interface);
}

int capture_survey_file(struct capture_survey *survey, struct capture *capture, struct loop *loop,
			struct error *err)
{
	struct capture_frame frame;
	int got;
	capture_survey_begin(survey);
	while ((got = capture_next(capture, &frame, err)) > 0) {
		capture_survey_add(survey, &frame);
		if (survey->tally.count % ASK_EVERY == 0 && loop_cancelled(loop))
			break;
	}
	capture_survey_end(survey);
	return got == 0 ? 0 : -1;
}
