/* Templates: "{received} of {sent} answered{lost?, {lost} lost}". */
#include "base/text.h"
#include "out/human.h"
#include "out/render.h"

#include <assert.h>
#include <string.h>

/* Innermost row or object first, then outwards; each scope may be the start of a dotted path. */
bool template_value(const struct result *r, const char *path, size_t length, struct value *out)
{
	uint32_t tried = UINT32_MAX;
	for (unsigned i = r->depth; i-- > 0;) {
		if (r->frames[i].object == tried)
			continue;
		tried = r->frames[i].object;
		if (slots_find(&r->slots, tried, path, length, out))
			return true;
	}
	return false;
}

/* The brace that closes the one before text, or NULL. */
static const char *matching_brace(const char *text)
{
	unsigned open = 1;
	for (; *text; text++) {
		if (*text == '{')
			open++;
		else if (*text == '}' && --open == 0)
			return text;
	}
	return NULL;
}

static void expand(const struct result *r, struct buf *out, const char *at, const char *end);

static void expand_name(const struct result *r, struct buf *out, const char *inside, const char *end)
{
	struct value value;
	const char *question = memchr(inside, '?', (size_t)(end - inside));
	size_t length = (size_t)((question ? question : end) - inside);
	bool found = template_value(r, inside, length, &value);
	if (question) {
		if (found && human_is_shown(&value))
			expand(r, out, question + 1, end);
		return;
	}
	assert(found && "a template names a value that was not put");
	if (found)
		human_add(out, &value, r->style.utf8);
	else
		buf_add_char(out, '?');
}

static void expand(const struct result *r, struct buf *out, const char *at, const char *end)
{
	while (at < end) {
		size_t plain = 0;
		while (at + plain < end && at[plain] != '{' && at[plain] != '}')
			plain++;
		/* The template is ours, but part of it may have been the user's words. */
		for (const char *tab; (tab = memchr(at, '\t', plain));) {
			text_add_escaped(out, at, (size_t)(tab - at), r->style.utf8);
			buf_add_char(out, '\t');
			plain -= (size_t)(tab - at) + 1;
			at = tab + 1;
		}
		text_add_escaped(out, at, plain, r->style.utf8);
		at += plain;
		if (at >= end)
			return;
		if (at + 1 < end && at[1] == at[0]) {
			buf_add_char(out, *at);
			at += 2;
			continue;
		}
		const char *close = *at == '{' ? matching_brace(at + 1) : NULL;
		if (!close || close >= end) {
			buf_add_char(out, *at++);
			continue;
		}
		expand_name(r, out, at + 1, close);
		at = close + 1;
	}
}

void template_expand(const struct result *r, struct buf *out, const char *template)
{
	expand(r, out, template, template + strlen(template));
}
