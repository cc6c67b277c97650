#include "net/findings.h"

#include "base/units.h"

#include <stdarg.h>
#include <stdio.h>

void finding_add(struct findings *findings, enum trace_finding_kind kind, bool fault, unsigned hops,
		 const struct addr *router, const char *format, ...)
{
	if (findings->count == findings->max)
		return;
	struct trace_finding *finding = &findings->out[findings->count++];
	*finding = (struct trace_finding){ .kind = kind, .fault = fault, .hops = hops };
	if (router)
		finding->router = *router;
	va_list args;
	va_start(args, format);
	vsnprintf(finding->says, sizeof finding->says, format, args);
	va_end(args);
}

void findings_list(const unsigned *numbers, const bool *set, size_t count, char text[FINDINGS_LIST_MAX])
{
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < count && used < FINDINGS_LIST_MAX; i++) {
		size_t last = i;
		if (!set[i])
			continue;
		while (last + 1 < count && set[last + 1])
			last++;
		used += (size_t)snprintf(text + used, FINDINGS_LIST_MAX - used, "%s%u", used ? ", " : "",
					 numbers[i]);
		if (last > i && used < FINDINGS_LIST_MAX)
			used += (size_t)snprintf(text + used, FINDINGS_LIST_MAX - used, "%s%u",
						 last > i + 1 ? " to " : " and ", numbers[last]);
		i = last;
	}
}

void finding_add_loss(struct findings *findings, const struct path_loss *loss, const unsigned *numbers,
		      const struct addr *router, const char *until)
{
	char percent[UNITS_TEXT_MAX], likely[64] = "";
	units_format_percent(loss->percent, percent);
	unsigned begin = numbers[loss->begin], last = numbers[loss->until];
	if (loss->until != loss->begin)
		snprintf(likely, sizeof likely, ", most likely just before hop %u,", begin);
	if (loss->blind)
		finding_add(findings, TRACE_FOUND_LOSS, true, 0, NULL,
			    "%s is lost on the way to %s; where it begins cannot be told: the routers limit "
			    "their ICMP, or do not answer",
			    percent, until);
	else if (loss->before == loss->begin)
		finding_add(findings, TRACE_FOUND_LOSS, true, begin, router,
			    "loss of %s begins at or before hop %u%s and persists to %s", percent, last,
			    likely, until);
	else
		finding_add(findings, TRACE_FOUND_LOSS, true, begin, router,
			    "loss of %s begins between hop %u and %u%s and persists to %s", percent,
			    numbers[loss->before], last, likely, until);
}
