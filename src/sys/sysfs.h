/* Files of sysfs as the network namespace of this process shows them.
 *
 * /sys/class/net shows the namespace in which it was mounted, not the one that setns(2) entered. A detached mount made after entering
 * (fsopen(2), fsmount(2)) shows the right one, and nobody else sees it. */
#ifndef SYS_SYSFS_H
#define SYS_SYSFS_H

#include "base/buf.h"

/* Appends the content of a file ("class/net/eth0/ifindex") to out. Returns 0, or -1 with errno. */
int sysfs_read(const char *path, struct buf *out);

/* Calls fn with each entry of a folder but "." and "..". Returns 0, or -1 with errno. */
typedef void sysfs_entry_fn(const char *name, void *arg);
int sysfs_list(const char *path, sysfs_entry_fn *fn, void *arg);

#endif
