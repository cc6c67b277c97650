#include "net/dns/etc.h"
#include "net/dns/program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* How a server of the table behaves, by letters: one for A and one for AAAA.
 *   d data  n NODATA  x NXDOMAIN  s SERVFAIL  r REFUSED or lame  f FORMERR  - silent  i ICMP error
 *   T TC, then TCP is dropped for 3 s  W TC, then a connection and silence  D data over TCP  I TC, then TCP fails at once  1 2 data after 1.5 s, 2.5 s  4 data after 0.4 s */
static struct program_reply reply_of(char letter)
{
	struct program_reply reply = { .after = NS_PER_MS };
	switch (letter) {
	case 'D':
		reply.stream = true;
		/* fallthrough */
	case 'd':
		reply.kind = PROGRAM_DATA;
		return reply;
	case 'n':
		reply.kind = PROGRAM_NODATA;
		return reply;
	case 'x':
		reply.kind = PROGRAM_NXDOMAIN;
		return reply;
	case 's':
		reply.kind = PROGRAM_SERVFAIL;
		return reply;
	case 'r':
		reply.kind = PROGRAM_NEXT;
		return reply;
	case 'f':
		reply.kind = PROGRAM_OTHER;
		return reply;
	case 'I':
		reply.stream = true;
		/* fallthrough */
	case 'i':
		reply.kind = PROGRAM_ERROR;
		return reply;
	case '1':
	case '2':
	case '4':
		reply.kind = PROGRAM_DATA;
		reply.after = (letter == '1' ? 1500 : letter == '2' ? 2500 : 400) * NS_PER_MS;
		return reply;
	case 'T':
	case 'W':
		return (struct program_reply){ .stream = true,
					       .after = letter == 'T' ? 3 * NS_PER_S : NS_NEVER };
	default:
		return (struct program_reply){ .kind = PROGRAM_SILENT };
	}
}

/* All waits were measured with getaddrinfo (glibc 2.36) against servers that behave like that. Several names: what each round
 * would see, separated by '/'; the letters of one round are two for each server. */
struct situation {
	const char *options, *search, *name, *servers;
	int64_t wait_ms;
	enum program_end end;
};

