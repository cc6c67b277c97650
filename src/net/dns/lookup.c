/* What a program on this machine experiences when it looks a name up: the sources in nsswitch's order, each name of the search
 * list, every server asked in parallel. */
#include "ntsh/lookup.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/dns/etc.h"
#include "net/dns/lookup_parts.h"
#include "net/dns/program.h"
#include "ntsh/netns.h"
#include "sys/file.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ETC_FILE_MAX = 16 << 20, UDP_SIZE_GLIBC = 1200, TYPE_A = 1, TYPE_AAAA = 28, LOOKUP_TRIES = 2 };

/* One question on its way. */
struct asked {
	struct lookup *lookup;
	struct dns_query *query;
	int server, index;
	bool done;
};

struct lookup {
	struct loop *loop;
	lookup_fn *fn;
	void *arg;
	char *name;
	int family;
	ns_t patience, began;
	struct loop_timer timer;
	struct nss_line nss;
	struct program_name names[LOOKUP_SEARCH_MAX + 1];
	struct program_walk walk;
	struct program_state state;
	struct lookup_answer *answers;
	size_t answer_count;
	int questions;
	uint16_t types[2];
	bool dead[LOOKUP_SERVERS_MAX]; /* said nothing to an earlier name: not waited for again */
	struct asked asked[LOOKUP_SERVERS_MAX][2];
	struct program_server servers[LOOKUP_SERVERS_MAX];
	struct lookup_addrs addrs[LOOKUP_SERVERS_MAX][2];
	int pending;
	struct lookup_step *steps;
	size_t step_count;
	struct lookup_result result;
};

static void round_start(struct lookup *lookup);

static void lookup_free(struct lookup *lookup)
{
	for (int i = 0; i < LOOKUP_SERVERS_MAX; i++)
		for (int k = 0; k < 2; k++)
			if (lookup->asked[i][k].query)
				dns_query_cancel(lookup->asked[i][k].query);
	loop_timer_stop(lookup->loop, &lookup->timer);
	free(lookup->answers);
	free(lookup->steps);
	free(lookup->name);
	free(lookup);
}

static void lookup_end(struct lookup *lookup, enum lookup_outcome outcome)
{
	struct lookup_result *result = &lookup->result;
	result->outcome = outcome;
	result->answers = lookup->answers;
	result->answer_count = lookup->answer_count;
	result->steps = lookup->steps;
	result->step_count = lookup->step_count;
	result->took = clock_mono() - lookup->began;
	lookup->fn(lookup->loop, result, lookup->arg);
	lookup_free(lookup);
}

/* --- the wire --- */

static void addresses_take(struct lookup *lookup, int server)
{
	struct lookup_result *result = &lookup->result;
	for (int k = 0; k < lookup->questions; k++) {
		const struct lookup_addrs *addrs = &lookup->addrs[server][k];
		for (size_t i = 0; i < addrs->count && result->addr_count < LOOKUP_ADDRS_MAX; i++)
			result->addrs[result->addr_count++] = addrs->addrs[i];
	}
}

static void wire_end(struct lookup *lookup, enum program_end end, int server)
{
	struct lookup_result *result = &lookup->result;
	if (end == PROGRAM_FOUND && server >= 0) {
		addresses_take(lookup, server);
		snprintf(result->found_as, sizeof result->found_as, "%s",
			 lookup->names[lookup->walk.at].text);
	}
	enum lookup_outcome outcome =
	    lookup_outcome_of(end, result->addr_count, lookup->answers, lookup->answer_count);
	if (outcome != LOOKUP_OK)
		lookup_explain(&result->error, outcome, lookup->name, &result->conf, lookup->answers,
			       lookup->answer_count);
	lookup_end(lookup, outcome);
}

static void steps_add(struct lookup *lookup, const struct program_round *round)
{
	ns_t began = lookup->result.program_wait;
	if (began == NS_NEVER)
		return;
	lookup->steps = mem_resize(lookup->steps, lookup->step_count + (size_t)round->step_count + 1,
				   sizeof *lookup->steps);
	for (int i = 0; i < round->step_count; i++) {
		const struct program_step *step = &round->steps[i];
		lookup->steps[lookup->step_count++] =
		    (struct lookup_step){ .name = lookup->walk.at,
					  .server = step->server,
					  .at = began + step->at,
					  .limit = step->limit,
					  .waited = step->waited,
					  .end = (int)step->end,
					  .last = i == round->step_count - 1 };
	}
}

