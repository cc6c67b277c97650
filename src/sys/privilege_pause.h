/* Giving up privileges for a while: what was opened stays open, and whoever breaks in by a packet finds nothing. */
#ifndef SYS_PRIVILEGE_PAUSE_H
#define SYS_PRIVILEGE_PAUSE_H

#include <stdbool.h>
#include <stdint.h>

struct privilege_pause {
	uint32_t effective[2];
	bool paused;
};

/* Takes all capabilities out of the effective set (capabilities(7)) but those in keep (1 << CAP_...: the first 32). Without any, nothing
 * happens. */
void privilege_pause(struct privilege_pause *pause, uint32_t keep);

/* Back to what was before. */
void privilege_resume(struct privilege_pause *pause);

#endif
