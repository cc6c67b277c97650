/* One value: from the user's text into the field it belongs to. */
#include "base/mem.h"
#include "base/units.h"
#include "opt/parser.h"

#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void opt_store_release(struct opt_store *store)
{
	for (size_t i = 0; i < store->count; i++)
		free(store->blocks[i]);
	free(store->blocks);
	*store = (struct opt_store){ 0 };
}

void *opt_store_keep(struct opt_store *store, void *block)
{
	store->blocks = mem_resize(store->blocks, store->count + 1, sizeof *store->blocks);
	store->blocks[store->count++] = block;
	return block;
}

void opt_range(const struct option *option, int64_t *min, int64_t *max)
{
	*min = option->min;
	*max = option->max;
	if (*min || *max)
		return;
	*min = option->type == OPT_PORT;
	*max = option->type == OPT_PORT       ? 65535
	       : option->type == OPT_DURATION ? 366 * 86400 * NS_PER_S
					      : INT64_MAX;
}

static char *range_end(const struct option *option, int64_t value, char *buf, size_t size)
{
	if (option->type == OPT_DURATION)
		units_format_duration_word(value, buf);
	else
		snprintf(buf, size, "%" PRId64, value);
	return buf;
}

char *opt_range_text(const struct option *option, char *buf, size_t size)
{
	int64_t min, max;
	char low[UNITS_TEXT_MAX], high[UNITS_TEXT_MAX];
	opt_range(option, &min, &max);
	range_end(option, min, low, sizeof low);
	if (max == INT64_MAX)
		snprintf(buf, size, "%s or more", low);
	else
		snprintf(buf, size, "%s to %s", low, range_end(option, max, high, sizeof high));
	return buf;
}

static int out_of_range(const struct option *option, const char *text, opt_spelling spelling,
			struct error *err)
{
	char range[2 * UNITS_TEXT_MAX + 8], hint[ERROR_HINT_MAX];
	opt_range_text(option, range, sizeof range);
	if (option->type == OPT_PORT) {
		snprintf(hint, sizeof hint, "a port is %s", range);
		return error_set(err, STATUS_USAGE, "EUSAGE", hint, "port %s is out of range", text);
	}
	snprintf(hint, sizeof hint, "%s is %s", option->metavar ? option->metavar : option->name, range);
	return error_set(err, STATUS_USAGE, "EUSAGE", hint, "%s %s is out of range", spelling, text);
}

static int not_a_number(const struct option *option, const char *text, opt_spelling spelling,
			struct error *err)
{
	char range[2 * UNITS_TEXT_MAX + 8], hint[ERROR_HINT_MAX];
	opt_range_text(option, range, sizeof range);
	static const char *const what[] = { [OPT_COUNT] = "a number",
					    [OPT_BYTES] = "a number of bytes",
					    [OPT_DURATION] = "a duration",
					    [OPT_PORT] = "a port or a service of /etc/services" };
	if (option->type == OPT_DURATION)
		snprintf(hint, sizeof hint, "write 500ms, 2s or 1m (%s)", range);
	else
		snprintf(hint, sizeof hint, "%s is %s", option->metavar ? option->metavar : option->name,
			 range);
	return error_set(err, STATUS_USAGE, "EUSAGE", hint, "%s: '%.200s' is not %s", spelling, text,
			 what[option->type]);
}

static int read_port(const char *text, int64_t *out)
{
	int bad = units_read_count(text, out);
	if (bad != UNITS_SYNTAX || !*text)
		return bad;
	struct servent *service = getservbyname(text, NULL);
	if (!service)
		return UNITS_SYNTAX;
	*out = ((service->s_port & 0xff) << 8) | ((service->s_port >> 8) & 0xff);
	return 0;
}

static int read_number(const struct option *option, const char *text, opt_spelling spelling, int64_t *out,
		       struct error *err)
{
	int64_t min, max, value = 0;
	int bad = option->type == OPT_DURATION ? units_read_duration(text, &value)
		  : option->type == OPT_BYTES  ? units_read_bytes(text, &value)
		  : option->type == OPT_PORT   ? read_port(text, &value)
					       : units_read_count(text, &value);
	opt_range(option, &min, &max);
	if (bad == UNITS_SYNTAX)
		return not_a_number(option, text, spelling, err);
	if (bad == UNITS_RANGE || value < min || value > max)
		return out_of_range(option, text, spelling, err);
	*out = value;
	return 0;
}

