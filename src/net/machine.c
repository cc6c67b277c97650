#include "net/machine_parts.h"

#include "ntsh/error.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct trial {
	const char *id, *what, *used_by;
	ability_try *try;
} trials[] = {
	{ "ping_socket", "ICMP echo without privilege", "ping, diagnose", try_ping_socket },
	{ "raw_socket", "raw sockets", "ping", try_raw_socket },
	{ "capture", "packet capture", "no command yet", try_capture },
	{ "timestamps", "kernel time stamps of packets", "ping, dns dig, http, diagnose", try_stamps },
	{ "tx_ack", "time of TCP acknowledgements", "http, tls, diagnose", try_tx_ack },
	{ "tcp_info", "what the kernel knows about a connection", "http, diagnose", try_tcp_info },
	{ "sock_diag", "sockets of this machine", "ss", try_sock_diag },
	{ "owners", "processes of other users' sockets", "ss", try_owners },
	{ "conntrack", "connection tracking table", "conntrack, diagnose host", try_conntrack },
	{ "netns", "entering network namespaces", "--netns", try_netns },
	{ "tracefs", "kernel trace points", "no command yet", try_tracefs },
	{ "perf", "perf events", "no command yet", try_perf },
	{ "bpf", "BPF", "no command yet", try_bpf },
	{ "ipv6", "IPv6", "all", try_ipv6 },
	{ "resolver", "name servers configured", "all", try_resolver },
	{ "libcares", "c-ares", "names of all commands", try_cares },
	{ "libcurl", "libcurl", "http, diagnose", try_curl },
	{ "openssl", "OpenSSL", "tls, http, diagnose", try_openssl },
	{ "libedit", "libedit", "the prompt", try_edit },
	{ "locale", "UTF-8 output", "all", try_locale },
	{ "open_files", "open files at once", "all", try_files },
	{ "clock_source", "fast clock", "all", try_clock_source },
	{ "clock_sync", "clock synchronised", "tls", try_clock_sync },
};

void ability_set(struct ability *ability, enum ability_state state, const char *grant, const char *format,
		 ...)
{
	va_list args;
	ability->state = state;
	snprintf(ability->grant, sizeof ability->grant, "%s", grant ? grant : "");
	va_start(args, format);
	vsnprintf(ability->detail, sizeof ability->detail, format, args);
	va_end(args);
}

void ability_denied(struct ability *ability, int errnum, const char *capabilities, const char *path)
{
	char grant[sizeof ability->grant];
	const char *says = strerrordesc_np(errnum);
	snprintf(grant, sizeof grant, "setcap %s+ep %s", capabilities, path);
	ability_set(ability, ABILITY_NO, grant, "%s", says ? says : error_errno_name(errnum));
}

size_t machine_abilities(struct ability *out, size_t max, const char *path)
{
	size_t count = sizeof trials / sizeof trials[0];
	for (size_t i = 0; i < count && i < max; i++) {
		out[i] = (struct ability){ .id = trials[i].id,
					   .what = trials[i].what,
					   .used_by = trials[i].used_by };
		trials[i].try(&out[i], path);
	}
	return count;
}

/* Adds the capabilities of "setcap a,b+ep FILE" that are not in list yet. */
static void capabilities_add(struct buf *list, const char *grant)
{
	static const char command[] = "setcap ";
	if (strncmp(grant, command, sizeof command - 1))
		return;
	const char *at = grant + sizeof command - 1;
	while (*at && *at != '+') {
		char one[64];
		size_t length = strcspn(at, ",+");
		snprintf(one, sizeof one, "%.*s", (int)length, at);
		if (!strstr(buf_text(list), one)) {
			buf_add_text(list, list->length ? "," : "");
			buf_add_text(list, one);
		}
		at += length + (at[length] == ',');
	}
}

char *machine_grant_all(const struct ability *abilities, size_t count, const char *path, char *buf,
			size_t size)
{
	struct buf list = BUF_INIT(1024);
	for (size_t i = 0; i < count; i++)
		capabilities_add(&list, abilities[i].grant);
	buf[0] = '\0';
	if (list.length)
		snprintf(buf, size, "setcap %s+ep %s", buf_text(&list), path);
	buf_release(&list);
	return buf;
}
