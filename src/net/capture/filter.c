/* One filter for frames of whatever link type: compiled for each type when it is first seen. */
#include "base/mem.h"
#include "ntsh/capture.h"
#include "sys/pcap.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINKS_MAX = 8 };

struct capture_filter {
	char *text;
	struct {
		uint32_t link;
		struct sys_filter
		    *filter; /* NULL: the filter makes no sense for this link type, so nothing passes */
	} links[LINKS_MAX];
	size_t count;
};

int capture_filter_text(const char *const *words, size_t count, char *text, struct error *err)
{
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < count && used < CAPTURE_FILTER_MAX; i++)
		used +=
		    (size_t)snprintf(text + used, CAPTURE_FILTER_MAX - used, "%s%s", i ? " " : "", words[i]);
	return used < CAPTURE_FILTER_MAX
		   ? 0
		   : error_set(err, STATUS_USAGE, "EFILTER", NULL, "the filter is too long");
}

static size_t add_link(struct capture_filter *filter, uint32_t link, struct error *err)
{
	/* More link types than a file ever has: the last place is taken over. */
	if (filter->count == LINKS_MAX)
		sys_filter_free(filter->links[--filter->count].filter);
	filter->links[filter->count].link = link;
	filter->links[filter->count].filter = sys_filter_compile(filter->text, link, err);
	return filter->count++;
}

struct capture_filter *capture_filter_new(const char *text, struct error *err)
{
	struct capture_filter *filter = NEW(struct capture_filter);
	filter->text = mem_strdup(text);
	if (filter->links[add_link(filter, PACKET_LINK_ETHERNET, err)].filter)
		return filter;
	capture_filter_free(filter);
	return NULL;
}

bool capture_filter_passes(struct capture_filter *filter, const struct capture_frame *frame)
{
	struct error unused = ERROR_INIT;
	size_t i = 0;
	while (i < filter->count && filter->links[i].link != frame->link)
		i++;
	if (i == filter->count)
		i = add_link(filter, frame->link, &unused);
	const struct sys_filter *found = filter->links[i].filter;
	return found && sys_filter_passes(found, frame->bytes, frame->captured, frame->length);
}

void capture_filter_free(struct capture_filter *filter)
{
	if (!filter)
		return;
	for (size_t i = 0; i < filter->count; i++)
		sys_filter_free(filter->links[i].filter);
	free(filter->text);
	free(filter);
}
