#include "net/dns/lookup_parts.h"

#include "base/buf.h"
#include "sys/file.h"
#include "wire/dns_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
	TYPE_A = 1,
	TYPE_AAAA = 28,
	RCODE_SERVFAIL = 2,
	RCODE_NXDOMAIN = 3,
	RCODE_NOTIMP = 4,
	RCODE_REFUSED = 5
};

static int64_t sysctl_number(const char *path, int64_t fallback)
{
	struct buf text = BUF_INIT(64);
	bool known = file_read(path, &text) == 0;
	int64_t number = known ? strtoll(buf_text(&text), NULL, 10) : fallback;
	buf_release(&text);
	return number < 0 || number > 127 ? fallback : number;
}

/* How long connect(2) tries when nothing answers: SYNs are repeated at intervals of 1 s, tcp_syn_linear_timeouts times more than once,
 * then of 2, 4, 8 ... s, and at the first of these moments that lies behind 2^(tcp_syn_retries + 1) - 1 s it gives up
 * (net/ipv4/tcp_timer.c; kernel Documentation/networking/ip-sysctl.rst). */
static ns_t tcp_connect_patience(void)
{
	int64_t retries = sysctl_number("/proc/sys/net/ipv4/tcp_syn_retries", 6);
	int64_t linear = sysctl_number("/proc/sys/net/ipv4/tcp_syn_linear_timeouts", 0);
	int64_t limit = retries > 9 ? 1023 : ((int64_t)2 << retries) - 1, at = 0, interval = 1;
	for (int64_t n = 0; at < limit; n++) {
		if (n > linear)
			interval *= 2;
		at += interval;
	}
	return at * NS_PER_S;
}

int lookup_name_check(const char *name, struct error *err)
{
	static const char hint[] =
	    "a name is letters, digits and '-' in labels of at most 63 with dots between, 253 in all";
	size_t length = strlen(name);
	if (!length)
		return error_set(err, STATUS_USAGE, "EUSAGE", "give a host name or an address",
				 "the name is empty");
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return error_set(
			    err, STATUS_USAGE, "EUSAGE", hint, "\"%.200s\"%s is no host name: %s in it", name,
			    length > 200 ? "..." : "", *c == ' ' ? "a blank is" : "a control character is");
	struct dns_name parsed;
	return dns_name_parse(name, &parsed, err);
}

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);
	if (length && name[length - 1] == '.')
		length--;
	return length >= tail && strncasecmp(name + length - tail, end, tail) == 0;
}

bool lookup_module_claims(const char *module, const char *name)
{
	char host[256] = "";
	if (strncmp(module, "mdns", 4) == 0)
		return ends_with(name, ".local");
	if (strcmp(module, "resolve") == 0)
		return access("/run/systemd/resolve/io.systemd.Resolve", F_OK) == 0;
	if (strcmp(module, "myhostname") != 0)
		return false;
	if (gethostname(host, sizeof host - 1) == 0 && *host && strcasecmp(host, name) == 0)
		return true;
	return strcasecmp(name, "localhost") == 0 || ends_with(name, ".localhost") ||
	       strcasecmp(name, "_gateway") == 0 || strcasecmp(name, "_outbound") == 0;
}

static void address_add(struct lookup_answer *answer, const struct dns_record *record,
			struct lookup_addrs *addrs)
{
	sa_family_t family = record->type == TYPE_A ? AF_INET : AF_INET6;
	if (record->type != answer->type || record->rdata_length != addr_length(family))
		return;
	answer->addr_count++;
	if (addrs->count < LOOKUP_ADDRS_MAX)
		addrs->addrs[addrs->count++] = addr_from_bytes(family, record->rdata);
}

void lookup_answer_fill(struct lookup_answer *answer, const struct dns_exchange *exchange,
			struct lookup_addrs *addrs)
{
	const struct dns_message *message = exchange->message;
	answer->outcome = exchange->outcome;
	answer->error = exchange->error;
	answer->truncated = exchange->truncated_first;
	answer->tcp_failed = exchange->truncated_first && exchange->outcome != DNS_ANSWERED;
	answer->rtt = exchange->rtt;
	answer->tries = exchange->tries;
	addrs->count = 0;
	if (!message || exchange->outcome != DNS_ANSWERED)
		return;
	answer->rcode = message->rcode;
	answer->ede_code = message->ede_code;
	memcpy(answer->ede_text, message->ede_text, sizeof answer->ede_text);
	answer->min_ttl = UINT32_MAX;
	for (size_t i = 0; i < message->counts[DNS_ANSWER]; i++) {
		const struct dns_record *record = &message->records[DNS_ANSWER][i];
		if (record->ttl < answer->min_ttl)
			answer->min_ttl = record->ttl;
		address_add(answer, record, addrs);
	}
	if (!message->counts[DNS_ANSWER])
		answer->min_ttl = 0;
}

static enum program_kind kind_of_message(const struct dns_message *message)
{
	bool lame = !message->aa && !message->ra && !message->counts[DNS_ADDITIONAL] && !message->has_edns;
	switch (message->rcode) {
	case 0:
		return message->counts[DNS_ANSWER] ? PROGRAM_DATA : lame ? PROGRAM_NEXT : PROGRAM_NODATA;
	case RCODE_SERVFAIL:
		return PROGRAM_SERVFAIL;
	case RCODE_NXDOMAIN:
		return PROGRAM_NXDOMAIN;
	case RCODE_NOTIMP:
	case RCODE_REFUSED:
		return PROGRAM_NEXT;
	default:
		return PROGRAM_OTHER;
	}
}