static int read_word(const struct option *option, const char *text, opt_spelling spelling, int *out,
		     struct error *err)
{
	struct opt_near near = { .text = text };
	char hint[ERROR_HINT_MAX] = "one of";
	for (int i = 0; option->words[i]; i++) {
		if (strcasecmp(option->words[i], text) == 0) {
			*out = i;
			return 0;
		}
		opt_near_offer(&near, option->words[i]);
		size_t used = strlen(hint);
		snprintf(hint + used, sizeof hint - used, "%s %s", i ? "," : "", option->words[i]);
	}
	size_t known = strlen(hint);
	if (known > 90)
		opt_near_hint(&near, hint, sizeof hint);
	return error_set(err, STATUS_USAGE, "EUSAGE", hint, "%s: unknown word '%.200s'", spelling, text);
}

static int read_address(const char *text, opt_spelling spelling, struct addr *out, struct error *err)
{
	if (addr_parse(text, out) == 0)
		return 0;
	return error_set(err, STATUS_USAGE, "EUSAGE", "write 192.0.2.1, 2001:db8::1 or fe80::1%eth0",
			 "%s: '%.200s' is not an address", spelling, text);
}

static void list_append(struct option_list *list, const char *text, struct opt_store *store)
{
	/* Grown by powers of two; the old array stays in the store until the command ends. */
	if ((list->count & (list->count - 1)) == 0) {
		size_t capacity = list->count ? 2 * list->count : 1;
		const char **items = opt_store_keep(store, mem_alloc(capacity * sizeof *items));
		if (list->count)
			memcpy(items, list->items, list->count * sizeof *items);
		list->items = items;
	}
	list->items[list->count++] = text;
}

void opt_store_flag(const struct option *option, void *args, bool on, struct opt_store *store)
{
	void *field = (char *)args + option->offset;
	int word = on;
	if (option->type == OPT_SWITCH)
		memcpy(field, &word, sizeof word);
	else if (!(option->flags & OPTION_REPEAT))
		memcpy(field, &on, sizeof on);
	else if (on)
		list_append(field, "", store);
	else
		((struct option_list *)field)->count = 0;
}

/* Checks text by the option's type. field is where the value goes; for a repeated option it is checked, then kept as text. */
static int store_typed(const struct option *option, void *field, const char *text, opt_spelling spelling,
		       struct error *err)
{
	int64_t number = 0;
	int word = 0;
	struct addr addr;
	switch (option->type) {
	case OPT_COUNT:
	case OPT_BYTES:
	case OPT_DURATION:
	case OPT_PORT:
		if (read_number(option, text, spelling, &number, err) < 0)
			return -1;
		memcpy(field, &number, sizeof number);
		return 0;
	case OPT_WORD:
		if (read_word(option, text, spelling, &word, err) < 0)
			return -1;
		memcpy(field, &word, sizeof word);
		return 0;
	case OPT_ADDRESS:
		if (read_address(text, spelling, &addr, err) < 0)
			return -1;
		memcpy(field, &addr, sizeof addr);
		return 0;
	default:
		memcpy(field, &text, sizeof text);
		return opt_check_text(option, text, spelling, err);
	}
}

int opt_store_value(const struct option *option, void *args, const char *text, opt_spelling spelling,
		    struct opt_store *store, struct error *err)
{
	union {
		int64_t number;
		int word;
		struct addr addr;
		const char *text;
	} unused;
	void *field = (char *)args + option->offset;
	bool repeat = option->flags & OPTION_REPEAT;
	const char *copy = opt_store_keep(store, mem_strdup(text));
	if (store_typed(option, repeat ? (void *)&unused : field, copy, spelling, err) < 0)
		return -1;
	if (repeat)
		list_append(field, copy, store);
	return 0;
}

int opt_read_duration(const char *text, int64_t min, int64_t max, int64_t *out, struct error *err)
{
	const struct option option = {
		.type = OPT_DURATION, .name = "duration", .metavar = "a duration", .min = min, .max = max
	};
	return read_number(&option, text, "duration", out, err);
}

int opt_read_count(const char *text, int64_t min, int64_t max, int64_t *out, struct error *err)
{
	const struct option option = {
		.type = OPT_COUNT, .name = "number", .metavar = "a number", .min = min, .max = max
	};
	return read_number(&option, text, "number", out, err);
}