static const struct situation situations[] = {
	{ "timeout:1", "", "a.lab", "dd", 0, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "-- dd", 1000, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "-- -- dd", 2000, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "--", 2000, PROGRAM_NO_ANSWER },
	{ "timeout:1", "", "a.lab", "-- -- --", 6000, PROGRAM_NO_ANSWER },
	{ "timeout:2 attempts:1", "", "a.lab", "-- -- dd", 3000, PROGRAM_FOUND },
	{ "timeout:3 attempts:1", "", "a.lab", "-- -- --", 9000, PROGRAM_NO_ANSWER },
	{ "", "", "a.lab", "-- dd", 5000, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "ss dd", 0, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "ss --", 2000, PROGRAM_TRY_LATER },
	{ "timeout:1", "", "a.lab", "ss", 0, PROGRAM_TRY_LATER },
	{ "timeout:1", "", "a.lab", "rr dd", 0, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "rr --", 2000, PROGRAM_NO_ANSWER },
	{ "timeout:1", "", "a.lab", "nn dd", 0, PROGRAM_NO_DATA },
	{ "timeout:1", "", "a.lab", "xx dd", 0, PROGRAM_NO_NAME },
	{ "timeout:1", "", "a.lab", "ii dd", 0, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "ii --", 2000, PROGRAM_NO_ANSWER },
	{ "timeout:1", "", "a.lab", "ii", 0, PROGRAM_NO_SERVER },
	{ "timeout:1", "", "a.lab", "ff dd", 0, PROGRAM_GIVES_UP },
	{ "timeout:1", "", "a.lab", "d-", 3000, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "d- dd", 3000, PROGRAM_FOUND },
	{ "timeout:1 single-request", "", "a.lab", "d- dd", 2000, PROGRAM_FOUND },
	{ "timeout:1 single-request", "", "a.lab", "d-", 2000, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "ds dd", 0, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "ds", 0, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "dx dd", 0, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "dn dd", 0, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "-- d-", 4000, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "-- ds", 1000, PROGRAM_FOUND },
	{ "timeout:1 single-request", "", "a.lab", "ds dd", 0, PROGRAM_FOUND },
	{ "timeout:1 single-request", "", "a.lab", "-- dd", 1000, PROGRAM_FOUND },
	{ "timeout:1 single-request", "", "a.lab", "44", 800, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "11", 1500, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "11 dd", 1000, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "11 --", 2000, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "22", 2000, PROGRAM_NO_ANSWER },
	{ "timeout:1", "", "a.lab", "22 --", 2500, PROGRAM_FOUND },
	{ "timeout:1 attempts:3", "", "a.lab", "-- ss", 3000, PROGRAM_TRY_LATER },
	{ "timeout:1", "", "a.lab", "II DD", 0, PROGRAM_FOUND },
	{ "timeout:1", "", "a.lab", "-- II DD", 1000, PROGRAM_FOUND },
	{ "timeout:1 attempts:1", ".", "a.lab", "TT/TT", 6000, PROGRAM_NO_ANSWER },
	{ "timeout:1", "", "a.lab", "WW", NS_NEVER / NS_PER_MS, PROGRAM_NO_ANSWER },
	{ "timeout:1 rotate", "", "a.lab", "-- dd", 500,
	  PROGRAM_FOUND }, /* 1000 or 0, as luck will have it */
	{ "timeout:1", "search.lab", "a.lab", "--/--", 4000, PROGRAM_NO_ANSWER },
	{ "timeout:1", ".", "a.lab", "--/--", 4000, PROGRAM_NO_ANSWER },
	{ "timeout:1", ".", "web", "--", 2000, PROGRAM_NO_ANSWER },
	{ "timeout:1", "x.lab y.lab", "a.lab", "--/--", 4000, PROGRAM_NO_ANSWER },
	{ "timeout:1", "x.lab y.lab", "web", "--/--", 4000, PROGRAM_NO_ANSWER },
	{ "timeout:1", "search.lab", "web.", "--", 2000, PROGRAM_NO_ANSWER },
	{ "timeout:1", "search.lab other.lab", "nx.lab", "-- xx/-- xx/-- xx", 3000, PROGRAM_NO_NAME },
	{ "timeout:1", "x.lab y.lab", "nxweb", "-- xx/-- xx/-- xx", 3000, PROGRAM_NO_NAME },
	{ "timeout:1", "q.lab s.lab", "web", "ss/ss/ss", 0, PROGRAM_TRY_LATER },
	{ "timeout:1", "q.lab s.lab", "web", "ss --/ss --/ss --", 6000, PROGRAM_TRY_LATER },
	{ "timeout:1", "q.lab s.lab", "web", "nn --/nn --/nn --", 0, PROGRAM_NO_DATA },
	{ "timeout:1", "q.lab s.lab", "web", "ii", 0, PROGRAM_NO_SERVER },
	{ "timeout:1", "q.lab s.lab", "web", "ii --/ii --", 4000, PROGRAM_NO_ANSWER },
	{ "timeout:1", "q.lab s.lab", "web", "d-", 3000, PROGRAM_FOUND },
	{ "timeout:1", "x.lab search.lab", "web", "xx/dd", 0, PROGRAM_FOUND },
	{ "timeout:1 ndots:2", "search.lab", "nx.lab", "-- xx/-- xx", 2000, PROGRAM_NO_NAME },
};

static int servers_read(const char *at, struct program_server *servers)
{
	int count = 0;
	for (; *at && *at != '/'; at += at[2] == ' ' ? 3 : 2, count++) {
		servers[count].replies[0] = reply_of(at[0]);
		servers[count].replies[1] = reply_of(at[1]);
	}
	return count;
}

