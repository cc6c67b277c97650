/* The kernel's tracepoints as text (Documentation/trace/events.rst), through an instance of our own, so that several may trace at once.
 *
 * Uses /sys/kernel/tracing where it is mounted; else a mount that nobody sees and that ends with us (fsopen(2)). */
#ifndef SYS_TRACEFS_H
#define SYS_TRACEFS_H

#include "ntsh/error.h"

#include <stdbool.h>
#include <stddef.h>

struct tracefs;

/* Makes the instance, with buffer_kb of room on each CPU and lines without context (nothing but the event). Instances that programs
 * of ours left behind when they were killed are removed. Needs root (CAP_DAC_OVERRIDE, CAP_SYS_ADMIN to mount). Returns NULL with err. */
struct tracefs *tracefs_open(unsigned buffer_kb, struct error *err);

/* Removes the instance. */
void tracefs_close(struct tracefs *tracefs);

/* Switches an event on ("skb/kfree_skb"). Returns false when this kernel does not have it. */
bool tracefs_enable(struct tracefs *tracefs, const char *event);

/* Switches all events off again: what was traced stays to be read. */
void tracefs_disable(struct tracefs *tracefs);

/* Where the lines come from: readable when there are some, not blocking. -1 before tracefs_start. */
int tracefs_start(struct tracefs *tracefs, struct error *err);
int tracefs_fd(const struct tracefs *tracefs);

#endif
