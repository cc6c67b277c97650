/* Whom to ask: target lists (hosts, addresses, prefixes, ranges, files) without excluded ones, and sets of ports.
 *
 * A list is kept as spans, never address by address: a /8 costs no more than one host. An address that is named twice is
 * asked once, at the place of the word that came first. */
#ifndef NTSH_TARGETS_H
#define NTSH_TARGETS_H

#include "ntsh/addr.h"
#include "ntsh/error.h"
#include "ntsh/loop.h"
#include "ntsh/option.h"

/* --- one word --- */

enum target_kind {
	TARGET_ADDRESSES, /* 10.0.0.1, 10.0.0.0/24, 10.0.0.1-20, 10.0.0.1-10.0.1.20, 2001:db8::1-ff */
	TARGET_NAME,      /* to be looked up */
	TARGET_FILE,      /* @FILE: such words, separated by blanks, commas or lines; "#" begins a comment */
};

/* A word holds at most this many addresses. */
#define TARGET_WORD_MAX ((uint64_t)1 << 32)

struct target_word {
	enum target_kind kind;
	struct addr
	    first; /* TARGET_ADDRESSES: count addresses from here on; host bits of a prefix are cleared */
	uint64_t count;
	const char *text; /* the name, or the file without its "@": into the word that was read */
};

/* Reads one word; whether a name or a file exists is not asked. Returns 0, or -1 with err (STATUS_USAGE). The syntax of a name is
 * not judged here. */
int target_word_read(const char *text, struct target_word *out, struct error *err);

/* --- lists --- */

struct targets;

struct target {
	struct addr addr; /* without port */
	const char
	    *name; /* as the user wrote it when it was looked up, else NULL; lives as long as the list */
};

/* A name that could not be looked up. */
struct target_failure {
	const char *name;
	struct error error;
};

/* Reads words and excludes (both hold the user's words, either may be empty), looks the names up, all at once (each stands for its first
 * address in RFC 6724 order), and leaves out what family (AF_UNSPEC: nothing) does not fit. Names that fail are kept as failures as long as
 * anything else remains; an exclude that fails is an error. Returns NULL with err set: bad words, unreadable files, nothing left,
 * interrupted. */
struct targets *targets_read(struct loop *loop, const struct option_list *words,
			     const struct option_list *excludes, int family, struct error *err);
void targets_free(struct targets *targets); /* NULL is ignored */

/* How many addresses it holds. */
uint64_t targets_count(const struct targets *targets);

/* The target of this number, from 0 in the order of the words. index < targets_count. O(log words). */
struct target targets_get(const struct targets *targets, uint64_t index);

/* The number of an address in it; UINT64_MAX when it is not in it. O(log words). */
uint64_t targets_find(const struct targets *targets, const struct addr *addr);

/* A number that tells lists apart: equal for equal lists. */
uint64_t targets_digest(const struct targets *targets);

/* True when any of them is of this family. */
bool targets_have(const struct targets *targets, int family);

size_t targets_failure_count(const struct targets *targets);
const struct target_failure *targets_failure(const struct targets *targets, size_t index);

/* --- ports --- */

struct port_set {
	uint32_t count;
	uint64_t bits[1024];
};

/* Reads "22,80,8000-8100,https,-1024,60000-": numbers 1 to 65535, ranges, names of /etc/services, "all", and "common" (what is
 * worth asking first). Returns 0, or -1 with err (STATUS_USAGE). */
int port_set_read(const char *text, struct port_set *out, struct error *err);

static inline bool port_set_has(const struct port_set *set, uint16_t port)
{
	return set->bits[port / 64] >> (port % 64) & 1;
}

/* The first port of the set that is not below from; 0 when there is none. */
uint16_t port_set_next(const struct port_set *set, uint32_t from);

/* The name of a port in /etc/services ("https"), or NULL. protocol is "tcp" or "udp". Stays valid. */
const char *port_service(uint16_t port, const char *protocol);

#endif
