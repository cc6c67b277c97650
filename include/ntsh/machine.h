/* What this machine, kernel and user can do: the measuring part of `doctor`. */
#ifndef NTSH_MACHINE_H
#define NTSH_MACHINE_H

#include <stddef.h>

enum ability_state { ABILITY_YES, ABILITY_PARTLY, ABILITY_NO };

/* One ability, tried for real (a socket is opened, an option set, a file read), never guessed from a version. */
struct ability {
	const char *id;        /* "ping_socket", "raw_socket", "capture", "tx_timestamps", "netns", "tracefs", ... */
	const char *what;      /* "ICMP echo without privilege" */
	const char *used_by;   /* commands that want it */
	enum ability_state state;
	char detail[200];      /* what was seen */
	char grant[300];       /* the exact command that grants it; "" when there is none or nothing is missing */
};

/* Fills at most max, returns how many there are. path is the program's own file, for setcap. */
size_t machine_abilities(struct ability *out, size_t max, const char *path);

/* One setcap command for all capabilities that the grants name: each setcap replaces what the file had before. "" when none is
 * named. Returns buf. */
char *machine_grant_all(const struct ability *abilities, size_t count, const char *path, char *buf, size_t size);

#endif
