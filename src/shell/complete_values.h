/* The values that completion takes from this machine, and from what was typed before. */
#ifndef SHELL_COMPLETE_VALUES_H
#define SHELL_COMPLETE_VALUES_H

#include "shell/complete.h"
#include "shell/history_lines.h"

/* Where to look; tests point it elsewhere. */
struct complete_places {
	const char *interfaces; /* "/sys/class/net" */
	const char *namespaces; /* "/run/netns" */
	const char *hosts;      /* "/etc/hosts"; NULL: that of the namespace we are in */
	const char *services;   /* "/etc/services" */
	const char *sysctls;    /* "/proc/sys/net" */
	const char *path;       /* NULL: $PATH */
	const struct history *history;
};

extern const struct complete_places complete_places_usual;

/* For struct complete_world: arg is a struct complete_places. */
void complete_values(void *arg, enum complete_kind kind, struct complete *out);

/* Hosts (urls: whole URLs) that stand in lines typed before, newest first. */
void complete_seen(const struct history *history, bool urls, struct complete *out);

#endif