struct program_reply lookup_reply_of(const struct dns_exchange *exchange, bool use_vc)
{
	struct program_reply reply = { .stream = exchange->truncated_first || use_vc,
				       .after = exchange->ended - exchange->began };
	switch (exchange->outcome) {
	case DNS_ANSWERED:
		reply.kind = kind_of_message(exchange->message);
		/* Over UDP the last question's own time: that the one before was lost is chance. */
		if (!reply.stream && exchange->rtt != NS_NONE)
			reply.after = exchange->rtt;
		return reply;
	case DNS_TIMED_OUT:
		reply.kind = PROGRAM_SILENT;
		if (reply.stream)
			reply.after = exchange->tcp_connected ? NS_NEVER : tcp_connect_patience();
		return reply;
	case DNS_MALFORMED:
		reply.kind = PROGRAM_OTHER;
		return reply;
	default:
		reply.kind = PROGRAM_ERROR;
		return reply;
	}
}

enum lookup_outcome lookup_outcome_of(enum program_end end, size_t addr_count,
				      const struct lookup_answer *answers, size_t answer_count)
{
	switch (end) {
	case PROGRAM_FOUND:
		return addr_count ? LOOKUP_OK : LOOKUP_NODATA;
	case PROGRAM_NO_DATA:
		return LOOKUP_NODATA;
	case PROGRAM_NO_NAME:
		return LOOKUP_NXDOMAIN;
	case PROGRAM_TRY_LATER:
		return LOOKUP_SERVFAIL;
	case PROGRAM_GIVES_UP:
		return LOOKUP_FAILED;
	default:
		break;
	}
	for (size_t i = 0; i < answer_count; i++)
		if (answers[i].outcome == DNS_ANSWERED && answers[i].rcode == RCODE_REFUSED)
			return LOOKUP_REFUSED;
	return LOOKUP_NO_ANSWER;
}

/* The servers of the conf, "192.0.2.53, 192.0.2.54". */
static void servers_list(const struct resolv_conf *conf, char *buf, size_t size)
{
	size_t used = 0;
	buf[0] = '\0';
	for (int i = 0; i < conf->server_count && used < size; i++) {
		char text[ADDR_TEXT_MAX];
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? ", " : "",
					 addr_format(&conf->servers[i], text));
	}
}

/* The server whose answer has this code; the whole list when none has. */
static void servers_with(uint16_t rcode, const struct resolv_conf *conf, const struct lookup_answer *answers,
			 size_t count, char *buf, size_t size)
{
	char text[ADDR_TEXT_MAX];
	for (size_t i = 0; i < count; i++)
		if (answers[i].outcome == DNS_ANSWERED && answers[i].rcode == rcode) {
			snprintf(buf, size, "%s", addr_format(&answers[i].server, text));
			return;
		}
	servers_list(conf, buf, size);
}

void lookup_explain(struct error *err, enum lookup_outcome outcome, const char *name,
		    const struct resolv_conf *conf, const struct lookup_answer *answers, size_t count)
{
	char by[3 * ADDR_TEXT_MAX];
	switch (outcome) {
	case LOOKUP_NXDOMAIN:
		servers_with(RCODE_NXDOMAIN, conf, answers, count, by, sizeof by);
		error_set(err, STATUS_BAD, "NXDOMAIN", "check the spelling",
			  "name %.255s does not exist (NXDOMAIN from %s)", name, by);
		return;
	case LOOKUP_NODATA:
		servers_with(0, conf, answers, count, by, sizeof by);
		error_set(err, STATUS_BAD, "NODATA", "ask for other types: ntsh dns dig NAME ANY",
			  "name %.255s exists, but has no address (from %s)", name, by);
		return;
	case LOOKUP_SERVFAIL:
		servers_with(RCODE_SERVFAIL, conf, answers, count, by, sizeof by);
		error_set(err, STATUS_BAD, "SERVFAIL",
			  "the zone's own servers may be broken: ntsh dns dig NAME +cd",
			  "name server %s failed to find out about %.255s (SERVFAIL)", by, name);
		return;
	case LOOKUP_REFUSED:
		servers_with(RCODE_REFUSED, conf, answers, count, by, sizeof by);
		error_set(err, STATUS_BAD, "REFUSED",
			  "this machine may not use that name server: look at /etc/resolv.conf",
			  "name server %s refuses to answer us about %.255s (REFUSED)", by, name);
		return;
	case LOOKUP_NO_ANSWER:
		servers_list(conf, by, sizeof by);
		error_set(err, STATUS_BAD, "ETIMEDOUT", "are they up, and is UDP port 53 open to them?",
			  "no name server answered about %.255s (asked %s)", name, by);
		return;
	default:
		servers_list(conf, by, sizeof by);
		error_set(err, STATUS_BAD, "EBADMSG", NULL,
			  "the name servers' answers about %.255s make no sense (asked %s)", name, by);
	}
}
