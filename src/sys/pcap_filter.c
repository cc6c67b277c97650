/* Filters. libpcap says that a filter is wrong, but not where: the place is found by what can still be completed. */
#include "base/dynlib.h"
#include "base/mem.h"
#include "sys/pcap.h"
#include "sys/pcap_lib.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SNAPLEN = 262144, LINK_RAW = 101, FILTER_MAX = 8192 };

struct pcap_lib pcap_lib;

struct sys_filter {
	struct bpf_program program;
	bool empty;
};

int pcap_lib_load(struct error *err)
{
	static bool loaded;
#define SYMBOL(name) { "pcap_" #name, &pcap_lib.name },
	static const struct dynlib_symbol symbols[] = { PCAP_LIB(SYMBOL) };
#undef SYMBOL
	if (!loaded &&
	    dynlib_load(NTSH_SONAME_PCAP, "libpcap0.8", symbols, sizeof symbols / sizeof symbols[0], err) < 0)
		return -1;
	loaded = true;
	return 0;
}

int pcap_dlt_of(uint32_t link)
{
	return link == LINK_RAW ? DLT_RAW : (int)link;
}

uint32_t pcap_link_of(int dlt)
{
	return dlt == DLT_RAW ? LINK_RAW : (uint32_t)dlt;
}

static bool compiles(pcap_t *dead, const char *text)
{
	struct bpf_program program;
	if (pcap_lib.compile(dead, &program, text, 1, PCAP_NETMASK_UNKNOWN) < 0)
		return false;
	pcap_lib.freecode(&program);
	return true;
}

/* Can the beginning of a filter still become one? */
static bool can_be_completed(pcap_t *dead, const char *text, size_t length)
{
	static const char *const ends[] = {
		"",
		" tcp",
		" 1",
		" 1.1.1.1",
		" port 1",
		" host 1.1.1.1",
		" = 1",
		" 1 = 1",
		" 10.0.0.0/8",
		"/8",
		"] = 1",
		" 0] = 1",
		" 1] = 1",
		" 02:00:00:00:00:00",
		" = 1)",
		")",
		" tcp)",
		" 1)",
		" 1.1.1.1)",
		" 1-2",
		"[0] = 1",
		" mask 255.0.0.0",
		" 02:00:00:00:00:00)",
		" 0 = 0)",
		" src 1.1.1.1",
		" proto 1",
		" ::1",
		" broadcast",
		" 10.0.0.0 mask 255.0.0.0",
	};
	char tried[FILTER_MAX + 32];
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		snprintf(tried, sizeof tried, "%.*s%s", (int)length, text, ends[i]);
		if (compiles(dead, tried))
			return true;
	}
	return false;
}

static size_t word_end(const char *text, size_t at)
{
	static const char marks[] = "()[]!&|=<>+*/";
	if (strchr(marks, text[at]) && text[at])
		return at + 1;
	while (text[at] && !isspace((unsigned char)text[at]) && !strchr(marks, text[at]))
		at++;
	return at;
}

/* The beginning of the first word behind which nothing can follow that would make a filter. */
static size_t wrong_word(pcap_t *dead, const char *text, size_t *length)
{
	size_t at = 0, good = 0;
	while (text[at]) {
		at += strspn(text + at, " \t\n");
		if (!text[at])
			break;
		size_t end = word_end(text, at);
		*length = end - at;
		if (!can_be_completed(dead, text, end))
			return at;
		good = at = end;
	}
	*length = 0;
	return good;
}

/* "unknown host 'x'", "invalid port 'y'": libpcap names the word itself. */
static bool quoted_word(const char *message, const char *text, size_t *at, size_t *length)
{
	const char *begin = strchr(message, '\''), *end = begin ? strchr(begin + 1, '\'') : NULL;
	char word[256];
	if (!end || end == begin + 1 || (size_t)(end - begin) > sizeof word)
		return false;
	snprintf(word, sizeof word, "%.*s", (int)(end - begin - 1), begin + 1);
	const char *found = strstr(text, word);
	if (!found)
		return false;
	*at = (size_t)(found - text);
	*length = strlen(word);
	return true;
}

static void explain(pcap_t *dead, const char *text, struct error *err)
{
	char message[PCAP_ERRBUF_SIZE];
	snprintf(message, sizeof message, "%s", pcap_lib.geterr(dead));
	static const char prefix[] = "can't parse filter expression: ";
	const char *says =
	    strncmp(message, prefix, sizeof prefix - 1) == 0 ? message + sizeof prefix - 1 : message;
	size_t at = 0, length = 0;
	bool syntax = strcmp(says, "syntax error") == 0;
	if (!quoted_word(says, text, &at, &length))
		at = wrong_word(dead, text, &length);
	const char *hint = "see pcap-filter(7): tcp port 443 and host 192.0.2.7";
	if (!length)
		error_set(err, STATUS_USAGE, "EFILTER", hint, "the filter ends too early");
	else if (syntax)
		error_set(err, STATUS_USAGE, "EFILTER", hint, "the filter is wrong at '%.*s'", (int)length,
			  text + at);
	else
		error_set(err, STATUS_USAGE, "EFILTER", hint, "the filter is wrong at '%.*s': %.200s",
			  (int)length, text + at, says);
	error_point(err, text, at);
}

struct sys_filter *sys_filter_compile(const char *text, uint32_t link, struct error *err)
{
	if (pcap_lib_load(err) < 0)
		return NULL;
	if (strlen(text) >= FILTER_MAX) {
		error_set(err, STATUS_USAGE, "EFILTER", NULL, "the filter is longer than %d bytes",
			  FILTER_MAX);
		return NULL;
	}
	pcap_t *dead = pcap_lib.open_dead(pcap_dlt_of(link), SNAPLEN);
	struct sys_filter *filter = NEW(struct sys_filter);
	filter->empty = !text[strspn(text, " \t")];
	bool good = dead && (filter->empty ||
			     pcap_lib.compile(dead, &filter->program, text, 1, PCAP_NETMASK_UNKNOWN) == 0);
	if (!good) {
		if (dead)
			explain(dead, text, err);
		free(filter);
		filter = NULL;
	}
	if (dead)
		pcap_lib.close(dead);
	return filter;
}

bool sys_filter_passes(const struct sys_filter *filter, const uint8_t *bytes, uint32_t captured,
		       uint32_t length)
{
	struct pcap_pkthdr header = { .caplen = captured, .len = length };
	return filter->empty || pcap_lib.offline_filter(&filter->program, &header, bytes);
}

void sys_filter_free(struct sys_filter *filter)
{
	if (!filter)
		return;
	if (!filter->empty)
		pcap_lib.freecode(&filter->program);
	free(filter);
}
