/* What an iperf3 server sends: results in JSON, and the headers of its datagrams. */
#include "net/iperf.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct iperf_sums sums;
	struct iperf_datagrams all = { 0 };
	char *text = malloc(size + 1);
	memcpy(text, data, size);
	text[size] = '\0';
	if (iperf_results_read(text, size, &sums) == 0 && sums.jitter_s > 1000)
		abort();
	for (size_t at = 0; at + 4 <= size; at += 12)
		iperf_datagram_take(&all, data + at, size - at < 12 ? size - at : 12, (ns_t)at);
	free(text);
	return 0;
}
