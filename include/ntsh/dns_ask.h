/* Option rows that the dns commands share, and from their words to a request. */
#ifndef NTSH_DNS_ASK_H
#define NTSH_DNS_ASK_H

#include "ntsh/command.h"
#include "ntsh/dns.h"
#include "ntsh/dns_servers.h"

/* The part of a command's arguments that says what is asked and how. */
struct dns_ask {
	struct option_list names, types, dashed_types, servers;
	int64_t port, retry, bufsize;
	ns_t timeout;
	bool tcp, dnssec, no_recursion;
};

#define DNS_ASK_DEFAULTS                                                                                     \
	{                                                                                                    \
		.retry = 2, .timeout = 2 * NS_PER_S                                                          \
	}

/* ARGS: the command's argument struct, whose member `ask` it is. */
#define DNS_ASK_OPTIONS(ARGS)                                                                                \
	{ .style = STYLE_OPERAND,                                                                            \
	  .type = OPT_DNS_TYPE,                                                                              \
	  .name = "type",                                                                                    \
	  .metavar = "TYPE",                                                                                 \
	  .offset = offsetof(ARGS, ask.types),                                                               \
	  .flags = OPTION_REPEAT,                                                                            \
	  .words = dns_type_words,                                                                           \
	  .help = "A, MX, TYPE65 ...; without any: A and AAAA" },                                            \
	    { .style = STYLE_AT,                                                                             \
	      .type = OPT_TEXT,                                                                              \
	      .name = "server",                                                                              \
	      .metavar = "SERVER",                                                                           \
	      .offset = offsetof(ARGS, ask.servers),                                                         \
	      .flags = OPTION_REPEAT,                                                                        \
	      .help = "ask it, with :PORT or not" },                                                         \
	    { .style = STYLE_DASH,                                                                           \
	      .type = OPT_DNS_TYPE,                                                                          \
	      .letter = 't',                                                                                 \
	      .name = "query-type",                                                                          \
	      .metavar = "TYPE",                                                                             \
	      .offset = offsetof(ARGS, ask.dashed_types),                                                    \
	      .flags = OPTION_REPEAT,                                                                        \
	      .words = dns_type_words,                                                                       \
	      .help = "a type that could be taken for a name" },                                             \
	    { .style = STYLE_DASH,                                                                           \
	      .type = OPT_PORT,                                                                              \
	      .letter = 'p',                                                                                 \
	      .name = "port",                                                                                \
	      .metavar = "PORT",                                                                             \
	      .offset = offsetof(ARGS, ask.port),                                                            \
	      .help = "port of servers that are given without one" },                                        \
	    { .style = STYLE_PLUS,                                                                           \
	      .type = OPT_FLAG,                                                                              \
	      .name = "tcp",                                                                                 \
	      .offset = offsetof(ARGS, ask.tcp),                                                             \
	      .help = "ask over TCP" },                                                                      \
	    { .style = STYLE_PLUS,                                                                           \
	      .type = OPT_FLAG,                                                                              \
	      .name = "dnssec",                                                                              \
	      .offset = offsetof(ARGS, ask.dnssec),                                                          \
	      .help = "ask for signatures, too (DO)" },                                                      \
	    { .style = STYLE_PLUS,                                                                           \
	      .type = OPT_COUNT,                                                                             \
	      .name = "bufsize",                                                                             \
	      .metavar = "BYTES",                                                                            \
	      .min = 512,                                                                                    \
	      .max = 65535,                                                                                  \
	      .offset = offsetof(ARGS, ask.bufsize),                                                         \
	      .help = "largest UDP answer" },                                                                \
	    { .style = STYLE_PLUS,                                                                           \
	      .type = OPT_COUNT,                                                                             \
	      .name = "retry",                                                                               \
	      .metavar = "N",                                                                                \
	      .max = 15,                                                                                     \
	      .offset = offsetof(ARGS, ask.retry),                                                           \
	      .help = "how often to ask again over UDP" },                                                   \
	{                                                                                                    \
		.style = STYLE_PLUS, .type = OPT_DURATION, .name = "timeout", .metavar = "D",                \
		.min = NS_PER_MS, .max = 300 * NS_PER_S, .offset = offsetof(ARGS, ask.timeout),              \
		.help = "how long to wait each time"                                                         \
	}

/* All of the request but name, type and server. */
struct dns_request dns_ask_request(const struct dns_ask *ask, const struct call *call);

/* The types in numbers; without any A and AAAA. Returns how many (at most max), or -1 with err. */
int dns_ask_types(const struct dns_ask *ask, uint16_t *types, size_t max, struct error *err);

/* The name in the wire's ASCII (IDN), checked; of an address its reverse name. To be freed; NULL with err. */
char *dns_ask_name(const char *text, struct error *err);

#endif