static ns_t situation_wait(const struct situation *situation, enum program_end *end)
{
	struct resolv_conf conf;
	char text[256];
	int length = snprintf(text, sizeof text, "options %s\n%s%s\n", situation->options,
			      *situation->search ? "search " : "", situation->search);
	resolv_conf_parse(text, (size_t)length, &conf);
	struct program_name names[LOOKUP_SEARCH_MAX + 1];
	struct program_walk walk = { .count = program_names(&conf, situation->name, names) };
	struct program_state state = { .single = conf.single_request };
	const char *round = situation->servers;
	ns_t wait = 0;
	for (bool more = true; more;) {
		struct program_server servers[LOOKUP_SERVERS_MAX];
		assert_non_null(round);
		conf.server_count = servers_read(round, servers);
		struct program_round this = program_ask(&conf, servers, 2, &state);
		wait += this.wait;
		more = program_walk_next(&walk, names, situation->name, this.end, end);
		round = strchr(round, '/');
		round = round ? round + 1 : NULL;
	}
	assert_null(round);
	return wait;
}

static void schedule_of_glibc(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof situations / sizeof situations[0]; i++) {
		enum program_end end;
		ns_t wait = situation_wait(&situations[i], &end) / NS_PER_MS;
		if (wait < situations[i].wait_ms || wait > situations[i].wait_ms + 10 ||
		    end != situations[i].end)
			fail_msg("[%s] %s %s: waits %lld ms, ends %d; measured %lld ms, %d",
				 situations[i].options, situations[i].name, situations[i].servers,
				 (long long)wait, end, (long long)situations[i].wait_ms, situations[i].end);
	}
}

static void one_question(void **state)
{
	(void)state;
	struct resolv_conf conf = { .attempts = 2, .timeout = NS_PER_S, .server_count = 2 };
	struct program_state one = { .single = false };
	struct program_server servers[2];
	servers_read("-- dd", servers);
	struct program_round round = program_ask(&conf, servers, 1, &one);
	assert_int_equal(round.end, PROGRAM_FOUND);
	assert_int_equal(round.wait / NS_PER_MS, 1001);
	assert_int_equal(round.dead, 1);
	assert_int_equal(round.server, 1);
}

static void names_of_the_search_list(void **state)
{
	(void)state;
	struct resolv_conf conf;
	static const char text[] = "search a.lab b.lab.\noptions ndots:2";
	resolv_conf_parse(text, sizeof text - 1, &conf);
	struct program_name names[LOOKUP_SEARCH_MAX + 1];
	assert_int_equal(program_names(&conf, "www", names), 3);
	assert_string_equal(names[0].text, "www.a.lab");
	assert_string_equal(names[1].text, "www.b.lab");
	assert_string_equal(names[2].text, "www");
	assert_int_equal(program_names(&conf, "x.y.z", names), 3);
	assert_string_equal(names[0].text, "x.y.z");
	assert_int_equal(program_names(&conf, "www.", names), 1);
	assert_string_equal(names[0].text, "www.");
}

