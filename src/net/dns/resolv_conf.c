/* resolv.conf(5), read as glibc's resolv/res_init.c reads it. */
#include "base/buf.h"
#include "net/dns/etc.h"
#include "ntsh/lookup.h"
#include "ntsh/netns.h"
#include "sys/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NDOTS_MAX = 15, TIMEOUT_MAX_S = 30, ATTEMPTS_MAX = 5, FILE_MAX = 1 << 20 };

/* "ndots:2": the number behind the prefix, at most `most`; -1 when the word is another one. */
static int option_number(const char *word, const char *prefix, int most)
{
	size_t length = strlen(prefix);
	if (strncmp(word, prefix, length) != 0)
		return -1;
	char *end;
	long number = strtol(word + length, &end, 10);
	return end == word + length || number < 0 ? 0 : number > most ? most : (int)number;
}

static void option_read(const char *word, struct resolv_conf *out)
{
	static const struct {
		const char *word;
		size_t offset;
	} flags[] = {
		{ "rotate", offsetof(struct resolv_conf, rotate) },
		{ "single-request", offsetof(struct resolv_conf, single_request) },
		{ "single-request-reopen", offsetof(struct resolv_conf, single_request_reopen) },
		{ "use-vc", offsetof(struct resolv_conf, use_vc) },
		{ "trust-ad", offsetof(struct resolv_conf, trust_ad) },
		{ "edns0", offsetof(struct resolv_conf, edns0) },
		{ "no-aaaa", offsetof(struct resolv_conf, no_aaaa) },
	};
	int number;
	if ((number = option_number(word, "ndots:", NDOTS_MAX)) >= 0)
		out->ndots = number;
	else if ((number = option_number(word, "timeout:", TIMEOUT_MAX_S)) >= 0)
		out->timeout = number * NS_PER_S;
	else if ((number = option_number(word, "attempts:", ATTEMPTS_MAX)) >= 0)
		out->attempts = number;
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (strcmp(word, flags[i].word) == 0)
			*(bool *)((char *)out + flags[i].offset) = true;
}

static void options_read(struct etc_line line, struct resolv_conf *out)
{
	char word[64];
	while (etc_word_next(&line, word, sizeof word))
		option_read(word, out);
}

static void server_read(struct etc_line line, struct resolv_conf *out)
{
	char word[128];
	struct in_addr ipv4;
	if (!etc_word_next(&line, word, sizeof word))
		return;
	if (out->server_count == LOOKUP_SERVERS_MAX) {
		out->ignored_servers++;
		return;
	}
	struct addr *server = &out->servers[out->server_count];
	/* inet_aton, as libc: "127.1" is an address there. */
	if (inet_aton(word, &ipv4))
		*server = addr_from_bytes(AF_INET, &ipv4);
	else if (addr_parse(word, server) < 0 || server->family != AF_INET6)
		return;
	server->port = 53;
	out->server_count++;
}

static void search_read(struct etc_line line, struct resolv_conf *out, int most)
{
	char word[256];
	out->search_count = 0;
	while (out->search_count < most && etc_word_next(&line, word, sizeof word)) {
		size_t length = strlen(word);
		if (length > 1 && word[length - 1] == '.')
			word[length - 1] = '\0';
		snprintf(out->search[out->search_count++], sizeof out->search[0], "%s", word);
	}
}

static void defaults(struct resolv_conf *out)
{
	if (out->server_count)
		return;
	out->missing = true;
	const uint8_t loopback[] = { 127, 0, 0, 1 };
	out->servers[0] = addr_from_bytes(AF_INET, loopback);
	out->servers[0].port = 53;
	out->server_count = 1;
}

void resolv_conf_parse(const char *text, size_t length, struct resolv_conf *out)
{
	*out = (struct resolv_conf){ .ndots = 1, .attempts = 2, .timeout = 5 * NS_PER_S };
	const char *at = text, *end = text + length;
	struct etc_line line;
	while (etc_line_next(&at, end, &line)) {
		char word[16];
		/* Keywords begin the line: libc ignores indented ones. */
		if (line.at == line.end || *line.at == ' ' || *line.at == '\t' || *line.at == ';' ||
		    !etc_word_next(&line, word, sizeof word))
			continue;
		if (strcmp(word, "nameserver") == 0)
			server_read(line, out);
		else if (strcmp(word, "search") == 0)
			search_read(line, out, LOOKUP_SEARCH_MAX);
		else if (strcmp(word, "domain") == 0)
			search_read(line, out, 1);
		else if (strcmp(word, "options") == 0)
			options_read(line, out);
	}
	defaults(out);
}

/* Without search or domain it is the domain of this machine's own name. */
static void search_default(struct resolv_conf *out)
{
	char host[256];
	if (out->search_count || gethostname(host, sizeof host) < 0)
		return;
	host[sizeof host - 1] = '\0';
	const char *dot = strchr(host, '.');
	if (dot && dot[1])
		snprintf(out->search[out->search_count++], sizeof out->search[0], "%s", dot + 1);
}

static void environment_apply(struct resolv_conf *out)
{
	const char *search = getenv("LOCALDOMAIN"), *options = getenv("RES_OPTIONS");
	if (search)
		search_read((struct etc_line){ search, search + strlen(search) }, out, LOOKUP_SEARCH_MAX);
	if (options)
		options_read((struct etc_line){ options, options + strlen(options) }, out);
}

int resolv_conf_read(struct resolv_conf *out, struct error *err)
{
	char path[256];
	struct buf text = BUF_INIT(FILE_MAX);
	int failed = file_read(netns_etc_path("resolv.conf", path), &text);
	int errnum = errno;
	resolv_conf_parse(buf_text(&text), text.length, out);
	buf_release(&text);
	if (failed < 0 && errnum != ENOENT)
		return error_errno(err, errnum, NULL, "%s cannot be read", path);
	search_default(out);
	environment_apply(out);
	return 0;
}
