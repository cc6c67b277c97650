/* How does a server shake hands, and is its certificate good?
 * One handshake: version, cipher, group, protocol, the time divided into network, server and this machine; then the
 * certificates, the names they are for, and in words all that is wrong with them. */
#include "ntsh/command.h"
#include "ntsh/http.h"
#include "ntsh/resolve.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const ns_t CONNECT_PATIENCE = 10 * NS_PER_S, TLS_PATIENCE = 15 * NS_PER_S;
static const ns_t DAY = 24 * 3600 * NS_PER_S;

struct tls_args {
	const char *target, *server_name, *alpn, *ca_file;
	int least, most;
};

/* clang-format off */
static const char *const versions[] = { "any", "1.0", "1.1", "1.2", "1.3", NULL };
#define AT(field) offsetof(struct tls_args, field)
static const struct option options[] = {
	{ STYLE_OPERAND, OPT_TEXT, 0, "target", "HOST[:PORT]", "the server; port 443 if none is given", AT(target), 0, 0, NULL, OPTION_REQUIRED, NULL },
	{ STYLE_DASH, OPT_TEXT, 's', "servername", "NAME", "the name to ask for (SNI) and to verify", AT(server_name), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_TEXT, 0, "alpn", "PROTOCOLS", "protocols to offer, such as h2,http/1.1", AT(alpn), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_FILE, 0, "cacert", "FILE", "trust the authorities in this file only", AT(ca_file), 0, 0, NULL, 0, NULL },
	{ STYLE_DASH, OPT_WORD, 0, "min", "VERSION", "offer no older version of TLS", AT(least), 0, 0, versions, 0, NULL },
	{ STYLE_DASH, OPT_WORD, 0, "max", "VERSION", "offer no newer version of TLS", AT(most), 0, 0, versions, 0, NULL },
	OPTION_END,
};

static const struct field fields[] = {
	{ "host", KIND_TEXT, "as it was given" },
	{ "server_name", KIND_TEXT, "the name that was asked for and verified" },
	{ "address", KIND_ENDPOINT, "who was connected to" },
	{ "connect_ms", KIND_TIME, "the TCP handshake" },
	{ "rtt_ms", KIND_TIME, "TCP's round trip after it" },
	{ "complete", KIND_FLAG, "the handshake came to its end" },
	{ "handshake_ms", KIND_TIME, "from the ClientHello to the end" },
	{ "network_ms", KIND_TIME, "of it, round trips" },
	{ "server_ms", KIND_TIME, "of it, the server's reckoning" },
	{ "client_ms", KIND_TIME, "of it, this machine's" },
	{ "round_trips", KIND_COUNT, "flights that were answered" },
	{ "version", KIND_TEXT, "TLSv1.3 ..." },
	{ "cipher", KIND_TEXT, "the cipher suite" },
	{ "group", KIND_TEXT, "the key exchange's group" },
	{ "alpn", KIND_TEXT, "the protocol that the server chose" },
	{ "hello_retry", KIND_FLAG, "the server wanted another group first: one more round trip" },
	{ "alert", KIND_TEXT, "the alert that ended the handshake" },
	{ "good", KIND_FLAG, "handshake and certificate are good" },
	{ "fault", KIND_TEXT, "the worst fault: none, expired, not_yet_valid, name_mismatch, self_signed, unknown_issuer, incomplete_chain, revoked, weak, other" },
	{ "days_left", KIND_INTEGER, "until the first certificate of the chain ends; negative when it has" },
	{ "names", KIND_TEXT, "what the certificate is valid for" },
	{ "valid_for", KIND_TEXT, "the first of these names in one text" },
	{ "faults", KIND_NONE, "all that is wrong" },
	{ "faults[].fault", KIND_TEXT, "as in fault" },
	{ "faults[].says", KIND_TEXT, "a sentence" },
	{ "chain", KIND_NONE, "the certificates as the server sent them, its own first" },
	{ "chain[].subject", KIND_TEXT, "whose it is" },
	{ "chain[].issuer", KIND_TEXT, "who signed it" },
	{ "chain[].not_before", KIND_DATE, "valid from" },
	{ "chain[].not_after", KIND_DATE, "valid until" },
	{ "chain[].key", KIND_TEXT, "kind and size of the key" },
	{ "chain[].signature", KIND_TEXT, "algorithm of the signature" },
	{ "chain[].fingerprint_sha256", KIND_TEXT, "SHA-256 of the certificate" },
	{ "chain[].self_signed", KIND_FLAG, "signed with its own key" },
	{ NULL, KIND_NONE, NULL },
};

