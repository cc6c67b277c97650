/* Control messages that come with packets. */
#ifndef SYS_SOCKET_CONTROL_H
#define SYS_SOCKET_CONTROL_H

#include "ntsh/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* Copies the payload of a control message, as far as it goes; false when it is too short. */
bool control_copy(const struct cmsghdr *control, void *out, size_t size);

/* The stamp of an SCM_TIMESTAMPING message; NS_NONE when there is none in it. */
ns_t control_stamp(const struct cmsghdr *control);

#endif
