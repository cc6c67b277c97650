/* The files that a look-up begins with, as text: pure parsers. */
#ifndef NET_DNS_ETC_H
#define NET_DNS_ETC_H

#include "ntsh/addr.h"

#include <stdbool.h>
#include <stddef.h>

/* The hosts: line of an nsswitch.conf (nsswitch.conf(5)). */
enum { NSS_SERVICES_MAX = 8 };
enum nss_status { NSS_SUCCESS, NSS_NOTFOUND, NSS_UNAVAIL, NSS_TRYAGAIN, NSS_STATUSES };

struct nss_service {
	char name[24];
	bool stop[NSS_STATUSES]; /* [STATUS=return]; otherwise the next service is asked */
};

struct nss_line {
	char text[128]; /* the services as written */
	int count;
	struct nss_service services[NSS_SERVICES_MAX];
};

/* Reads the line out of the whole file; "files dns" when there is none, as glibc does. */
void nss_line_parse(const char *text, size_t length, struct nss_line *out);

/* Looks name up in the text of a hosts file (hosts(5)): the addresses of all lines that name it, of one family or both. Returns how
 * many were written; *named (may be NULL): some line names it, be it with another family. */
size_t hosts_find(const char *text, size_t length, const char *name, int family, struct addr *out, size_t max,
		  bool *named);

/* The first name of the first line with that address, into buf; false when there is none. */
bool hosts_name(const char *text, size_t length, const struct addr *addr, char *buf, size_t size);

/* The next line of [*at, end): its first word and the rest are up to the caller; comments behind '#' are cut. */
struct etc_line {
	const char *at, *end;
};
bool etc_line_next(const char **at, const char *end, struct etc_line *line);

/* The next word of the line into buf (cut when longer); false at the end. */
bool etc_word_next(struct etc_line *line, char *buf, size_t size);

#endif
