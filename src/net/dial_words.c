/* Where to, and how it went, in words. */
#include "ntsh/dial.h"

#include "ntsh/targets.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int bad_target(struct error *err, const char *text, const char *what)
{
	return error_set(err, STATUS_USAGE, "EUSAGE", "write HOST:PORT, [IPV6]:PORT or HOST PORT",
			 "'%.200s' %s", text, what);
}

int dial_target_read(const char *text, const char *port, char host[DIAL_HOST_MAX], uint16_t *out,
		     struct error *err)
{
	struct addr addr;
	struct port_set ports;
	const char *colon = strrchr(text, ':');
	size_t length = strlen(text);
	if (!port && (!colon || addr_parse(text, &addr) == 0))
		return bad_target(err, text, "names no port");
	if (!port) {
		port = colon + 1;
		length = (size_t)(colon - text);
	}
	if (length > 2 && text[0] == '[' && text[length - 1] == ']') {
		text++;
		length -= 2;
	}
	if (!length || length >= DIAL_HOST_MAX || memchr(text, '/', length) || memchr(text, ' ', length))
		return bad_target(err, text, "names no host");
	snprintf(host, DIAL_HOST_MAX, "%.*s", (int)length, text);
	if (strchr(host, ':') && addr_parse(host, &addr) < 0)
		return bad_target(err, text, "is not HOST:PORT");
	if (port_set_read(port, &ports, err) < 0)
		return -1;
	if (ports.count != 1)
		return bad_target(err, text, "names more than one port (portscan asks many)");
	*out = port_set_next(&ports, 0);
	return 0;
}

bool dial_is_good(const struct dial_result *result)
{
	return result->connect.outcome == TCP_CONNECTED && !result->errnum &&
	       (!result->shake.happened || (result->shake.complete && !result->shake.fault));
}

const char *dial_outcome(const struct dial_result *result)
{
	switch (result->connect.outcome) {
	case TCP_CONNECTED:
		if (result->shake.happened && (!result->shake.complete || result->shake.fault))
			return "tls";
		return result->errnum == ECONNRESET ? "reset" : "connected";
	case TCP_REFUSED:
		return "refused";
	case TCP_UNREACHABLE:
		return "unreachable";
	case TCP_RESET:
		return "reset";
	case TCP_LOCAL_ERROR:
		return "not sent";
	case TCP_TIMED_OUT:
		break;
	}
	return result->silence == DIAL_SILENCE_LISTENS  ? "queue full"
	       : result->silence == DIAL_SILENCE_FILTER ? "filtered"
							: "no answer";
}

char *dial_text(const struct dial_result *result, char buf[DIAL_TEXT_MAX])
{
	char words[TCP_CONNECT_TEXT_MAX], peer[ADDR_TEXT_MAX];
	addr_format_port(&result->connect.peer, peer);
	tcp_connect_text(&result->connect, words);
	bool silent = result->connect.outcome == TCP_TIMED_OUT;
	const char *syns = result->syns > 1 ? "s" : "";
	if (silent && result->silence == DIAL_SILENCE_LISTENS)
		snprintf(buf, DIAL_TEXT_MAX,
			 "%s drops our %u SYN%s, but answered a stray ACK: the port is reached, and what "
			 "drops them is the server "
			 "itself - the queue of its listener is full (see there: ss -lt)",
			 peer, result->syns, syns);
	else if (silent && result->silence == DIAL_SILENCE_FILTER)
		snprintf(buf, DIAL_TEXT_MAX,
			 "%s answers nothing, neither %u SYN%s nor a stray ACK: filtered on the way, or the "
			 "host is not there",
			 peer, result->syns, syns);
	else if (result->connect.outcome == TCP_CONNECTED && result->errnum)
		snprintf(buf, DIAL_TEXT_MAX, "%s, but it was reset at once: %s", words,
			 "a server that is overloaded, or a filter that lets handshakes through only");
	else if (result->connect.outcome == TCP_CONNECTED && result->connect.syn_retransmits)
		snprintf(buf, DIAL_TEXT_MAX,
			 "%s, but only by SYN number %u: loss, or a listener whose queue was full", words,
			 result->syns);
	else if (result->shake.happened && result->shake.fault)
		snprintf(buf, DIAL_TEXT_MAX, "%s, but %s", words, result->shake.fault_text);
	else if (result->shake.happened && !result->shake.complete && result->shake.ended)
		snprintf(buf, DIAL_TEXT_MAX, "%s, but TLS failed%s%s", words,
			 result->shake.alert[0] ? ": " : "", result->shake.alert);
	else if (result->closed)
		snprintf(buf, DIAL_TEXT_MAX, "%s, and was closed by the server at once", words);
	else
		snprintf(buf, DIAL_TEXT_MAX, "%s", words);
	return buf;
}
