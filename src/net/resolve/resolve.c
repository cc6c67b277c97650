/* Targets of commands: addresses at once, the hosts file next, then c-ares. */
#include "ntsh/resolve.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/dns/etc.h"
#include "net/dns/lookup_parts.h"
#include "net/resolve/channel.h"
#include "ntsh/netns.h"
#include "sys/file.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRS_MAX = 64, HOSTS_FILE_MAX = 16 << 20 };

struct resolve {
	struct loop *loop;
	resolve_fn *fn; /* NULL: nobody waits any more */
	void *arg;
	char *name;
	struct channel *channel; /* c-ares has the question */
	struct loop_timer timer; /* the answer is there, to be delivered */
	struct resolve_result result;
	ns_t began;
	char canonical[DNS_NAME_TEXT_MAX];
	struct addr addrs[ADDRS_MAX];
};

static void resolve_free(struct resolve *resolve)
{
	loop_timer_stop(resolve->loop, &resolve->timer);
	free(resolve->name);
	free(resolve);
}

static void deliver(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)timer;
	struct resolve *resolve = arg;
	resolve->result.addrs = resolve->addrs;
	resolve->result.canonical = resolve->canonical[0] ? resolve->canonical : NULL;
	resolve->result.took = clock_mono() - resolve->began;
	resolve->fn(loop, &resolve->result, resolve->arg);
	resolve_free(resolve);
}

static void finish(struct resolve *resolve)
{
	loop_timer_start(resolve->loop, &resolve->timer, clock_mono(), deliver, resolve);
}

static void hosts_read(struct buf *text)
{
	char path[256];
	/* No hosts file is an empty one. */
	(void)file_read(netns_etc_path("hosts", path), text);
}

static const char *family_word(int family)
{
	return family == AF_INET ? "IPv4" : family == AF_INET6 ? "IPv6" : "";
}

static void wrong_family(struct resolve *resolve, int family)
{
	resolve->result.count = 0;
	error_set(&resolve->result.error, STATUS_BAD, "EAFNOSUPPORT", "leave out -4 or -6",
		  "%.300s is no %s address", resolve->name, family_word(family));
}

/* Literals and the hosts file. Returns true when the answer is there. */
static bool find_here(struct resolve *resolve, int family)
{
	struct in_addr ipv4;
	struct resolve_result *result = &resolve->result;
	bool literal = addr_parse(resolve->name, &resolve->addrs[0]) == 0;
	if (!literal && inet_aton(resolve->name, &ipv4)) {
		resolve->addrs[0] = addr_from_bytes(AF_INET, &ipv4);
		literal = true;
	}
	if (literal) {
		result->count = 1;
		if (family != AF_UNSPEC && resolve->addrs[0].family != family)
			wrong_family(resolve, family);
		return true;
	}
	struct buf text = BUF_INIT(HOSTS_FILE_MAX);
	hosts_read(&text);
	result->count =
	    hosts_find(buf_text(&text), text.length, resolve->name, family, resolve->addrs, ADDRS_MAX, NULL);
	buf_release(&text);
	return result->count > 0;
}

static void explain(struct resolve *resolve, int status)
{
	enum lookup_outcome outcome = LOOKUP_FAILED;
	switch (status) {
	case ARES_ENOTFOUND:
		outcome = LOOKUP_NXDOMAIN;
		break;
	case ARES_ENODATA:
		outcome = LOOKUP_NODATA;
		break;
	case ARES_ESERVFAIL:
		outcome = LOOKUP_SERVFAIL;
		break;
	case ARES_EREFUSED:
		outcome = LOOKUP_REFUSED;
		break;
	case ARES_ECONNREFUSED:
		/* c-ares makes this of both: nobody listens there, and every server answers REFUSED. */
		error_set(&resolve->result.error, STATUS_BAD, "ECONNREFUSED", "look at /etc/resolv.conf",
			  "no name server of this machine takes the question about %.300s", resolve->name);
		return;
	case ARES_ETIMEOUT:
		outcome = LOOKUP_NO_ANSWER;
		break;
	default:
		break;
	}
	lookup_explain(&resolve->result.error, outcome, resolve->name, channel_conf(resolve->channel), NULL,
		       0);
}

static void addrs_take(struct resolve *resolve, const struct ares_addrinfo *info)
{
	for (const struct ares_addrinfo_node *node = info->nodes; node; node = node->ai_next) {
		struct addr addr = addr_from_sockaddr(node->ai_addr, (socklen_t)node->ai_addrlen);
		if (addr.family != AF_UNSPEC && resolve->result.count < ADDRS_MAX)
			resolve->addrs[resolve->result.count++] = addr;
	}
	if (info->cnames)
		for (const struct ares_addrinfo_cname *cname = info->cnames; cname; cname = cname->next)
			snprintf(resolve->canonical, sizeof resolve->canonical, "%s", cname->name);
	else if (info->name)
		snprintf(resolve->canonical, sizeof resolve->canonical, "%s", info->name);
}

/* c-ares is done with the question: the answer goes out, if somebody still waits. */
static void question_over(struct resolve *resolve)
{
	channel_give(resolve->channel);
	resolve->channel = NULL;
	if (resolve->fn)
		finish(resolve);
	else
		resolve_free(resolve);
}

