/* Results: emitted once, rendered as text for people or as JSON for programs.
 *
 * A command PUTS named, typed values into a tree (members, objects, lists of rows). That is the
 * whole JSON result. For people it LAYS OUT what it put, in the same pass, with templates that name
 * values: "{received} of {sent} answered, {loss_percent} lost". Templates never carry a value of
 * their own, so the two renderings cannot disagree. Layout calls cost nothing in JSON.
 *
 * Rows are streamed: a row is written when it ends and then forgotten. Scalars of open and closed
 * objects stay readable for templates by their path ("verdict.summary"); rows do not.
 *
 * Nothing here fails visibly: an output that cannot be written is remembered and ends the command
 * with status 3 (result_broken). Text from the network is escaped here and nowhere else. */
#ifndef NTSH_RESULT_H
#define NTSH_RESULT_H

#include "ntsh/value.h"

#include <stdbool.h>

struct result;

/* --- members: JSON --- */

/* Puts a member into the innermost open object or row. Names are snake_case and end in their unit. */
void result_put(struct result *result, const char *name, struct value value);

/* Opens and closes a nested object: {"verdict":{...}}. */
void result_open(struct result *result, const char *name);
void result_close(struct result *result);

/* An array of scalars in one go: "names":["a","b"]. */
void result_put_list(struct result *result, const char *name, const struct value *values, size_t count);

/* --- rows: an array of objects --- */

/* ALIGN_WHOLE: the last column, never cut, as half a DNS record is none: the terminal breaks the line. */
enum align { ALIGN_LEFT, ALIGN_RIGHT, ALIGN_WHOLE };

/* One column: which member of the row it shows, under which heading. Members that are put but have no column
 * are JSON only. min_width reserves room (0: from heading and first rows); verbose columns need -v. flexible: the one
 * column that is cut, with an ellipsis, when the terminal is too narrow. */
struct column {
	const char *name;
	const char *heading;
	enum align align;
	unsigned min_width;
	bool verbose;
	bool flexible;
};

/* How a list shows to people: as a table (columns), or each row through a line template (line). Both NULL: JSON
 * only. With `live` rows are shown the moment they end, else widths may settle over the first rows. */
struct table {
	const char *name; /* the JSON array's name */
	const struct column *columns;
	size_t column_count;
	const char *line;
	bool live;
	bool no_heading;
};

/* The table must outlive the list. Lists may nest inside rows (the inner one must use `line` or be JSON only). */
void result_list_open(struct result *result, const struct table *table);
void result_row_open(struct result *result);
void result_row_close(struct result *result);
void result_list_close(struct result *result);

/* A row of scalars in one go, the same as open, put each, close: the way for tables of a million rows. Names must not differ from row to row. */
struct member {
	const char *name;
	struct value value;
};
void result_row(struct result *result, const struct member *members, size_t count);

/* --- layout: text only --- */

enum tone { TONE_PLAIN, TONE_GOOD, TONE_WARN, TONE_BAD, TONE_FAINT, TONE_STRONG };

/* One line (or paragraph: it is wrapped at the terminal's width, continuation lines indented as the first) from a
 * template. "{name}" is a value put before (innermost row or object first, then outwards, then a dotted path), in
 * its kind's human form; "{{" is a brace. An unknown name is a defect: debug builds abort, release shows "?".
 * "{name?text}" shows text (which may hold names itself) only when the value is there and not none, false or 0. What stands
 * behind a tab goes to the right margin. */
void result_line(struct result *result, enum tone tone, const char *template);

/* A line that needs -v. */
void result_line_verbose(struct result *result, enum tone tone, const char *template);

/* An empty line (never two in a row, never at the top). */
void result_gap(struct result *result);

/* The answer at the top: a badge in its tone, the sentence, and something at the right margin ("97 % sure"; NULL). All
 * three are templates. */
void result_headline(struct result *result, enum tone tone, const char *badge, const char *sentence,
                     const char *right);

/* "label   text": labels share one column, the text is wrapped under itself; a label equal to the one before is not
 * repeated. A template that comes out empty ("{alias?{alias}}" without an alias) shows nothing. */
void result_item(struct result *result, const char *label, enum tone tone, const char *template);

/* A bar chart row: label, the value (a time, a count, a percentage) and a bar of value / total. note (template) may be NULL.
 * All bars of one chart share the same columns: call result_bars_open first, result_bars_close last. offset (may be
 * NULL) names a value at which the bar begins: that makes a waterfall. */
void result_bars_open(struct result *result, const char *total_name);
void result_bar(struct result *result, const char *label, const char *value_name, const char *offset_name,
                const char *note);
void result_bars_close(struct result *result);

/* A sparkline of the values (NS_NONE = a gap, drawn as '!'), with label before and template behind it. */
void result_sparkline(struct result *result, const char *label, const ns_t *values, size_t count,
                      const char *template);

/* The same picture as text, for a cell of a table: at most columns characters (several values share one when there are more: the worst of
 * them is drawn). buf takes 4 * columns + 1 bytes. Returns buf. */
char *result_spark_text(const struct result *result, const ns_t *values, size_t count, size_t columns, char *buf);

/* A value in its kind's human form, for texts that no template makes (result_progress). Cut at size. Returns buf. */
char *result_value_text(const struct result *result, struct value value, char *buf, size_t size);

/* Prose (Markdown subset of the help pages: paragraphs, lists, `code`, ```blocks```, headings, tables). */
void result_prose(struct result *result, const char *markdown, size_t length);

/* Text that goes out line by line as it is, neither wrapped nor toned (control bytes are escaped all the same): sources that a
 * program reads. */
void result_verbatim(struct result *result, const char *text, size_t length);

/* --- bytes that are the answer themselves --- */

/* From now on standard output is for result_stream's bytes alone, and what people read goes to standard error. Call before anything was shown.
 * Without effect in JSON. */
void result_stream_open(struct result *result);

/* Writes the bytes through, as they are. On a terminal what it would act upon is escaped, line ends and tabs excepted. In JSON nothing is
 * written. */
void result_stream(struct result *result, const void *bytes, size_t length);

/* What was shown so far leaves now: for lines that come in bursts, and must not wait for the next. */
void result_flush(struct result *result);

/* --- remarks --- */

/* A remark about the measurement ("ICMP is not allowed here, so TCP was used"): "notes" in JSON, a line in text.
 * printf-like; text from the network is escaped as everywhere. */
void result_note(struct result *result, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What is being measured now, on standard error when that is a terminal; fraction 0..1, or < 0 for unknown; remaining in ns
 * or NS_NONE. Calling it often is cheap (drawn at most 10 times a second). NULL text clears it. */
void result_progress(struct result *result, double fraction, ns_t remaining, const char *text);

/* This command runs until it is stopped: in JSON each row of the outermost list becomes a line {"row":{...}} of its own. Call
 * before the first row. */
void result_live(struct result *result);

/* True once the output cannot be written any more (EPIPE, ENOSPC): stop working. */
bool result_broken(const struct result *result);

/* True when the reader is a program (JSON): for what must not be done then, such as asking. */
bool result_is_json(const struct result *result);

/* May text hold what is not ASCII? (Values are written so anyway; this is for text that is put together before.) */
bool result_is_utf8(const struct result *result);

/* True when members that no line and no column shows will be read: by JSON, or by an `expect` that may follow. For hundreds of members a
 * row that would cost more than all that is shown. */
bool result_wants_members(const struct result *result);

#endif
