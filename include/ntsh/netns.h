/* Network namespaces of this process. */
#ifndef NTSH_NETNS_H
#define NTSH_NETNS_H

#include "ntsh/error.h"

/* Moves this process into the namespace: a name under /run/netns, a process id, or a path to a namespace file. Sockets
 * opened afterwards belong to it; what is open stays where it is. Needs CAP_SYS_ADMIN. Returns 0, or -1. */
int netns_enter(const char *name, struct error *err);

/* Back to the namespace the process started in. */
int netns_leave(struct error *err);

/* May this user enter namespaces? Returns 0, or the errno that it gets. Nothing changes. */
int netns_try(void);

/* The name given to netns_enter, or NULL in the default one. */
const char *netns_current(void);

/* Path of a resolver file as a program in this namespace sees it (ip-netns(8)): /etc/netns/NAME/FILE when that exists,
 * else /etc/FILE. buf takes at least 256 bytes. Returns buf. */
const char *netns_etc_path(const char *file, char buf[256]);

/* Between fork and exec of an outside program: gives the child the bind mounts that `ip netns exec` gives (the files of
 * /etc/netns/NAME over those of /etc, a fitting /sys). Does nothing in the default namespace. Returns 0, or -1. */
int netns_prepare_child(struct error *err);

#endif
