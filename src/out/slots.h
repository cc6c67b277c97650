/* The values that templates and columns can name: scalars of open and closed objects and of the open rows. */
#ifndef OUT_SLOTS_H
#define OUT_SLOTS_H

#include "base/buf.h"
#include "ntsh/value.h"

#include <stdint.h>

/* An object (its members point to it as their parent) or a scalar. Names and texts lie in the arena. */
struct slot {
	uint32_t parent;
	uint32_t name;
	uint16_t name_length;
	bool is_object;
	const char *spelling; /* where the name stood when it was put: it may be gone */
	size_t text;
	struct value value;
};

struct slots {
	struct slot *items;
	size_t count, capacity;
	struct buf arena;
};

/* Everything added after a mark can be forgotten at once: that is how a row ends. */
struct slots_mark {
	size_t count, arena;
};

void slots_init(struct slots *slots); /* slot 0 is the root object */
void slots_release(struct slots *slots);
uint32_t slots_add_object(struct slots *slots, uint32_t parent, const char *name);
void slots_add_value(struct slots *slots, uint32_t parent, const char *name, const struct value *value);
struct slots_mark slots_mark(const struct slots *slots);
void slots_forget(struct slots *slots, struct slots_mark mark);

/* Looks up a dotted path below an object. Returns false when there is none. The text of *out is borrowed until the
 * next addition. */
bool slots_find(const struct slots *slots, uint32_t object, const char *path, size_t length,
		struct value *out);

/* The value in slot index, when it is a scalar of that name below that object: a column's shortcut. name stays where it is for good, so
 * that a name put from the same place is the same. */
bool slots_at(const struct slots *slots, size_t index, uint32_t object, const char *name, struct value *out);

/* Index of the scalar, or SIZE_MAX. */
size_t slots_index(const struct slots *slots, uint32_t object, const char *name, size_t length);

#endif
