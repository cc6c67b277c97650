#include "net/findings.h"

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
