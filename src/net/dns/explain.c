/* Answers in words. */
#include "base/units.h"
#include "ntsh/dns_dig.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *dns_exchange_status(const struct dns_exchange *exchange, char buf[16])
{
	switch (exchange->outcome) {
	case DNS_ANSWERED:
		return dns_rcode_name(exchange->message->rcode, buf);
	case DNS_TIMED_OUT:
		return "TIMEOUT";
	case DNS_REFUSED_PORT:
		return "PORT-REFUSED";
	case DNS_UNREACHABLE:
		return "UNREACHABLE";
	case DNS_MALFORMED:
		return "MALFORMED";
	default:
		return "FAILED";
	}
}

const char *dns_exchange_meaning(const struct dns_exchange *exchange)
{
	const struct dns_message *message = exchange->message;
	if (exchange->outcome != DNS_ANSWERED)
		return exchange->error.message;
	if (message->rcode || message->counts[DNS_ANSWER])
		return dns_rcode_meaning(message->rcode);
	for (size_t i = 0; i < message->counts[DNS_AUTHORITY]; i++)
		if (message->records[DNS_AUTHORITY][i].type == 2 && !message->aa)
			return "no answer, but a referral to other servers";
	return "the name exists, but has no record of this type";
}

bool dns_exchange_is_good(const struct dns_exchange *exchange)
{
	return exchange->outcome == DNS_ANSWERED && exchange->message->rcode == 0 &&
	       exchange->message->counts[DNS_ANSWER] > 0;
}

__attribute__((format(printf, 3, 4))) static void add(char *buf, size_t size, const char *format, ...)
{
	size_t used = strlen(buf);
	va_list args;
	va_start(args, format);
	vsnprintf(buf + used, size - used, format, args);
	va_end(args);
}

void dns_flags_format(const struct dns_message *message, char *buf, size_t size)
{
	const struct {
		bool set;
		const char *word;
	} flags[] = {
		{ message->qr, "qr" }, { message->aa, "aa" }, { message->tc, "tc" },
		{ message->rd, "rd" }, { message->ra, "ra" }, { message->flags & 0x40, "z" },
		{ message->ad, "ad" }, { message->cd, "cd" },
	};
	buf[0] = '\0';
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (flags[i].set)
			add(buf, size, "%s%s", buf[0] ? " " : "", flags[i].word);
}

void dns_flags_explain(const struct dns_message *message, char *buf, size_t size)
{
	snprintf(buf, size, "%s",
		 message->aa ? "aa the server is an authority for the name"
			     : "no aa: from a cache or another server");
	if (message->tc)
		add(buf, size, ", tc the answer is cut");
	if (message->rd && !message->ra)
		add(buf, size, ", rd without ra: the server does not ask others for us");
	else if (message->ra)
		add(buf, size, ", ra the server asks others for us");
	if (message->ad)
		add(buf, size, ", ad the server has checked the signatures");
	if (message->cd)
		add(buf, size, ", cd unchecked, as asked");
}

void resolv_conf_format(const struct resolv_conf *conf, char *buf, size_t size)
{
	char text[ADDR_TEXT_MAX], timeout[UNITS_TEXT_MAX];
	buf[0] = '\0';
	for (int i = 0; i < conf->server_count; i++)
		add(buf, size, "%s%s", i ? ", " : "", addr_format(&conf->servers[i], text));
	if (conf->missing)
		add(buf, size, " (libc's default: the file names no server)");
	for (int i = 0; i < conf->search_count; i++)
		add(buf, size, "%s%s", i ? " " : "; search ", conf->search[i]);
	add(buf, size, "; ndots %d, timeout %s, attempts %d", conf->ndots,
	    units_format_time(conf->timeout, false, timeout), conf->attempts);
	const struct {
		bool set;
		const char *word;
	} flags[] = {
		{ conf->rotate, "rotate" },
		{ conf->single_request, "single-request" },
		{ conf->single_request_reopen, "single-request-reopen" },
		{ conf->use_vc, "use-vc" },
		{ conf->edns0, "edns0" },
		{ conf->trust_ad, "trust-ad" },
		{ conf->no_aaaa, "no-aaaa" },
	};
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (flags[i].set)
			add(buf, size, ", %s", flags[i].word);
}
