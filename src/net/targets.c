/* Target lists: words and files into spans, names through the resolver. */
#include "ntsh/targets.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/spans.h"
#include "ntsh/resolve.h"
#include "sys/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 256 << 20, LOOK_UPS_AT_ONCE = 128 };

/* A name on its way to an address. */
struct name {
	struct reading *reading;
	char *text;
	int64_t order;
	bool exclude;
	struct resolve *handle;
};

struct targets {
	struct spans spans;
	uint64_t *before;   /* addresses in the spans before each, and in all at the end */
	size_t *by_address; /* the spans' numbers, sorted by address */
	char **names;
	size_t name_count;
	struct target_failure *failures;
	size_t failure_count;
};

struct reading {
	struct loop *loop;
	struct targets *targets;
	struct error *err;
	struct spans spans;
	struct name *names;
	size_t name_count, next_name, under_way;
	int family;
	int64_t order;
	bool done, skipped; /* skipped: something did not fit the family */
};

static void names_forget(struct reading *reading)
{
	for (size_t i = 0; i < reading->name_count; i++) {
		if (reading->names[i].handle)
			resolve_cancel(reading->names[i].handle);
		free(reading->names[i].text);
	}
	free(reading->names);
	spans_release(&reading->spans);
}

void targets_free(struct targets *targets)
{
	if (!targets)
		return;
	for (size_t i = 0; i < targets->name_count; i++)
		free(targets->names[i]);
	free(targets->names);
	free(targets->failures);
	free(targets->before);
	free(targets->by_address);
	spans_release(&targets->spans);
	free(targets);
}

static void add_span(struct reading *reading, const struct addr *first, uint64_t count, int64_t order,
		     const char *name)
{
	if (reading->family != AF_UNSPEC && reading->family != first->family) {
		reading->skipped |= order >= 0;
		return;
	}
	struct span span = span_of(first, count);
	span.order = order;
	span.name = name;
	spans_add(&reading->spans, &span);
}

static int add_file(struct reading *reading, const char *path, bool exclude);

static int add_word(struct reading *reading, const char *text, bool exclude, bool in_file)
{
	struct target_word word;
	if (target_word_read(text, &word, reading->err) < 0)
		return -1;
	int64_t order = exclude ? -1 : reading->order++;
	switch (word.kind) {
	case TARGET_ADDRESSES:
		add_span(reading, &word.first, word.count, order, NULL);
		return 0;
	case TARGET_FILE:
		if (in_file)
			return error_set(reading->err, STATUS_USAGE, "EUSAGE",
					 "name each file on the command line",
					 "a target file names another file, %.200s", text);
		return add_file(reading, word.text, exclude);
	case TARGET_NAME:
		break;
	}
	if ((reading->name_count & (reading->name_count - 1)) == 0)
		reading->names = mem_resize(reading->names, reading->name_count ? 2 * reading->name_count : 1,
					    sizeof *reading->names);
	reading->names[reading->name_count++] =
	    (struct name){ .reading = reading, .text = mem_strdup(text), .order = order, .exclude = exclude };
	return 0;
}

static int add_file(struct reading *reading, const char *path, bool exclude)
{
	struct buf text = BUF_INIT(FILE_MAX);
	if (file_read(path, &text) < 0) {
		int errnum = errno;
		buf_release(&text);
		return error_errno(reading->err, errnum, NULL, "target file %s cannot be read", path);
	}
	int failed =
	    text.overflow || memchr(buf_text(&text), '\0', text.length)
		? error_set(reading->err, STATUS_USAGE, "EUSAGE", "one address, prefix, range or name a line",
			    "%s is no list of targets", path)
		: 0;
	char *save = NULL, *save_word = NULL;
	for (char *line = text.length ? strtok_r(text.bytes, "\r\n", &save) : NULL; line && !failed;
	     line = strtok_r(NULL, "\r\n", &save)) {
		line[strcspn(line, "#")] = '\0';
		for (char *word = strtok_r(line, " \t,", &save_word); word && !failed;
		     word = strtok_r(NULL, " \t,", &save_word))
			failed = add_word(reading, word, exclude, true);
	}
	buf_release(&text);
	return failed;
}

