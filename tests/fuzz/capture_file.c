/* Capture files of any bytes: both formats, and what unpacks them. */
#include "ntsh/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[64];
	if (fd < 0) {
		fd = memfd_create("capture", MFD_CLOEXEC);
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	}
	if (ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	struct error err = ERROR_INIT;
	struct capture *capture = capture_open_file(path, &err);
	struct capture_frame frame;
	static volatile unsigned sum;
	if (!capture)
		return 0;
	while (capture_next(capture, &frame, &err) > 0) {
		if (frame.captured > frame.length || frame.interface >= capture_interfaces(capture))
			abort();
		for (uint32_t i = 0; i < frame.captured; i++)
			sum = sum + frame.bytes[i];
	}
	if (capture_info(capture)->frames > size)
		abort();
	capture_close(capture);
	return 0;
}
