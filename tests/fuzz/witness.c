/* Segments that any host on the path may have made up. */
#include "ntsh/witness.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct witness_segment segment = { 0 };
	if (witness_parse(bytes, length, &segment) == 0 && segment.payload > length)
		abort();
	return 0;
}