/* --- names --- */

static void name_failed(struct reading *reading, struct name *name, const struct error *error)
{
	struct targets *targets = reading->targets;
	if (name->exclude) {
		if (!error_is_set(reading->err))
			*reading->err = *error;
		return;
	}
	targets->failures =
	    mem_resize(targets->failures, targets->failure_count + 1, sizeof *targets->failures);
	targets->failures[targets->failure_count++] =
	    (struct target_failure){ .name = name->text, .error = *error };
}

static void look_up_more(struct reading *reading);

static void on_name(struct loop *loop, const struct resolve_result *result, void *arg)
{
	struct name *name = arg;
	struct reading *reading = name->reading;
	(void)loop;
	name->handle = NULL;
	reading->under_way--;
	if (!result->count)
		name_failed(reading, name, &result->error);
	for (size_t i = 0; i < result->count && (name->exclude || i == 0); i++)
		add_span(reading, &result->addrs[i], 1, name->order, name->exclude ? NULL : name->text);
	look_up_more(reading);
}

static void look_up_more(struct reading *reading)
{
	while (reading->under_way < LOOK_UPS_AT_ONCE && reading->next_name < reading->name_count) {
		struct name *name = &reading->names[reading->next_name++];
		struct error error = ERROR_INIT;
		name->handle =
		    resolve_start(reading->loop, name->text, reading->family, on_name, name, &error);
		if (name->handle)
			reading->under_way++;
		else
			name_failed(reading, name, &error);
	}
	reading->done = !reading->under_way && reading->next_name == reading->name_count;
}

/* Returns 0 when the fate of every name is known. */
static int look_up(struct reading *reading)
{
	look_up_more(reading);
	if (reading->done)
		return 0;
	enum loop_end end = loop_run(reading->loop, &reading->done);
	if (reading->done)
		return 0;
	if (end == LOOP_INTERRUPTED)
		return error_set(reading->err, STATUS_INTERRUPTED, "EINTR", NULL,
				 "interrupted while looking up names");
	return error_set(reading->err, STATUS_BAD, "ETIMEDOUT",
			 "look at /etc/resolv.conf, or give more time (-t)",
			 "the time was over before all names were looked up");
}

/* --- the list --- */

static int by_first(const void *left, const void *right, void *spans)
{
	const struct span *a = (const struct span *)spans + *(const size_t *)left;
	const struct span *b = (const struct span *)spans + *(const size_t *)right;
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->zone != b->zone)
		return a->zone < b->zone ? -1 : 1;
	return a->first < b->first ? -1 : a->first > b->first;
}

static void list_build(struct reading *reading)
{
	struct targets *targets = reading->targets;
	targets->spans = spans_resolve(&reading->spans);
	size_t count = targets->spans.count;
	targets->before = mem_alloc((count + 1) * sizeof *targets->before);
	targets->by_address = mem_alloc((count + 1) * sizeof *targets->by_address);
	for (size_t i = 0; i < count; i++) {
		const struct span *span = &targets->spans.items[i];
		targets->before[i + 1] = targets->before[i] + (uint64_t)(span->last - span->first) + 1;
		targets->by_address[i] = i;
	}
	if (count)
		qsort_r(targets->by_address, count, sizeof *targets->by_address, by_first,
			targets->spans.items);
	/* The names live on in the list: results point to them. */
	targets->names = mem_alloc((reading->name_count + 1) * sizeof *targets->names);
	for (size_t i = 0; i < reading->name_count; i++) {
		targets->names[targets->name_count++] = reading->names[i].text;
		reading->names[i].text = NULL;
	}
}

