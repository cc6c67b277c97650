/* What the parts of the output layer share. */
#ifndef OUT_RENDER_H
#define OUT_RENDER_H

#include "base/buf.h"
#include "ntsh/clock.h"
#include "out/out.h"
#include "out/sink.h"
#include "out/slots.h"

#include <stdint.h>

enum {
	FRAME_MAX = 24,
	LINE_MAX_BYTES = 16 * 1024 * 1024,
	KEPT_MAX = 1024 * 1024,
	PAGE_DEFAULT = 80, /* columns when there is no terminal */
	PAGE_MAX = 100,    /* right margin and charts on very wide terminals */
};

enum frame_kind { FRAME_OBJECT, FRAME_LIST, FRAME_ROW };

struct table_view;

/* An open object, list or row. */
struct frame {
	enum frame_kind kind;
	bool has_members; /* JSON: a comma is due */
	bool is_array;    /* a list that JSON shows as an array, not as lines of its own */
	bool captures;    /* a row that is shown: lines inside it wait until it ends */
	uint32_t object;  /* where its scalars are kept */
	struct slots_mark mark;
	const struct table *table;
	struct table_view *view; /* FRAME_LIST with columns */
	struct buf after;        /* FRAME_ROW: lines that belong under it */
	size_t path_length;      /* of the debug path without this frame */
};

struct item {
	char *label, *text;
	enum tone tone;
};

struct bar {
	char *label, *value, *note;
	double amount, offset;
};

struct result {
	struct out_style style;
	bool tty, json, live, keep, wraps_stderr;
	int stream_fd; /* of result_stream, plus one; 0: not open */
	bool stream_tty;
	char *command;
	const struct command *described; /* debug builds: whose fields are checked */
	ns_t begun;
	struct sink *sink;
	struct frame frames[FRAME_MAX];
	unsigned depth;
	struct slots slots;
	struct buf path;

	/* JSON: staging is what is being written, object what waits for the end of a live command. */
	struct buf staging, object, kept, notes;
	bool kept_lost;

	/* Text. */
	struct buf line, scratch, last;
	bool something_shown, gap_due, headline_shown, after_heading;
	struct item *items;
	size_t item_count;
	struct bar *bars;
	size_t bar_count;
	double bar_total;
	bool bars_open;
	char **late_notes;
	size_t late_note_count;

	/* Progress. */
	bool progress_drawn;
	ns_t progress_at;
};

/* --- text.c: lines --- */
bool render_text(const struct result *r);      /* false in JSON: layout calls return at once */
unsigned render_width(const struct result *r); /* columns lines are wrapped at; 0: never */
unsigned render_page(const struct result *r);  /* columns for right margins and charts */
const char *render_tone(const struct result *r, enum tone tone);
void render_line(struct result *r, const char *bytes, size_t length, bool answer);
/* Wraps plain text (escaped, no control bytes) under prefix; later lines begin with indent blanks. */
void render_wrapped(struct result *r, enum tone tone, const char *prefix, size_t indent, const char *text,
		    bool answer);
void render_settle(struct result *r); /* items and tables that wait for their widths are shown */
void render_after(struct result *r, const char *after); /* lines that were kept, each ended by a newline */
void render_add_item(struct result *r, const char *label, enum tone tone,
		     const char *text); /* text: escaped */
void render_items(struct result *r);
void render_late_notes(struct result *r);
void render_add_toned(const struct result *r, struct buf *out, enum tone tone, const char *text);
/* Cuts text at the width; returns bytes of the first line, *next where the following line begins. */
size_t render_break(const char *text, size_t width, size_t *next);

/* --- template.c --- */
bool template_value(const struct result *r, const char *path, size_t length, struct value *out);
void template_expand(const struct result *r, struct buf *out, const char *template);

/* --- table.c --- */
struct table_view *table_open(struct result *r, const struct table *table);
void table_row(struct result *r, struct table_view *view, struct frame *row);
/* The same for a row without lines of its own. The list's frame is the innermost one. */
void table_row_members(struct result *r, struct table_view *view, const struct member *members, size_t count);
void table_settle(struct result *r, struct table_view *view);
void table_settle_late(struct result *r, struct table_view *view); /* when its rows have waited long enough */
void table_close(struct result *r, struct table_view *view);

/* --- progress.c --- */
void progress_clear(struct result *r);

/* --- emit.c: JSON staging --- */
void emit_commit(struct result *r);

#endif
