/* Option tables: every option is typed once here, and feeds the parser, --help, `?`, completion, the man page and the
 * self-check. Values arrive in the command's own argument struct, typed and range-checked. */
#ifndef NTSH_OPTION_H
#define NTSH_OPTION_H

#include "ntsh/addr.h"
#include "ntsh/clock.h"

#include <stddef.h>
#include <stdint.h>

enum option_type {
	OPT_FLAG,      /* bool: present */
	OPT_SWITCH,    /* int: 1 given, 0 negated, left alone when neither: for what has a default of its own */
	OPT_COUNT,     /* int64_t in [min, max]; k, M, G suffixes */
	OPT_BYTES,     /* int64_t in [min, max]; K, M, G (1024) suffixes */
	OPT_DURATION,  /* ns_t in [min, max] ns; "500ms", "2s", "1m", bare = seconds */
	OPT_TEXT,      /* const char * */
	OPT_WORD,      /* int: index into words */
	OPT_PORT,      /* int64_t 1..65535, or a service name */
	OPT_ADDRESS,   /* struct addr: an address, no name */
	OPT_INTERFACE, /* const char *: an interface that exists */
	OPT_HOST,      /* const char *: a name or an address, syntax checked */
	OPT_TARGET,    /* const char *: a host, an address, a prefix, a range or @FILE (ntsh/targets.h), syntax checked */
	OPT_PORTS,     /* const char *: a set of ports (ntsh/targets.h), checked */
	OPT_NAME,      /* const char *: a DNS name */
	OPT_URL,       /* const char * */
	OPT_FILE,      /* const char * */
	OPT_COMMAND,   /* const char *: name of a command or page */
	OPT_SYSCTL,    /* const char *: a network setting, or a pattern */
	OPT_DNS_TYPE,  /* const char *: "A", "TYPE65" */
};

/* How the user writes it. */
enum option_style {
	STYLE_DASH,    /* -c N, --count N, --count=N, -cN */
	STYLE_PLUS,    /* +tcp, +notcp, +bufsize=1232 (dig) */
	STYLE_AT,      /* @SERVER (dig): any operand that begins with @ */
	STYLE_KEYWORD, /* from ADDRESS, oif IF (ip): word, then value */
	STYLE_OPERAND, /* by position, in the table's order */
};

/* Flags of an option. */
enum {
	OPTION_REQUIRED = 1 << 0, /* an operand that must be there */
	OPTION_REPEAT = 1 << 1,   /* may come again: the field is a struct option_list */
	OPTION_HIDDEN = 1 << 2,   /* understood, not shown */
	OPTION_BARE = 1 << 3,     /* STYLE_PLUS texts: +cookie alone is "", +nocookie NULL */
};

/* What OPTION_REPEAT fields hold. Lives until the command ends; owned by the parser. */
struct option_list {
	const char **items;
	size_t count;
};

struct option {
	enum option_style style;
	enum option_type type;
	char letter;             /* 0: none */
	const char *name;        /* "count" (of --count), "tcp" (of +tcp), "from"; for operands the metavar's role: "host" */
	const char *metavar;     /* "N", "HOST"; NULL for flags */
	const char *help;        /* one line, no full stop */
	size_t offset;           /* offsetof(struct args, field) */
	int64_t min, max;        /* both 0: the type's own range */
	const char *const *words;/* OPT_WORD: NULL-ended; also offered by completion for other types */
	unsigned flags;
	const char *excludes;    /* names of options that conflict, separated by spaces; NULL: none */
};

/* Ends a table. */
#define OPTION_END { .name = NULL }

#endif
