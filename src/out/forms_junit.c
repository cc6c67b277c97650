/* JUnit XML, as build servers read it: one suite, a test case a point. */
#include "out/forms_parts.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The totals stand in front, where they are known last: room for them is kept. */
enum { HEAD_BYTES = 200 };

struct junit {
	char *file, *beside;
	int fd;
	bool broken;
	uint64_t tests, failures, errors;
	ns_t elapsed;
};

static void add_escaped(struct buf *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			buf_add_text(out, "&amp;");
			break;
		case '<':
			buf_add_text(out, "&lt;");
			break;
		case '>':
			buf_add_text(out, "&gt;");
			break;
		case '"':
			buf_add_text(out, "&quot;");
			break;
		default:
			/* XML 1.0 has no control characters, not even escaped. */
			buf_add_char(out, (unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text);
		}
	}
}

static void head_format(const struct junit *junit, char head[HEAD_BYTES + 1])
{
	int used =
	    snprintf(head, HEAD_BYTES + 1,
		     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"ntsh\" tests=\"%" PRIu64
		     "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64 "\" time=\"%.3f\"",
		     junit->tests, junit->failures, junit->errors, (double)junit->elapsed / NS_PER_S);
	memset(head + used, ' ', (size_t)(HEAD_BYTES - used));
	memcpy(head + HEAD_BYTES - 2, ">\n", 2);
}

struct junit *junit_open(const char *file, struct error *err)
{
	struct junit *junit = NEW(struct junit);
	char head[HEAD_BYTES + 1];
	junit->file = mem_strdup(file);
	junit->beside = mem_alloc(strlen(file) + 32);
	snprintf(junit->beside, strlen(file) + 32, "%s.%d.part", file, (int)getpid());
	junit->fd = open(junit->beside, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (junit->fd < 0) {
		error_errno(err, errno, NULL, "\"%s\" cannot be written", file);
		free(junit->file);
		free(junit->beside);
		free(junit);
		return NULL;
	}
	head_format(junit, head);
	junit->broken = !out_write(junit->fd, head, HEAD_BYTES);
	return junit;
}

void junit_point(struct junit *junit, const struct point *point)
{
	struct buf text = BUF_INIT(FORM_TEXT_MAX);
	char reason[FORM_SENTENCE_MAX];
	bool failure = point->status == STATUS_BAD;
	junit->tests++;
	junit->elapsed += point->elapsed;
	buf_printf(&text, "  <testcase name=\"%s", point->check ? "expect " : "");
	add_escaped(&text, point->what);
	buf_add_text(&text, "\" classname=\"");
	add_escaped(&text, *point->where ? point->where : "ntsh");
	buf_printf(&text, "\" time=\"%.3f\"", (double)point->elapsed / NS_PER_S);
	if (point->status) {
		*(failure ? &junit->failures : &junit->errors) += 1;
		buf_printf(&text, ">\n    <%s message=\"", failure ? "failure" : "error");
		add_escaped(&text, point_reason(point, reason));
		buf_printf(&text, "\" type=\"status %d\"/>\n  </testcase>\n", point->status);
	} else {
		buf_add_text(&text, "/>\n");
	}
	junit->broken |= !out_write(junit->fd, text.bytes, text.length);
	buf_release(&text);
}

int junit_close(struct junit *junit, struct error *err)
{
	static const char tail[] = "</testsuite>\n";
	char head[HEAD_BYTES + 1];
	int failed = 0;
	junit->broken |= !out_write(junit->fd, tail, sizeof tail - 1);
	head_format(junit, head);
	junit->broken |= pwrite(junit->fd, head, HEAD_BYTES, 0) != HEAD_BYTES;
	junit->broken |= close(junit->fd) < 0;
	if (junit->broken || rename(junit->beside, junit->file) < 0) {
		failed = error_errno(err, errno, NULL, "\"%s\" cannot be written", junit->file);
		unlink(junit->beside);
	}
	free(junit->file);
	free(junit->beside);
	free(junit);
	return failed;
}
