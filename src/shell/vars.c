#include "shell/vars.h"

#include "base/mem.h"
#include "opt/opt.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { VARS_MAX = 4096 };

static bool name_valid(const char *name)
{
	if (!*name || (*name >= '0' && *name <= '9'))
		return false;
	for (; *name; name++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", *name))
			return false;
	return true;
}

/* Where name is, or where it belongs. */
static size_t vars_slot(const struct vars *vars, const char *name, bool *there)
{
	size_t low = 0, high = vars->count;
	*there = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, vars->items[middle].name);
		if (!order) {
			*there = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

const char *vars_get(const struct vars *vars, const char *name)
{
	bool there;
	size_t slot = vars_slot(vars, name, &there);
	return there ? vars->items[slot].value : getenv(name);
}

int vars_set(struct vars *vars, const char *name, const char *value, struct error *err)
{
	if (!name_valid(name))
		return error_set(err, STATUS_USAGE, "EUSAGE", "letters, digits and _ make a name",
				 "\"%s\" is no name for a variable", name);
	bool there;
	size_t slot = vars_slot(vars, name, &there);
	if (there) {
		char *copy = mem_strdup(value); /* value may be the old one */
		free(vars->items[slot].value);
		vars->items[slot].value = copy;
		return 0;
	}
	if (vars->count == VARS_MAX)
		return error_set(err, STATUS_USAGE, "EUSAGE", "unset some",
				 "%d variables are the most there can be", VARS_MAX);
	if (vars->count == vars->capacity) {
		vars->capacity = vars->capacity ? vars->capacity * 2 : 8;
		vars->items = mem_resize(vars->items, vars->capacity, sizeof *vars->items);
	}
	memmove(vars->items + slot + 1, vars->items + slot, (vars->count - slot) * sizeof *vars->items);
	vars->items[slot] = (struct var){ mem_strdup(name), mem_strdup(value) };
	vars->count++;
	return 0;
}

void vars_unset(struct vars *vars, const char *name)
{
	bool there;
	size_t slot = vars_slot(vars, name, &there);
	if (!there)
		return;
	free(vars->items[slot].name);
	free(vars->items[slot].value);
	vars->count--;
	memmove(vars->items + slot, vars->items + slot + 1, (vars->count - slot) * sizeof *vars->items);
}

const char *vars_nearest(const struct vars *vars, const char *name)
{
	const char **names = mem_alloc((vars->count + 1) * sizeof *names);
	for (size_t i = 0; i < vars->count; i++)
		names[i] = vars->items[i].name;
	const char *near = opt_nearest(name, names);
	free(names);
	return near;
}

void vars_export(const struct vars *vars)
{
	for (size_t i = 0; i < vars->count; i++)
		setenv(vars->items[i].name, vars->items[i].value, 1);
}

void vars_release(struct vars *vars)
{
	for (size_t i = 0; i < vars->count; i++) {
		free(vars->items[i].name);
		free(vars->items[i].value);
	}
	free(vars->items);
	*vars = (struct vars){ 0 };
}