static void addresses_came(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	(void)timeouts;
	struct resolve *resolve = arg;
	if (status == ARES_SUCCESS && info)
		addrs_take(resolve, info);
	if (info)
		channel_library.freeaddrinfo(info);
	if (resolve->result.count == 0)
		explain(resolve, status == ARES_SUCCESS ? ARES_ENODATA : status);
	question_over(resolve);
}

static struct resolve *resolve_new(struct loop *loop, const char *name, resolve_fn *fn, void *arg)
{
	struct resolve *resolve = NEW(struct resolve);
	resolve->loop = loop;
	resolve->fn = fn;
	resolve->arg = arg;
	resolve->name = mem_strdup(name);
	resolve->began = clock_mono();
	return resolve;
}

struct resolve *resolve_start(struct loop *loop, const char *name, int family, resolve_fn *fn, void *arg,
			      struct error *err)
{
	struct addr literal;
	/* An address may have what a name may not: a zone. */
	if (addr_parse(name, &literal) < 0 && lookup_name_check(name, err) < 0)
		return NULL;
	struct resolve *resolve = resolve_new(loop, name, fn, arg);
	if (find_here(resolve, family)) {
		finish(resolve);
		return resolve;
	}
	resolve->channel = channel_take(loop, err);
	if (!resolve->channel) {
		resolve_free(resolve);
		return NULL;
	}
	struct channel *channel = resolve->channel;
	struct ares_addrinfo_hints hints = { .ai_family = family,
					     .ai_socktype = SOCK_STREAM,
					     .ai_flags = ARES_AI_CANONNAME };
	/* The callback may come from inside: it only keeps the result. */
	channel_library.getaddrinfo(channel_ares(channel), name, NULL, &hints, addresses_came, resolve);
	channel_arm(channel);
	return resolve;
}

void resolve_cancel(struct resolve *resolve)
{
	if (!resolve)
		return;
	/* c-ares cannot forget one question among many: its callback finds nobody waiting. */
	if (resolve->channel)
		resolve->fn = NULL;
	else
		resolve_free(resolve);
}

/* --- backwards --- */

static void name_came(void *arg, int status, int timeouts, char *node, char *service)
{
	(void)timeouts;
	(void)service;
	struct resolve *resolve = arg;
	if (status == ARES_SUCCESS && node)
		snprintf(resolve->canonical, sizeof resolve->canonical, "%s", node);
	else
		explain(resolve, status);
	question_over(resolve);
}

struct resolve *resolve_reverse_start(struct loop *loop, const struct addr *addr, resolve_fn *fn, void *arg,
				      struct error *err)
{
	char name[ADDR_TEXT_MAX];
	struct resolve *resolve = resolve_new(loop, addr_reverse_name(addr, name), fn, arg);
	struct buf text = BUF_INIT(HOSTS_FILE_MAX);
	hosts_read(&text);
	bool here =
	    hosts_name(buf_text(&text), text.length, addr, resolve->canonical, sizeof resolve->canonical);
	buf_release(&text);
	if (here) {
		finish(resolve);
		return resolve;
	}
	resolve->channel = channel_take(loop, err);
	if (!resolve->channel) {
		resolve_free(resolve);
		return NULL;
	}
	struct channel *channel = resolve->channel;
	struct sockaddr_storage sa;
	socklen_t length = addr_to_sockaddr(addr, &sa);
	channel_library.getnameinfo(channel_ares(channel), (struct sockaddr *)&sa, (ares_socklen_t)length,
				    ARES_NI_LOOKUPHOST | ARES_NI_NAMEREQD, name_came, resolve);
	channel_arm(channel);
	return resolve;
}

/* --- run to the end --- */

struct waiting {
	bool done;
	struct addr *addrs;
	size_t max, count;
	struct error error;
};

static void waited(struct loop *loop, const struct resolve_result *result, void *arg)
{
	(void)loop;
	struct waiting *waiting = arg;
	waiting->count = result->count < waiting->max ? result->count : waiting->max;
	memcpy(waiting->addrs, result->addrs, waiting->count * sizeof *waiting->addrs);
	waiting->error = result->error;
	waiting->done = true;
}

int resolve_all(struct loop *loop, const char *name, int family, struct addr *addrs, size_t max,
		size_t *count, struct error *err)
{
	struct waiting waiting = { .addrs = addrs, .max = max };
	struct resolve *resolve = resolve_start(loop, name, family, waited, &waiting, err);
	if (!resolve)
		return -1;
	enum loop_end end = loop_run(loop, &waiting.done);
	*count = waiting.count;
	if (!waiting.done) {
		resolve_cancel(resolve);
		if (end == LOOP_INTERRUPTED)
			return error_set(err, STATUS_INTERRUPTED, "EINTR", NULL,
					 "interrupted while looking up %.300s", name);
		return error_set(err, STATUS_BAD, "ETIMEDOUT",
				 "look at /etc/resolv.conf, or give more time (-t)",
				 "the time was over before %.300s was looked up", name);
	}
	if (waiting.count)
		return 0;
	if (err)
		*err = waiting.error;
	return -1;
}

int resolve_one(struct loop *loop, const char *name, int family, struct addr *out, struct error *err)
{
	size_t count;
	return resolve_all(loop, name, family, out, 1, &count, err);
}