static void round_end(struct lookup *lookup)
{
	struct lookup_result *result = &lookup->result;
	struct program_round round =
	    program_ask(&result->conf, lookup->servers, lookup->questions, &lookup->state);
	steps_add(lookup, &round);
	if (round.wait == NS_NEVER || result->program_wait == NS_NEVER)
		result->program_wait = NS_NEVER;
	else
		result->program_wait += round.wait;
	if (round.dead > result->dead_servers)
		result->dead_servers = round.dead;
	for (int i = 0; i < result->conf.server_count; i++) {
		bool silent = true;
		for (int k = 0; k < lookup->questions; k++)
			silent = silent && lookup->servers[i].replies[k].kind == PROGRAM_SILENT &&
				 !lookup->servers[i].replies[k].stream;
		lookup->dead[i] = silent;
	}
	int server = round.server;
	enum program_end end;
	if (program_walk_next(&lookup->walk, lookup->names, lookup->name, round.end, &end))
		round_start(lookup);
	else
		wire_end(lookup, end, server);
}

static void answered(struct loop *loop, const struct dns_exchange *exchange, void *arg)
{
	(void)loop;
	struct asked *asked = arg;
	struct lookup *lookup = asked->lookup;
	asked->query = NULL;
	asked->done = true;
	struct lookup_answer *answer = &lookup->answers[asked->index];
	int k = asked->index % lookup->questions;
	lookup_answer_fill(answer, exchange, &lookup->addrs[asked->server][k]);
	lookup->servers[asked->server].replies[k] = lookup_reply_of(exchange, lookup->result.conf.use_vc);
	if (--lookup->pending == 0)
		round_end(lookup);
}

static struct lookup_answer *answer_add(struct lookup *lookup, int server, int k)
{
	lookup->answers = mem_resize(lookup->answers, lookup->answer_count + 1, sizeof(struct lookup_answer));
	struct lookup_answer *answer = &lookup->answers[lookup->answer_count++];
	*answer = (struct lookup_answer){ .server = lookup->result.conf.servers[server],
					  .type = lookup->types[k],
					  .outcome = DNS_TIMED_OUT,
					  .ede_code = -1,
					  .rtt = NS_NONE };
	snprintf(answer->name, sizeof answer->name, "%s", lookup->names[lookup->walk.at].text);
	return answer;
}

static void ask(struct lookup *lookup, int server, int k)
{
	const struct resolv_conf *conf = &lookup->result.conf;
	struct asked *asked = &lookup->asked[server][k];
	*asked = (struct asked){ .lookup = lookup, .server = server, .index = (int)lookup->answer_count };
	struct lookup_answer *answer = answer_add(lookup, server, k);
	lookup->servers[server].replies[k] = (struct program_reply){ .kind = PROGRAM_SILENT };
	lookup->addrs[server][k].count = 0;
	if (lookup->dead[server]) {
		error_set(&answer->error, STATUS_BAD, "ETIMEDOUT", NULL,
			  "not asked again: it was silent before");
		return;
	}
	struct dns_request request = {
		.name = answer->name,
		.type = lookup->types[k],
		.server = conf->servers[server],
		.transport = conf->use_vc ? DNS_TCP : DNS_UDP,
		.recursion_desired = true,
		.authentic_data = conf->trust_ad,
		.no_edns = !conf->edns0,
		.udp_size = UDP_SIZE_GLIBC,
		.timeout = conf->use_vc ? lookup->patience : lookup->patience / LOOKUP_TRIES,
		.tries = LOOKUP_TRIES,
	};
	asked->query = dns_query_start(lookup->loop, &request, answered, asked, &answer->error);
	if (asked->query)
		lookup->pending++;
	else
		lookup->servers[server].replies[k] = (struct program_reply){ .kind = PROGRAM_OTHER };
}

static void round_due(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	round_end(arg);
}

static void round_start(struct lookup *lookup)
{
	lookup->pending = 0;
	for (int i = 0; i < lookup->result.conf.server_count; i++)
		for (int k = 0; k < lookup->questions; k++)
			ask(lookup, i, k);
	if (!lookup->pending)
		loop_timer_start(lookup->loop, &lookup->timer, clock_mono(), round_due, lookup);
}

/* --- the sources before it --- */

static void etc_read(const char *file, struct buf *text)
{
	char path[256];
	/* A file that is not there is as good as an empty one, to libc too. */
	(void)file_read(netns_etc_path(file, path), text);
}

