/* Saved texts of netstat -s and nstat, and /proc's own, as counters (proc(5), netstat(8), nstat(8)). */
#include "ntsh/stats.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/counters_read.h"
#include "net/stats_phrases.h"
#include "sys/file.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX_BYTES = 4 * 1024 * 1024, LINE_MAX_CHARS = 256, SECTION_MAX = 24 };

struct reader {
	struct counters *out;
	unsigned unread;
	char section[SECTION_MAX];
	const char *direction; /* of an ICMP histogram: "In", "Out"; "" */
};

/* The number in a line becomes '#'; small letters, single blanks, no full stop at the end. Returns false when there is no number (or a second one: then
 * the first counts). */
static bool line_plain(const char *line, size_t length, char out[LINE_MAX_CHARS], uint64_t *value)
{
	size_t used = 0;
	bool any = false;
	for (size_t i = 0; i < length && used + 2 < LINE_MAX_CHARS; i++) {
		unsigned char c = (unsigned char)line[i];
		bool word = used && (isalnum((unsigned char)out[used - 1]) || out[used - 1] == '_');
		if (isdigit(c) && !any && !word) {
			char *end;
			*value = strtoull(line + i, &end, 10);
			i = (size_t)(end - line) - 1;
			out[used++] = '#';
			any = true;
		} else if (isspace(c)) {
			if (used && out[used - 1] != ' ')
				out[used++] = ' ';
		} else {
			out[used++] = (char)tolower(c);
		}
	}
	while (used && (out[used - 1] == ' ' || out[used - 1] == '.'))
		used--;
	out[used] = '\0';
	return any;
}

/* "Ip6" and the like have names in one word (as in /proc/net/snmp6), the others Group.Name. */
static void keep(struct reader *reader, const char *name, size_t length, uint64_t value)
{
	bool joined = reader->section[0] && reader->section[strlen(reader->section) - 1] == '6';
	counter_keep(reader->out, reader->section, joined ? "" : ".", name, length, value);
}

/* "TCPLostRetransmit: 652", "InType3: 278016": the kernel's own word. */
static bool own_word(struct reader *reader, const char *line, size_t length)
{
	size_t word = 0;
	while (word < length && (isalnum((unsigned char)line[word]) || line[word] == '_'))
		word++;
	if (!word || word + 2 > length || line[word] != ':' || line[word + 1] != ' ' ||
	    !isdigit((unsigned char)line[word + 2]))
		return false;
	/* ICMP's "redirects: 5" are sentences. */
	if (islower((unsigned char)line[0]))
		return false;
	keep(reader, line, word, strtoull(line + word + 2, NULL, 10));
	return true;
}

/* The section that has the sentences: Ip6 speaks as Ip does. */
static void section_plain(const char *section, char out[SECTION_MAX])
{
	snprintf(out, SECTION_MAX, "%s", section);
	if (strncmp(section, "UdpLite", 7) == 0)
		snprintf(out, SECTION_MAX, "Udp");
	size_t length = strlen(out);
	if (length && out[length - 1] == '6')
		out[length - 1] = '\0';
}

static void sentence(struct reader *reader, const char *line, size_t length)
{
	char plain[LINE_MAX_CHARS], section[SECTION_MAX];
	uint64_t value = 0;
	if (strncasecmp(line, "ICMP input histogram", 20) == 0)
		reader->direction = "In";
	else if (strncasecmp(line, "ICMP output histogram", 21) == 0)
		reader->direction = "Out";
	if (own_word(reader, line, length) || !line_plain(line, length, plain, &value))
		return;
	section_plain(reader->section, section);
	bool histogram = strcmp(section, "Icmp") == 0 && strchr(plain, ':');
	const char *name = stats_phrase_find(section, histogram ? reader->direction : "", plain);
	if (name)
		keep(reader, name, strlen(name), value);
	else
		reader->unread++;
}

/* --- nstat: "TcpExtListenOverflows 12 0.0" --- */