static const struct column chain_columns[] = {
	{ "subject", "certificate", ALIGN_LEFT, 0, false, true },
	{ "key", "key", ALIGN_LEFT, 0, false, false },
	{ "not_after", "valid until", ALIGN_LEFT, 0, false, false },
	{ "issuer", "issued by", ALIGN_LEFT, 0, false, false },
	{ "signature", "signature", ALIGN_LEFT, 0, true, false },
	{ "fingerprint_sha256", "SHA-256", ALIGN_LEFT, 0, true, false },
};
/* clang-format on */
static const struct table chain_table = {
	"chain", chain_columns, sizeof chain_columns / sizeof chain_columns[0], NULL, false, false
};
static const struct table faults_table = { "faults", NULL, 0, "  {says}", false, true };
static const char *const FAULTS[] = { "none",        "expired",        "not_yet_valid",    "name_mismatch",
				      "self_signed", "unknown_issuer", "incomplete_chain", "revoked",
				      "weak",        "other" };
static const char *const BADGES[] = {
	"GOOD",           "EXPIRED",          "NOT YET VALID", "WRONG NAME", "SELF-SIGNED",
	"UNKNOWN ISSUER", "INCOMPLETE CHAIN", "REVOKED",       "WEAK",       "BAD"
};

struct run {
	struct call *call;
	const struct tls_args *args;
	struct http_url target;
	struct tcp_race_result way;
	struct tls_handshake shake;
	bool done;
};

static void on_raced(struct loop *loop, const struct tcp_race_result *result, void *arg)
{
	struct run *run = arg;
	(void)loop;
	run->way = *result;
	run->done = true;
}

static void on_shaken(struct loop *loop, const struct tls_handshake *shake, const struct error *err,
		      void *arg)
{
	struct run *run = arg;
	(void)loop;
	run->shake = *shake;
	if (err)
		*run->call->error = *err;
	run->done = true;
}