static void resolv_conf_as_libc_reads_it(void **state)
{
	(void)state;
	static const char text[] =
	    "# comment\n; another\n"
	    " nameserver 192.0.2.1\n"
	    "nameserver 192.0.2.53\n"
	    "nameserver\t2001:db8::53 # with a comment\n"
	    "nameserver nonsense\n"
	    "nameserver 127.1\n"
	    "nameserver 192.0.2.54\n"
	    "domain first.lab\n"
	    "search one.lab two.lab\n"
	    "options ndots:99 timeout:99 attempts:0 rotate use-vc edns0 trust-ad no-aaaa\n"
	    "options single-request nonsense timeout:x\n";
	struct resolv_conf conf;
	char server[ADDR_TEXT_MAX];
	resolv_conf_parse(text, sizeof text - 1, &conf);
	assert_int_equal(conf.server_count, 3);
	assert_string_equal(addr_format_port(&conf.servers[0], server), "192.0.2.53:53");
	assert_string_equal(addr_format_port(&conf.servers[1], server), "[2001:db8::53]:53");
	assert_string_equal(addr_format(&conf.servers[2], server), "127.0.0.1");
	assert_int_equal(conf.search_count, 2);
	assert_string_equal(conf.search[1], "two.lab");
	assert_int_equal(conf.ndots, 15);
	assert_int_equal(conf.attempts, 0);
	assert_int_equal(conf.timeout, 0);
	assert_true(conf.rotate && conf.use_vc && conf.edns0 && conf.trust_ad && conf.no_aaaa &&
		    conf.single_request);
	assert_false(conf.missing);

	resolv_conf_parse("", 0, &conf);
	assert_true(conf.missing);
	assert_int_equal(conf.server_count, 1);
	assert_string_equal(addr_format(&conf.servers[0], server), "127.0.0.1");
	assert_int_equal(conf.timeout, 5 * NS_PER_S);
	assert_int_equal(conf.attempts, 2);
}

static void nsswitch(void **state)
{
	(void)state;
	static const char text[] =
	    "passwd: files\nhosts:  files mdns4_minimal [NOTFOUND=return] resolve[!UNAVAIL=return] dns\n";
	struct nss_line line;
	nss_line_parse(text, sizeof text - 1, &line);
	assert_string_equal(line.text, "files mdns4_minimal [NOTFOUND=return] resolve[!UNAVAIL=return] dns");
	assert_int_equal(line.count, 4);
	assert_string_equal(line.services[2].name, "resolve");
	assert_true(line.services[0].stop[NSS_SUCCESS] && !line.services[0].stop[NSS_NOTFOUND]);
	assert_true(line.services[1].stop[NSS_NOTFOUND] && !line.services[1].stop[NSS_UNAVAIL]);
	assert_true(line.services[2].stop[NSS_NOTFOUND] && line.services[2].stop[NSS_TRYAGAIN]);
	assert_false(line.services[2].stop[NSS_UNAVAIL]);
	nss_line_parse("", 0, &line);
	assert_string_equal(line.text, "files dns");
	assert_int_equal(line.count, 2);
}

static void hosts(void **state)
{
	(void)state;
	static const char text[] = "127.0.0.1\tlocalhost\n::1 localhost ip6-localhost # comment db\n\n"
				   "192.0.2.9 db.lab DB\nnonsense x\n2001:db8::9 db\n192.0.2.10\n";
	struct addr addrs[4];
	char out[ADDR_TEXT_MAX], name[64];
	bool named;
	size_t length = sizeof text - 1;
	assert_int_equal(hosts_find(text, length, "db", AF_UNSPEC, addrs, 4, NULL), 2);
	assert_string_equal(addr_format(&addrs[0], out), "192.0.2.9");
	assert_int_equal(hosts_find(text, length, "Db.Lab", AF_INET6, addrs, 4, &named), 0);
	assert_true(named);
	assert_int_equal(hosts_find(text, length, "comment", AF_UNSPEC, addrs, 4, &named), 0);
	assert_false(named);
	assert_int_equal(hosts_find(text, length, "localhost", AF_UNSPEC, addrs, 1, NULL), 1);
	assert_int_equal(addr_parse("2001:db8::9", &addrs[0]), 0);
	assert_true(hosts_name(text, length, &addrs[0], name, sizeof name));
	assert_string_equal(name, "db");
	assert_int_equal(addr_parse("192.0.2.10", &addrs[0]), 0);
	assert_false(hosts_name(text, length, &addrs[0], name, sizeof name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schedule_of_glibc),
		cmocka_unit_test(one_question),
		cmocka_unit_test(names_of_the_search_list),
		cmocka_unit_test(resolv_conf_as_libc_reads_it),
		cmocka_unit_test(nsswitch),
		cmocka_unit_test(hosts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