static int nothing_left(struct reading *reading)
{
	struct targets *targets = reading->targets;
	if (targets->failure_count) {
		*reading->err = targets->failures[0].error;
		return -1;
	}
	if (reading->skipped)
		return error_set(reading->err, STATUS_USAGE, "EUSAGE", "leave that option out",
				 "no target is an %s address, as -%d asks for",
				 reading->family == AF_INET ? "IPv4" : "IPv6",
				 reading->family == AF_INET ? 4 : 6);
	return error_set(reading->err, STATUS_USAGE, "EUSAGE", "name a host, an address, a prefix or a range",
			 reading->order ? "all targets are excluded" : "there is no target");
}

struct targets *targets_read(struct loop *loop, const struct option_list *words,
			     const struct option_list *excludes, int family, struct error *err)
{
	struct reading reading = {
		.loop = loop, .targets = NEW(struct targets), .err = err, .family = family
	};
	int failed = 0;
	for (size_t i = 0; i < words->count && !failed; i++)
		failed = add_word(&reading, words->items[i], false, false);
	for (size_t i = 0; excludes && i < excludes->count && !failed; i++)
		failed = add_word(&reading, excludes->items[i], true, false);
	if (!failed)
		failed = look_up(&reading);
	if (!failed && error_is_set(err))
		failed = -1;
	if (!failed) {
		list_build(&reading);
		failed = reading.targets->spans.count ? 0 : nothing_left(&reading);
	}
	names_forget(&reading);
	if (!failed)
		return reading.targets;
	targets_free(reading.targets);
	return NULL;
}

uint64_t targets_count(const struct targets *targets)
{
	return targets->before[targets->spans.count];
}

struct target targets_get(const struct targets *targets, uint64_t index)
{
	size_t low = 0, high = targets->spans.count - 1;
	while (low < high) {
		size_t middle = (low + high + 1) / 2;
		if (targets->before[middle] <= index)
			low = middle;
		else
			high = middle - 1;
	}
	const struct span *span = &targets->spans.items[low];
	return (struct target){ .addr = span_addr(span, index - targets->before[low]), .name = span->name };
}

uint64_t targets_find(const struct targets *targets, const struct addr *addr)
{
	struct span key = span_of(addr, 1);
	size_t low = 0, high = targets->spans.count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct span *span = &targets->spans.items[targets->by_address[middle]];
		bool before = span->family != key.family ? span->family < key.family
			      : span->zone != key.zone   ? span->zone < key.zone
							 : span->last < key.first;
		if (before)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == targets->spans.count)
		return UINT64_MAX;
	size_t number = targets->by_address[low];
	const struct span *span = &targets->spans.items[number];
	if (span->family != key.family || span->zone != key.zone || span->first > key.first)
		return UINT64_MAX;
	return targets->before[number] + (uint64_t)(key.first - span->first);
}

static uint64_t digest_add(uint64_t hash, const void *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ ((const uint8_t *)bytes)[i]) * 1099511628211u; /* FNV-1a */
	return hash;
}

uint64_t targets_digest(const struct targets *targets)
{
	uint64_t hash = 14695981039346656037u;
	for (size_t i = 0; i < targets->spans.count; i++) {
		const struct span *span = &targets->spans.items[i];
		hash = digest_add(hash, &span->family, sizeof span->family);
		hash = digest_add(hash, &span->first, sizeof span->first);
		hash = digest_add(hash, &span->last, sizeof span->last);
	}
	return hash;
}

bool targets_have(const struct targets *targets, int family)
{
	for (size_t i = 0; i < targets->spans.count; i++)
		if (targets->spans.items[i].family == family)
			return true;
	return false;
}

size_t targets_failure_count(const struct targets *targets)
{
	return targets->failure_count;
}

const struct target_failure *targets_failure(const struct targets *targets, size_t index)
{
	return &targets->failures[index];
}