/* Returns 0 when connected (the descriptor is in way.connect.fd), -1 with an error, or without one when cancelled. */
static int reach(struct run *run)
{
	struct addr addrs[TCP_RACE_MAX];
	const struct settings *settings = run->call->settings;
	struct tcp_connect_request request = { .interface = settings->interface,
					       .timeout = CONNECT_PATIENCE };
	char words[TCP_CONNECT_TEXT_MAX];
	size_t count = 0;
	run->way.connect.fd = -1;
	if (addr_parse(run->target.host, &addrs[0]) == 0)
		count = 1;
	else if (resolve_all(run->call->loop, run->target.host, settings->family, addrs, TCP_RACE_MAX, &count,
			     run->call->error) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		addrs[i].port = run->target.port;
	struct tcp_race *race =
	    tcp_race_start(run->call->loop, &request, addrs, count, on_raced, run, run->call->error);
	if (!race)
		return -1;
	if (loop_run(run->call->loop, &run->done) != LOOP_DONE) {
		tcp_race_cancel(race);
		return -1;
	}
	if (run->way.connect.outcome == TCP_CONNECTED)
		return 0;
	int errnum = run->way.connect.errnum;
	return error_set(run->call->error, STATUS_BAD, errnum ? error_errno_name(errnum) : "ETIMEDOUT", NULL,
			 "%s", tcp_connect_text(&run->way.connect, words));
}

static const char *name_asked(const struct run *run)
{
	return run->args->server_name ? run->args->server_name : run->target.host;
}

/* Returns 0 when the handshake came to an end of some kind. */
static int shake(struct run *run)
{
	const struct tls_args *args = run->args;
	struct tls_request request = { .fd = run->way.connect.fd,
				       .server_name = name_asked(run),
				       .alpn = args->alpn,
				       .ca_file = args->ca_file,
				       .min_version = args->least ? versions[args->least] : NULL,
				       .max_version = args->most ? versions[args->most] : NULL,
				       .rtt = run->way.connect.rtt,
				       .timeout = TLS_PATIENCE };
	run->done = false;
	struct tls_session *session = tls_start(run->call->loop, &request, on_shaken, run, run->call->error);
	if (!session)
		return -1;
	enum loop_end end = loop_run(run->call->loop, &run->done);
	tls_free(session);
	return end == LOOP_DONE ? 0 : -1;
}

static struct value text_or_none(const char *text)
{
	return *text ? value_text(text) : value_none();
}

/* Days until the first certificate of the chain ends, rounded down. */
static int64_t days_left(const struct tls_handshake *shake)
{
	ns_t now = clock_real(), least = NS_NEVER;
	for (int i = 0; i < shake->chain_count; i++)
		if (shake->chain[i].not_after < least)
			least = shake->chain[i].not_after;
	ns_t left = least - now;
	return left >= 0 ? left / DAY : -((-left + DAY - 1) / DAY);
}

static const char *joined_names(const struct tls_handshake *shake, char *buf, size_t size)
{
	const int most = 8;
	size_t used = 0;
	snprintf(buf, size, "no name");
	for (int i = 0; i < shake->name_count && i < most && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%.60s", i ? ", " : "", shake->names[i]);
	if (shake->name_count > most && used < size)
		snprintf(buf + used, size - used, " and %d more", shake->name_count - most);
	return buf;
}

static void put_facts(struct run *run)
{
	struct result *result = run->call->result;
	const struct tls_handshake *shake = &run->shake;
	struct value names[TLS_NAMES_MAX];
	char joined[400];
	bool chain = shake->chain_count > 0;
	for (int i = 0; i < shake->name_count; i++)
		names[i] = value_text(shake->names[i]);
	result_put(result, "connect_ms", value_time(run->way.connect.ended - run->way.began));
	result_put(result, "rtt_ms", value_time(run->way.connect.rtt));
	result_put(result, "complete", value_flag(shake->complete));
	result_put(
	    result, "handshake_ms",
	    value_time(shake->happened && shake->ended != NS_NONE ? shake->ended - shake->began : NS_NONE));
	result_put(result, "network_ms", value_time(shake->happened ? shake->network : NS_NONE));
	result_put(result, "server_ms", value_time(shake->happened ? shake->server : NS_NONE));
	result_put(result, "client_ms", value_time(shake->happened ? shake->client : NS_NONE));
	result_put(result, "round_trips", value_count((uint64_t)shake->round_trips));
	result_put(result, "version", text_or_none(shake->version));
	result_put(result, "cipher", text_or_none(shake->cipher));
	result_put(result, "group", text_or_none(shake->group));
	result_put(result, "alpn", text_or_none(shake->alpn));
	result_put(result, "hello_retry", value_flag(shake->hello_retry));
	result_put(result, "alert", text_or_none(shake->alert));
	result_put(result, "good", value_flag(shake->complete && shake->fault == TLS_FAULT_NONE));
	result_put(result, "fault", chain ? value_text(FAULTS[shake->fault]) : value_none());
	result_put(result, "days_left", chain ? value_integer(days_left(shake)) : value_none());
	result_put_list(result, "names", names, (size_t)shake->name_count);
	result_put(result, "valid_for",
		   chain ? value_text(joined_names(shake, joined, sizeof joined)) : value_none());
}

static void show_course(struct run *run)
{
	struct result *result = run->call->result;
	const struct tls_handshake *shake = &run->shake;
	bool good = shake->fault == TLS_FAULT_NONE;
	if (shake->complete)
		result_headline(
		    result, good ? TONE_GOOD : TONE_BAD, BADGES[shake->fault],
		    good ? "{server_name} at {address}: {version}, valid for {days_left} more days"
			 : "{server_name} at {address}: {version}, but the certificate is not good",
		    "{handshake_ms}");
	if (shake->happened && shake->network != NS_NONE) {
		result_gap(result);
		result_bars_open(result, "handshake_ms");
		result_bar(result, "network", "network_ms", NULL,
			   run->shake.round_trips == 1 ? "one round trip" : "{round_trips} round trips");
		result_bar(result, "server", "server_ms", NULL, NULL);
		result_bar(result, "this machine", "client_ms", NULL, NULL);
		result_bars_close(result);
	}
	result_gap(result);
	if (shake->version[0])
		result_item(result, "agreed", TONE_PLAIN,
			    "{version}, {cipher}{group?, group {group}}{alpn?, protocol {alpn}}");
	if (shake->chain_count)
		result_item(result, "valid for", TONE_PLAIN, "{valid_for}");
	if (shake->hello_retry)
		result_item(result, "retry", TONE_WARN,
			    "the server wanted another group: one more round trip (HelloRetryRequest)");
}

static void put_faults(struct run *run)
{
	struct result *result = run->call->result;
	const struct tls_handshake *shake = &run->shake;
	char says[256];
	result_gap(result);
	result_list_open(result, &faults_table);
	for (int fault = TLS_FAULT_NONE + 1; fault <= TLS_FAULT_OTHER; fault++) {
		if (!(shake->faults & 1u << fault))
			continue;
		tls_fault_format(shake, (enum tls_fault)fault, name_asked(run), clock_real(), says);
		result_row_open(result);
		result_put(result, "fault", value_text(FAULTS[fault]));
		result_put(result, "says", value_text(says));
		result_row_close(result);
	}
	result_list_close(result);
	result_gap(result);
}

static void put_chain(struct result *result, const struct tls_handshake *shake)
{
	result_list_open(result, &chain_table);
	for (int i = 0; i < shake->chain_count; i++) {
		const struct tls_certificate *cert = &shake->chain[i];
		result_row_open(result);
		result_put(result, "subject", value_text(cert->subject));
		result_put(result, "issuer", value_text(cert->issuer));
		result_put(result, "not_before", value_date(cert->not_before));
		result_put(result, "not_after", value_date(cert->not_after));
		result_put(result, "key", value_text(cert->key));
		result_put(result, "signature", value_text(cert->signature));
		result_put(result, "fingerprint_sha256", value_text(cert->fingerprint_sha256));
		result_put(result, "self_signed", value_flag(cert->self_signed));
		result_row_close(result);
	}
	result_list_close(result);
}

static enum status run(struct call *call, const void *given)
{
	struct run run = { .call = call, .args = given };
	char url[600];
	snprintf(url, sizeof url, "%s%.560s", strstr(run.args->target, "://") ? "" : "https://",
		 run.args->target);
	if (http_url_parse(url, &run.target, call->error) < 0)
		return STATUS_USAGE;
	result_put(call->result, "host", value_text(run.args->target));
	result_put(call->result, "server_name", value_text(name_asked(&run)));
	int failed = tls_prepare(call->error) < 0 ? -1 : reach(&run);
	result_put(call->result, "address", value_endpoint(&run.way.connect.peer));
	if (!failed) {
		failed = shake(&run);
		close(run.way.connect.fd);
		put_facts(&run);
		show_course(&run);
		put_faults(&run);
		put_chain(call->result, &run.shake);
	}
	http_url_release(&run.target);
	if (error_is_set(call->error))
		return call->error->status;
	return !failed && run.shake.complete && run.shake.fault == TLS_FAULT_NONE ? STATUS_OK : STATUS_BAD;
}

const struct command command_tls = {
	.name = "tls",
	.summary = "how a server shakes hands, and whether its certificate is good",
	.options = options,
	.args_size = sizeof(struct tls_args),
	.fields = fields,
	.run = run,
};
