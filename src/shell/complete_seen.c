/* Hosts and URLs in lines that were typed before: what is asked about once is asked about again. */
#include "base/mem.h"
#include "ntsh/addr.h"
#include "shell/complete_values.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { SEEN_MAX = 200, SEEN_WORD_MAX = 512 };

/* A name with a dot whose last label is letters, or an address. A file name with a dot looks the same: those that are files of
 * well-known kinds are left out. */
static bool seen_is_host(const char *word)
{
	static const char *const files[] = { "txt",  "log", "pcap", "pcapng", "conf", "json", "html", "csv",
					     "ntsh", "cap", "out",  "pem",    "crt",  "sh",   "xml",  "gz" };
	struct addr addr;
	if (addr_parse(word, &addr) == 0)
		return true;
	size_t length = strlen(word);
	const char *dot = strrchr(word, '.');
	if (length < 3 || length > 253 || !dot || dot == word || !dot[1] || strchr(word, '/') ||
	    word[0] == '-')
		return false;
	for (const char *p = word; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '.' && *p != '-' && *p != '_')
			return false;
	for (const char *p = dot + 1; *p; p++)
		if (!isalpha((unsigned char)*p))
			return false;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (strcmp(dot + 1, files[i]) == 0)
			return false;
	return true;
}

/* Cuts a word down to its host: "@" in front, scheme, user, path and port go. */
static char *seen_host(char *word)
{
	if (*word == '@')
		word++;
	char *separator = strstr(word, "://");
	if (separator) {
		word = separator + 3;
		word[strcspn(word, "/?#")] = '\0';
		char *at = strrchr(word, '@');
		word = at ? at + 1 : word;
	}
	if (*word == '[') {
		word++;
		word[strcspn(word, "]")] = '\0';
		return word;
	}
	char *colon = strchr(word, ':');
	if (colon && !strchr(colon + 1, ':'))
		*colon = '\0';
	return word;
}

static void seen_line(char *line, bool urls, struct complete *out)
{
	bool file = false;
	char *word;
	while ((word = strsep(&line, " \t\n\"'();|&"))) {
		if (!*word)
			continue;
		bool was_file = file;
		file = strcmp(word, ">") == 0 || strcmp(word, ">>") == 0;
		if (was_file || *word == '>')
			continue;
		if (urls && strstr(word, "://"))
			complete_add(out, word, NULL);
		else if (!urls && seen_is_host(word = seen_host(word)))
			complete_add(out, word, NULL);
	}
}

void complete_seen(const struct history *history, bool urls, struct complete *out)
{
	for (size_t i = history->count; i-- > 0 && out->count < SEEN_MAX;) {
		const char *line = history->lines[i];
		/* Outside programs and comments have other words. */
		if (line[0] == '!' || line[0] == '#' || strlen(line) > SEEN_WORD_MAX)
			continue;
		char *copy = mem_strdup(line);
		seen_line(copy, urls, out);
		free(copy);
	}
}
