#include "shell/prompt_text.h"

#include <stdio.h>
#include <string.h>
#include <wctype.h>

enum { NETNS_SHOWN_MAX = 32 };

/* A namespace given by its path is shown by its last word; bytes that could move the cursor are not shown at all. */
static size_t prompt_netns(wchar_t *out, size_t size, const char *netns)
{
	const char *slash = strrchr(netns, '/');
	if (slash && slash[1])
		netns = slash + 1;
	size_t used = 0;
	for (; *netns && used + 1 < size && used < NETNS_SHOWN_MAX; netns++)
		out[used++] = *netns > ' ' && *netns < 0x7f ? (wchar_t)*netns : L'?';
	out[used] = L'\0';
	return used;
}

wchar_t *prompt_text(wchar_t buf[PROMPT_TEXT_MAX], const char *netns, int status, bool continued, bool color)
{
	wchar_t name[NETNS_SHOWN_MAX + 2] = L"", where[96] = L"", what[64] = L"";
	if (continued) {
		swprintf(buf, PROMPT_TEXT_MAX, L"...> ");
		return buf;
	}
	if (netns && prompt_netns(name, sizeof name / sizeof *name, netns))
		swprintf(where, sizeof where / sizeof *where, color ? L" \1\033[36m\1%ls\1\033[m\1" : L" %ls",
			 name);
	if (status)
		swprintf(what, sizeof what / sizeof *what, color ? L" \1\033[31m\1[%d]\1\033[m\1" : L" [%d]",
			 status);
	swprintf(buf, PROMPT_TEXT_MAX, color ? L"\1\033[1m\1ntsh\1\033[m\1%ls%ls> " : L"ntsh%ls%ls> ", where,
		 what);
	return buf;
}

size_t prompt_width(const wchar_t *prompt)
{
	size_t width = 0;
	bool hidden = false;
	for (; *prompt; prompt++) {
		if (*prompt == PROMPT_MARK)
			hidden = !hidden;
		else if (!hidden)
			width++;
	}
	return width;
}

static size_t prompt_cells(wchar_t c, size_t column)
{
	if (c == L'\t')
		return 8 - column % 8;
	if (c < L' ' || c == 0x7f)
		return 2;
	int width = wcwidth(c);
	return width < 0 ? 8 : (size_t)width;
}

size_t prompt_caret_row(size_t width, const wchar_t *text, size_t caret, size_t columns)
{
	if (columns == 0)
		return 0;
	size_t row = width / columns, column = width % columns;
	for (size_t i = 0; i < caret; i++) {
		if (text[i] == L'\n') {
			row++;
			column = 0;
			continue;
		}
		size_t cells = prompt_cells(text[i], column);
		if (cells == 2 && text[i] > 0x7f && column + 1 == columns) {
			row++;
			column = 0;
		}
		column += cells;
		row += column / columns;
		column %= columns;
	}
	return row;
}
