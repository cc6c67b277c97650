#include "ntsh/names.h"

#include "base/mem.h"
#include "ntsh/resolve.h"

#include <stdlib.h>

enum { NAMES_MAX = 1024 };

struct name {
	struct names *names;
	struct name *next;
	struct addr addr;
	struct resolve *question; /* NULL: answered */
	char *text;
};

struct names {
	struct loop *loop;
	struct name *first;
	size_t count, missing;
	bool done;
};

struct names *names_new(struct loop *loop)
{
	struct names *names = NEW(struct names);
	names->loop = loop;
	return names;
}

void names_free(struct names *names)
{
	if (!names)
		return;
	while (names->first) {
		struct name *name = names->first;
		names->first = name->next;
		if (name->question)
			resolve_cancel(name->question);
		free(name->text);
		free(name);
	}
	free(names);
}

static struct name *find(const struct names *names, const struct addr *addr)
{
	struct name *name = names->first;
	while (name && !addr_equal(&name->addr, addr))
		name = name->next;
	return name;
}

static void on_name(struct loop *loop, const struct resolve_result *result, void *arg)
{
	struct name *name = arg;
	(void)loop;
	name->question = NULL;
	name->text = mem_strdup(result->canonical);
	name->names->missing--;
	name->names->done = !name->names->missing;
}

void names_want(struct names *names, const struct addr *addr)
{
	if (addr->family == AF_UNSPEC || names->count == NAMES_MAX || find(names, addr))
		return;
	struct name *name = NEW(struct name);
	*name = (struct name){ .names = names, .next = names->first, .addr = *addr };
	names->first = name;
	names->count++;
	name->question = resolve_reverse_start(names->loop, addr, on_name, name, NULL);
	if (name->question)
		names->missing++;
}

const char *names_get(const struct names *names, const struct addr *addr)
{
	const struct name *name = find(names, addr);
	return name ? name->text : NULL;
}

static void on_late(struct loop *loop, struct loop_timer *timer, void *arg)
{
	struct names *names = arg;
	(void)loop;
	(void)timer;
	names->done = true;
}

size_t names_wait(struct names *names, ns_t at_most)
{
	struct loop_timer timer = { 0 };
	names->done = !names->missing;
	if (names->done)
		return 0;
	loop_timer_start(names->loop, &timer, clock_mono() + at_most, on_late, names);
	loop_run(names->loop, &names->done);
	loop_timer_stop(names->loop, &timer);
	return names->missing;
}
