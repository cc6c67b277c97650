/* A scan kept in a file: how each probe ended, as runs of equal ends. Lines of words:
 *
 *     ntsh-scan 1 DIGEST
 *     outcome STATE REASON TYPE CODE ERRNUM FROM|-      numbered from 1 in their order
 *     run COUNT OUTCOME                                 0: none so far
 *     end
 */
#include "net/scan_engine.h"

#include "base/buf.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 512 << 20 };

/* What is scanned, and how: a file of another scan is refused. */
static uint64_t digest(const struct scan *scan)
{
	uint64_t hash = targets_digest(scan->request.targets) ^ (scan->method == SCAN_UDP);
	for (uint32_t i = 0; i < scan->core.ports; i++)
		hash = (hash ^ scan->ports[i]) * 1099511628211u;
	return hash;
}

int scan_save(const struct scan *scan, const char *path, struct error *err)
{
	const struct scan_core *core = &scan->core;
	struct buf text = BUF_INIT(FILE_MAX);
	char from[ADDR_TEXT_MAX];
	buf_printf(&text, "ntsh-scan 1 %016llx\n", (unsigned long long)digest(scan));
	for (uint32_t i = 1; i < core->outcome_count; i++) {
		const struct scan_outcome *outcome = &core->outcomes[i];
		buf_printf(&text, "outcome %d %d %u %u %d %s\n", outcome->state, outcome->reason,
			   outcome->icmp_type, outcome->icmp_code, outcome->errnum,
			   addr_format(&outcome->from, from));
	}
	for (uint64_t at = 0; at < core->total;) {
		uint64_t end = at;
		while (end < core->total && core->slots[end].outcome == core->slots[at].outcome)
			end++;
		buf_printf(&text, "run %llu %u\n", (unsigned long long)(end - at), core->slots[at].outcome);
		at = end;
	}
	buf_add_text(&text, "end\n");
	int failed = text.overflow ? (errno = EFBIG, -1) : file_write(path, buf_text(&text), text.length);
	int errnum = errno;
	buf_release(&text);
	return failed ? error_errno(err, errnum, NULL, "the scan cannot be kept in %s", path) : 0;
}

/* A number of at most max, and what stands behind it. */
static bool number_take(const char **at, uint64_t max, uint64_t *out)
{
	char *end;
	if (**at == ' ')
		++*at;
	if (**at < '0' || **at > '9')
		return false;
	errno = 0;
	unsigned long long number = strtoull(*at, &end, 10);
	*at = end;
	*out = number;
	return !errno && number <= max && (*end == ' ' || *end == '\0');
}

static bool outcome_take(const char *at, struct scan_outcome *out)
{
	uint64_t state, reason, type, code, errnum;
	if (!number_take(&at, SCAN_UNSENT, &state) || !number_take(&at, SCAN_NOT_SENT, &reason) ||
	    !number_take(&at, UINT8_MAX, &type) || !number_take(&at, UINT8_MAX, &code) ||
	    !number_take(&at, 4095, &errnum) || *at != ' ' || !reason)
		return false;
	*out = (struct scan_outcome){ .state = (enum scan_state)state,
				      .reason = (enum scan_reason)reason,
				      .icmp_type = (uint8_t)type,
				      .icmp_code = (uint8_t)code,
				      .errnum = (int)errnum };
	return strcmp(at + 1, "-") == 0 || addr_parse(at + 1, &out->from) == 0;
}

bool scan_keep_line(struct scan_core *core, const char *line, struct scan_kept *kept)
{
	uint64_t count, number;
	struct scan_outcome outcome;
	if (strncmp(line, "outcome ", 8) == 0) {
		if (kept->count == SCAN_KEPT_MAX || !outcome_take(line + 8, &outcome))
			return false;
		kept->outcomes[kept->count++] = outcome;
		return true;
	}
	if (strncmp(line, "run ", 4) != 0)
		return strcmp(line, "end") == 0 && kept->at == core->total;
	line += 4;
	if (!number_take(&line, core->total - kept->at, &count) ||
	    !number_take(&line, kept->count, &number) || *line)
		return false;
	for (uint64_t i = 0; i < count; i++, kept->at++)
		if (number)
			scan_core_known(core, kept->at, &kept->outcomes[number - 1]);
	return true;
}

int scan_resume(struct scan *scan, const char *path, struct error *err)
{
	struct buf text = BUF_INIT(FILE_MAX);
	char head[64], *save = NULL;
	if (file_read(path, &text) < 0) {
		int errnum = errno;
		buf_release(&text);
		return errnum == ENOENT ? 0 : error_errno(err, errnum, NULL, "%s cannot be read", path);
	}
	struct scan_kept *kept = mem_alloc(sizeof *kept);
	snprintf(head, sizeof head, "ntsh-scan 1 %016llx", (unsigned long long)digest(scan));
	char *line = text.length ? strtok_r(text.bytes, "\n", &save) : NULL;
	bool ours = line && strncmp(line, "ntsh-scan ", 10) == 0, same = ours && strcmp(line, head) == 0,
	     good = same;
	while (good && (line = strtok_r(NULL, "\n", &save)))
		good = scan_keep_line(&scan->core, line, kept);
	free(kept);
	buf_release(&text);
	if (good)
		return 1;
	return error_set(err, STATUS_USAGE, "EUSAGE", "name another file, or remove it",
			 ours && !same ? "%s keeps a scan of other targets or ports" : "%s keeps no scan",
			 path);
}
