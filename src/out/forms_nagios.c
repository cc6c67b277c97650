/* One line for Nagios and its heirs: STATE - sentence | performance data (Monitoring Plugins guidelines). */
#include "out/forms_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DATA_MAX = 4096, NAGIOS_OK = 0, NAGIOS_CRITICAL = 2, NAGIOS_UNKNOWN = 3 };

void nagios_begin(struct nagios *nagios)
{
	*nagios = (struct nagios){ .data = BUF_INIT(DATA_MAX) };
}

static bool ends_in(const char *name, const char *end)
{
	size_t length = strlen(name), size = strlen(end);
	return length > size && !strcmp(name + length - size, end);
}

/* The unit stands in our names; Nagios knows these. */
static const char *unit_of(const char *path)
{
	/* "rtt_ms.p99" has it in the middle */
	if (ends_in(path, "_ms") || strstr(path, "_ms."))
		return "ms";
	if (ends_in(path, "_percent"))
		return "%";
	return ends_in(path, "_bytes") ? "B" : "";
}

static void add_datum(const char *path, double number, void *arg)
{
	struct buf *data = arg;
	struct buf one = BUF_INIT(512);
	buf_printf(&one, "%s'%s'=%.6g%s", data->length ? " " : "", path, number, unit_of(path));
	if (data->length + one.length < DATA_MAX)
		buf_add(data, one.bytes, one.length);
	buf_release(&one);
}

void nagios_point(struct nagios *nagios, const struct point *point)
{
	char reason[FORM_SENTENCE_MAX];
	bool settled = nagios->bad > 0; /* what it is about: the figures of the first failure stay */
	*(point->check ? &nagios->checks : &nagios->commands) += 1;
	point_reason(point, reason);
	if (point->status) {
		if (!nagios->bad++)
			snprintf(nagios->reason, sizeof nagios->reason, "%.200s%s%.300s",
				 point->check ? "" : point->what, point->check ? "" : ": ", reason);
	} else if (!point->check && *reason) {
		memcpy(nagios->summary, reason, sizeof reason);
	}
	struct buf data = BUF_INIT(DATA_MAX);
	if (!point->check && !settled)
		point_numbers(point, add_datum, &data);
	if (data.length) {
		buf_release(&nagios->data);
		nagios->data = data;
	}
}

int nagios_end(struct nagios *nagios, int fd, int worst)
{
	int state = worst == STATUS_OK ? NAGIOS_OK : worst == STATUS_BAD ? NAGIOS_CRITICAL : NAGIOS_UNKNOWN;
	struct buf line = BUF_INIT(2 * DATA_MAX);
	buf_printf(&line, "%s - ",
		   state == NAGIOS_OK         ? "OK"
		   : state == NAGIOS_CRITICAL ? "CRITICAL"
					      : "UNKNOWN");
	if (nagios->bad)
		buf_add_text(&line, nagios->reason);
	else if (worst)
		buf_printf(&line, "status %d", worst);
	else if (*nagios->summary)
		buf_add_text(&line, nagios->summary);
	else
		buf_printf(&line, "%" PRIu64 " command%s, %" PRIu64 " check%s: all good", nagios->commands,
			   nagios->commands == 1 ? "" : "s", nagios->checks, nagios->checks == 1 ? "" : "s");
	/* | begins the data, and a second line would be another message */
	for (char *p = line.bytes; p && *p; p++)
		if (*p == '|' || (unsigned char)*p < ' ')
			*p = ' ';
	if (nagios->data.length)
		buf_printf(&line, " | %s", buf_text(&nagios->data));
	buf_add_char(&line, '\n');
	out_write(fd, line.bytes, line.length);
	buf_release(&line);
	buf_release(&nagios->data);
	return state;
}
