#include "wire/dns_order.h"

#include <string.h>

enum { LABELS_MAX = 128 };

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

void dns_name_lower(struct dns_name *name)
{
	/* Length octets are below 64, where no letter is. */
	for (size_t i = 0; i < name->length; i++)
		name->wire[i] = lower(name->wire[i]);
}

/* Where each label begins, the root left out. Returns how many. */
static unsigned labels_of(const struct dns_name *name, uint8_t at[LABELS_MAX])
{
	unsigned count = 0;
	for (size_t i = 0; i < name->length && name->wire[i] && count < LABELS_MAX; i += 1u + name->wire[i])
		at[count++] = (uint8_t)i;
	return count;
}

static int label_compare(const uint8_t *a, const uint8_t *b)
{
	uint8_t length = a[0] < b[0] ? a[0] : b[0];
	for (unsigned i = 1; i <= length; i++) {
		uint8_t x = lower(a[i]), y = lower(b[i]);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return (int)a[0] - (int)b[0];
}

unsigned dns_name_common(const struct dns_name *a, const struct dns_name *b)
{
	uint8_t at_a[LABELS_MAX], at_b[LABELS_MAX];
	unsigned count_a = labels_of(a, at_a), count_b = labels_of(b, at_b), common = 0;
	while (common < count_a && common < count_b &&
	       label_compare(a->wire + at_a[count_a - 1 - common], b->wire + at_b[count_b - 1 - common]) == 0)
		common++;
	return common;
}

int dns_name_compare(const struct dns_name *a, const struct dns_name *b)
{
	uint8_t at_a[LABELS_MAX], at_b[LABELS_MAX];
	unsigned count_a = labels_of(a, at_a), count_b = labels_of(b, at_b);
	unsigned common = dns_name_common(a, b);
	if (common == count_a || common == count_b)
		return (int)count_a - (int)count_b;
	return label_compare(a->wire + at_a[count_a - 1 - common], b->wire + at_b[count_b - 1 - common]);
}

bool dns_name_within(const struct dns_name *name, const struct dns_name *zone)
{
	return dns_name_common(name, zone) == dns_name_labels(zone);
}

void dns_name_suffix(const struct dns_name *name, unsigned labels, struct dns_name *out)
{
	uint8_t at[LABELS_MAX];
	unsigned count = labels_of(name, at);
	size_t from = labels >= count ? 0 : labels ? at[count - labels] : name->length - 1u;
	struct dns_name suffix = { .length = (uint8_t)(name->length - from) };
	memcpy(suffix.wire, name->wire + from, suffix.length);
	*out = suffix;
}

bool dns_name_prepend(const void *label, size_t length, const struct dns_name *name, struct dns_name *out)
{
	if (!length || length > DNS_LABEL_MAX || name->length + 1u + length > DNS_NAME_WIRE_MAX)
		return false;
	struct dns_name longer = { .length = (uint8_t)(name->length + 1u + length) };
	longer.wire[0] = (uint8_t)length;
	memcpy(longer.wire + 1, label, length);
	memcpy(longer.wire + 1 + length, name->wire, name->length);
	*out = longer;
	return true;
}
