#include "ntsh/clock.h"

#include <stdio.h>
#include <time.h>

static ns_t clock_read(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

ns_t clock_mono(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

ns_t clock_real(void)
{
	return clock_read(CLOCK_REALTIME);
}

ns_t clock_real_offset(void)
{
	/* The middle of two monotonic readings, so that being preempted between them costs half. */
	ns_t before = clock_mono();
	ns_t real = clock_real();
	ns_t after = clock_mono();
	return real - (before + (after - before) / 2);
}

char *clock_format_rfc3339(ns_t real, char buf[CLOCK_TEXT_MAX])
{
	time_t seconds = (time_t)(real / NS_PER_S);
	ns_t rest = real % NS_PER_S;
	if (rest < 0) {
		rest += NS_PER_S;
		seconds--;
	}
	struct tm tm;
	if (!gmtime_r(&seconds, &tm)) {
		snprintf(buf, CLOCK_TEXT_MAX, "1970-01-01T00:00:00.000000Z");
		return buf;
	}
	size_t used = strftime(buf, CLOCK_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + used, CLOCK_TEXT_MAX - used, ".%06dZ", (int)(rest / NS_PER_US));
	return buf;
}

int ns_compare(const void *a, const void *b)
{
	ns_t x = *(const ns_t *)a, y = *(const ns_t *)b;
	return (x > y) - (x < y);
}

ns_t ns_between(ns_t from, ns_t to)
{
	return from == NS_NONE || to == NS_NONE ? NS_NONE : to > from ? to - from : 0;
}
