/* The trials behind ntsh/machine.h. Each fills state, detail and grant of its ability. */
#ifndef NET_MACHINE_PARTS_H
#define NET_MACHINE_PARTS_H

#include "ntsh/machine.h"

/* grant may be NULL. */
void ability_set(struct ability *ability, enum ability_state state, const char *grant, const char *format,
		 ...) __attribute__((format(printf, 4, 5)));

/* For what a capability would grant: setcap with the program's path. */
void ability_denied(struct ability *ability, int errnum, const char *capabilities, const char *path);

typedef void ability_try(struct ability *ability, const char *path);

ability_try try_ping_socket, try_raw_socket, try_capture, try_stamps, try_tx_ack, try_tcp_info, try_sock_diag,
    try_conntrack, try_ipv6;
ability_try try_netns, try_tracefs, try_perf, try_bpf, try_owners;
ability_try try_resolver, try_locale, try_files, try_clock_source, try_clock_sync;
ability_try try_curl, try_openssl, try_cares, try_edit;

#endif