static bool literal_find(struct lookup *lookup)
{
	struct lookup_result *result = &lookup->result;
	struct in_addr ipv4;
	if (addr_parse(lookup->name, &result->addrs[0]) < 0) {
		/* getaddrinfo takes what inet_aton takes: "127.1" is an address. */
		if (!inet_aton(lookup->name, &ipv4))
			return false;
		result->addrs[0] = addr_from_bytes(AF_INET, &ipv4);
	}
	result->source = LOOKUP_LITERAL;
	result->addr_count = 1;
	return true;
}

size_t lookup_hosts(const char *name, int family, struct addr *out, size_t max)
{
	struct buf text = BUF_INIT(ETC_FILE_MAX);
	etc_read("hosts", &text);
	size_t count = hosts_find(buf_text(&text), text.length, name, family, out, max, NULL);
	buf_release(&text);
	return count;
}

static bool hosts_look(struct lookup *lookup)
{
	struct lookup_result *result = &lookup->result;
	result->addr_count = lookup_hosts(lookup->name, lookup->family, result->addrs, LOOKUP_ADDRS_MAX);
	result->source = LOOKUP_HOSTS;
	return result->addr_count > 0;
}

static void wire_begin(struct lookup *lookup)
{
	struct lookup_result *result = &lookup->result;
	bool ipv4 = lookup->family != AF_INET6;
	bool ipv6 = lookup->family != AF_INET && !result->conf.no_aaaa;
	lookup->types[0] = ipv4 ? TYPE_A : TYPE_AAAA;
	lookup->types[1] = TYPE_AAAA;
	lookup->questions = ipv4 && ipv6 ? 2 : 1;
	lookup->state = (struct program_state){ .single = result->conf.single_request,
						.reopen = result->conf.single_request_reopen };
	lookup->walk =
	    (struct program_walk){ .count = program_names(&result->conf, lookup->name, lookup->names) };
	round_start(lookup);
}

static void begin(struct loop *loop, struct loop_timer *timer, void *arg)
{
	(void)loop;
	(void)timer;
	struct lookup *lookup = arg;
	struct lookup_result *result = &lookup->result;
	bool other = false;
	if (literal_find(lookup)) {
		lookup_end(lookup, LOOKUP_OK);
		return;
	}
	bool wire = false;
	for (int i = 0; i < lookup->nss.count && !wire; i++) {
		const struct nss_service *service = &lookup->nss.services[i];
		bool files = strcmp(service->name, "files") == 0;
		if (files && hosts_look(lookup)) {
			lookup_end(lookup, LOOKUP_OK);
			return;
		}
		if (files && service->stop[NSS_NOTFOUND])
			break;
		bool claims = lookup_module_claims(service->name, lookup->name);
		other = other || claims;
		/* systemd-resolved asks the same question for us: the wire tells what it is likely to say. */
		wire = strcmp(service->name, "dns") == 0 || (claims && strcmp(service->name, "resolve") == 0);
	}
	if (wire) {
		result->source = other ? LOOKUP_OTHER : LOOKUP_DNS;
		wire_begin(lookup);
		return;
	}
	result->source = other ? LOOKUP_OTHER : LOOKUP_HOSTS;
	error_set(&result->error, STATUS_BAD, "ENOENT", "look at the hosts line of /etc/nsswitch.conf",
		  "nothing on this machine's way of looking names up knows %.300s (hosts: %s)", lookup->name,
		  lookup->nss.text);
	lookup_end(lookup, LOOKUP_NXDOMAIN);
}

struct lookup *lookup_start(struct loop *loop, const char *name, int family, ns_t patience, lookup_fn *fn,
			    void *arg, struct error *err)
{
	struct lookup *lookup = NEW(struct lookup);
	struct buf text = BUF_INIT(ETC_FILE_MAX);
	if (lookup_name_check(name, err) < 0 || resolv_conf_read(&lookup->result.conf, err) < 0) {
		free(lookup);
		return NULL;
	}
	etc_read("nsswitch.conf", &text);
	nss_line_parse(buf_text(&text), text.length, &lookup->nss);
	buf_release(&text);
	snprintf(lookup->result.nsswitch, sizeof lookup->result.nsswitch, "%s", lookup->nss.text);
	lookup->loop = loop;
	lookup->fn = fn;
	lookup->arg = arg;
	lookup->name = mem_strdup(name);
	lookup->family = family;
	lookup->patience = patience > 0 ? patience : 2 * NS_PER_S;
	lookup->began = clock_mono();
	loop_timer_start(loop, &lookup->timer, lookup->began, begin, lookup);
	return lookup;
}

void lookup_cancel(struct lookup *lookup)
{
	if (lookup)
		lookup_free(lookup);
}
