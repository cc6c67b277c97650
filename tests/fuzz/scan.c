/* What a scan meets: segments from the network, and answers in any order to probes in any state. */
#include "net/scan_core.h"
#include "wire/tcp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed_segment(const uint8_t *data, size_t size)
{
	struct tcp_segment segment;
	uint8_t *bytes = malloc(size + 1);
	memcpy(bytes, data, size);
	if (tcp_segment_read(bytes, size, &segment)) {
		struct scan_finger finger = { .ttl = data[0], .window = segment.window };
		if (!memchr(segment.options, '\0', sizeof segment.options))
			abort();
		memcpy(finger.options, segment.options, sizeof finger.options);
		(void)scan_guess(&finger);
	}
	free(bytes);
}

/* Each step: what, which probe, how, how much later. */
static void feed_core(const uint8_t *data, size_t size)
{
	struct scan_core core;
	ns_t now = NS_PER_S, when;
	uint64_t probe;
	scan_core_init(&core, 3, 5, size & 1, size & 2 ? 1000 : 0, now);
	for (; size >= 4; data += 4, size -= 4) {
		struct scan_outcome outcome = { .state = (enum scan_state)(data[2] % 5),
						.reason = (enum scan_reason)(1 + data[2] / 5 % 5),
						.icmp_type = data[3] & 3,
						.icmp_code = data[3] >> 2 & 3 };
		outcome.from.family = data[3] & 16 ? AF_INET : data[3] & 32 ? AF_INET6 : AF_UNSPEC;
		outcome.from.bytes[3] = data[2];
		now += data[3] * NS_PER_MS;
		if (data[0] & 1)
			scan_core_answer(&core, data[1] % 15, &outcome, now);
		else if (scan_core_next(&core, now, &probe, &when) == SCAN_SEND)
			scan_core_sent(&core, probe, now);
	}
	uint64_t silent = 0;
	for (uint64_t i = 0; i < core.total; i++)
		silent += !core.slots[i].outcome;
	if (silent != core.silent || core.pass > SCAN_PASSES_MAX)
		abort();
	scan_core_release(&core);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	feed_segment(data, size);
	feed_core(data, size);
	return 0;
}