static size_t group_length(const char *word, size_t length)
{
	static const char *const groups[] = { "TcpExt", "IpExt", "MPTcpExt", "IcmpMsg", "UdpLite",
					      "Icmp",   "Ip",    "Tcp",      "Udp",     "Softnet" };
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
		size_t group = strlen(groups[i]);
		if (length > group && strncmp(word, groups[i], group) == 0)
			return word[group] == '6' ? 0 : group;
	}
	return 0;
}

static bool nstat_line(struct reader *reader, const char *line, size_t length)
{
	size_t word = 0;
	while (word < length && isalnum((unsigned char)line[word]))
		word++;
	size_t at = word;
	while (at < length && (line[at] == ' ' || line[at] == '\t'))
		at++;
	if (!word || at == word || at >= length || !isdigit((unsigned char)line[at]) ||
	    !isupper((unsigned char)line[0]))
		return false;
	size_t group = group_length(line, word);
	char name[SECTION_MAX];
	snprintf(name, sizeof name, "%.*s", (int)group, line);
	counter_keep(reader->out, name, group ? "." : "", line + group, word - group,
		     strtoull(line + at, NULL, 10));
	return true;
}

/* --- all --- */

/* A line at the left margin that ends in a colon begins a section. */
static bool section_line(struct reader *reader, const char *line, size_t length)
{
	if (length < 3 || line[length - 1] != ':' || isspace((unsigned char)line[0]))
		return false;
	for (size_t i = 0; i + 1 < length; i++)
		if (!isalnum((unsigned char)line[i]))
			return false;
	snprintf(reader->section, sizeof reader->section, "%.*s", (int)(length - 1), line);
	/* Its own spelling in some versions. */
	if (strcmp(reader->section, "IcmpMsg") != 0)
		reader->direction = "";
	return true;
}

/* "Ip: Forwarding DefaultTTL" above "Ip: 1 64". */
static bool is_pair(const char *text)
{
	size_t length = strcspn(text, ":\n");
	const char *second = text + strcspn(text, "\n");
	return text[length] == ':' && text[length + 1] == ' ' && isalpha((unsigned char)text[length + 2]) &&
	       *second && strncmp(text, second + 1, length + 2) == 0;
}

void stats_read_text(const char *text, struct counters *out, unsigned *unread)
{
	struct reader reader = { .out = out, .direction = "" };
	while (*text) {
		size_t length = strcspn(text, "\n");
		const char *next = text + length + (text[length] == '\n');
		size_t indent = strspn(text, " \t"), rest = indent < length ? length - indent : 0;
		while (rest && isspace((unsigned char)text[indent + rest - 1]))
			rest--;
		if (is_pair(text)) {
			size_t both = length + 1 + strcspn(next, "\n");
			char *pair = mem_strndup(text, both);
			counters_read_pairs(pair, out);
			free(pair);
			next = text + both + (text[both] == '\n');
		} else if (rest && text[0] != '#' && !section_line(&reader, text, rest + indent) &&
			   !(indent == 0 && nstat_line(&reader, text, rest))) {
			sentence(&reader, text + indent, rest);
		}
		text = next;
	}
	if (unread)
		*unread = reader.unread;
}

int stats_read_file(const char *path, struct counters *out, unsigned *unread, struct error *err)
{
	struct buf text = BUF_INIT(FILE_MAX_BYTES);
	*out = (struct counters){ .at = clock_mono() };
	int failed = file_read(strcmp(path, "-") == 0 ? "/dev/stdin" : path, &text);
	if (failed)
		error_errno(err, errno, "a saved output of netstat -s or nstat", "%s cannot be read", path);
	else
		stats_read_text(buf_text(&text), out, unread);
	if (!failed && !out->count)
		failed = error_set(err, STATUS_USAGE, "EUSAGE", "it wants the output of netstat -s or nstat",
				   "no counter was found in %.200s", path);
	buf_release(&text);
	return failed;
}
