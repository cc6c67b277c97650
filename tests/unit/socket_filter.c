/* The filter language: what it means, what it refuses, and that the kernel's bytecode means the same. The bytecode is run here by the rules of
 * inet_diag_bc_run (net/ipv4/inet_diag.c). */
#include "net/sockets/code.h"
#include "ntsh/sockets.h"

#include <linux/inet_diag.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct socket_entry tcp(const char *local, uint16_t sport, const char *peer, uint16_t dport)
{
	struct socket_entry entry = { .kind = SOCKET_TCP, .state = SOCKET_ESTABLISHED };
	assert_int_equal(addr_parse(local, &entry.local), 0);
	assert_int_equal(addr_parse(peer, &entry.peer), 0);
	entry.family = (uint8_t)entry.local.family;
	entry.local.port = sport;
	entry.peer.port = dport;
	return entry;
}

static struct socket_filter *parse(const char *text)
{
	struct error err = ERROR_INIT;
	struct socket_filter *filter = socket_filter_parse(&text, 1, &err);
	if (!filter)
		fail_msg("%s: %s", text, err.message);
	assert_int_equal(socket_filter_resolve(NULL, filter, AF_UNSPEC, &err), 0);
	return filter;
}

/* --- the kernel's machine --- */

static bool host_holds(const struct inet_diag_hostcond *cond, const uint8_t *wanted, const struct addr *addr)
{
	if (cond->port != -1 && cond->port != addr->port)
		return false;
	const uint8_t *bytes = addr->bytes;
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	if (cond->family != AF_UNSPEC && cond->family != addr->family) {
		if (cond->family != AF_INET || addr->family != AF_INET6 || memcmp(bytes, mapped, 12) != 0)
			return false;
		bytes += 12;
	}
	for (unsigned bit = 0; bit < cond->prefix_len; bit++)
		if ((bytes[bit / 8] ^ wanted[bit / 8]) & (0x80 >> bit % 8))
			return false;
	return true;
}

static bool code_holds(const uint8_t *code, size_t size, const struct socket_entry *entry)
{
	long left = (long)size;
	while (left > 0) {
		struct inet_diag_bc_op op, argument = { 0 };
		struct inet_diag_hostcond cond;
		bool yes = true;
		memcpy(&op, code, sizeof op);
		if (op.yes >= 8 && left >= 8)
			memcpy(&argument, code + 4, sizeof argument);
		switch (op.code) {
		case INET_DIAG_BC_JMP:
			yes = false;
			break;
		case INET_DIAG_BC_S_GE:
			yes = entry->local.port >= argument.no;
			break;
		case INET_DIAG_BC_S_LE:
			yes = entry->local.port <= argument.no;
			break;
		case INET_DIAG_BC_D_GE:
			yes = entry->peer.port >= argument.no;
			break;
		case INET_DIAG_BC_D_LE:
			yes = entry->peer.port <= argument.no;
			break;
		case INET_DIAG_BC_S_COND:
		case INET_DIAG_BC_D_COND:
			memcpy(&cond, code + 4, sizeof cond);
			yes = host_holds(&cond, code + 4 + sizeof cond,
					 op.code == INET_DIAG_BC_S_COND ? &entry->local : &entry->peer);
			break;
		case INET_DIAG_BC_DEV_COND: {
			uint32_t index;
			memcpy(&index, code + 4, sizeof index);
			yes = index == entry->interface;
			break;
		}
		default:
			fail_msg("operation %u", op.code);
		}
		assert_true(op.yes >= 4 && op.no >= 4 && op.yes % 4 == 0 && op.no % 4 == 0);
		assert_true(op.no <= left + 4); /* inet_diag_bc_audit */
		size_t step = yes ? op.yes : op.no;
		code += step;
		left -= (long)step;
	}
	return left == 0;
}

/* --- meaning --- */

static const struct {
	const char *filter;
	const char *holds; /* for which of the sockets below, a character each */
} meanings[] = {
	{ "", "1111" },
	{ "sport = :22", "1000" },
	{ "sport 22", "1000" },
	{ "sport == 22 or dport eq :443", "1110" },
	{ "dport != :443", "1001" },
	{ "dport > 442 dport < 444", "0110" },
	{ "dport >= 443 and dport <= 443", "0110" },
	{ "dport gt 65535", "0000" },
	{ "dport lt 0", "0000" },
	{ "not sport = :22", "0111" },
	{ "! sport = :22", "0111" },
	{ "not not sport = :22", "1000" },
	{ "src 10.0.0.1", "1100" },
	{ "src 10.0.0.0/8 and not dst 192.0.2.7", "1001" },
	{ "dst 192.0.2.7:443", "0110" },
	{ "dst = 192.0.2.7", "0110" },
	{ "dst != 192.0.2.7", "1001" },
	{ "dst 192.0.2.0/31", "0000" },
	{ "dst 0.0.0.0/0", "1111" },
	{ "dst 192.0.2.6/31", "0110" },
	{ "src [2001:db8::1]", "0010" },
	{ "src 2001:db8::/32", "0010" },
	{ "src [2001:db8::]/32", "0010" },
	{ "src [2001:db8::1]:50001", "0010" },
	{ "src inet:*", "1101" },
	{ "src inet6:*", "0010" },
	{ "src *", "1111" },
	{ "src *:22", "1000" },
	{ "src :22", "1000" },
	{ "( sport = :22 or dport = :443 ) and src 10.0.0.1", "1100" },
	{ "(sport=:22||dport=:443)&&src 10.0.0.1", "1100" },
	{ "sport = :22 or dport = :443 and src 10.0.0.2", "1000" },
	{ "not ( sport = :22 or dport = :443 )", "0001" },
	{ "not ( not sport = :22 and not dport = :443 )", "1110" },
	{ "( src 10.0.0.1 and ( dport = :443 or dport = :2000 ) ) or ( sport = :7 and not dport = :9 )",
	  "1101" },
	{ "dev lo", "0001" },
	{ "dev != lo", "1110" },
};

static void sockets_make(struct socket_entry sockets[4])
{
	sockets[0] = tcp("10.0.0.1", 22, "10.0.0.9", 2000);
	sockets[1] = tcp("10.0.0.1", 50000, "192.0.2.7", 443);
	sockets[2] = tcp("2001:db8::1", 50001, "::ffff:192.0.2.7", 443);
	sockets[3] = tcp("10.0.0.3", 7, "10.0.0.1", 8);
	sockets[3].interface = 1; /* lo, in every namespace */
}

static void meaning(void **state)
{
	(void)state;
	struct socket_entry sockets[4];
	sockets_make(sockets);
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
		struct socket_filter *filter = parse(meanings[i].filter);
		uint8_t code[SOCKET_CODE_MAX];
		size_t size = socket_filter_code(filter, code);
		if (*meanings[i].filter && !size)
			fail_msg("%s: no bytecode", meanings[i].filter);
		for (size_t s = 0; s < 4; s++) {
			bool wanted = meanings[i].holds[s] == '1';
			if (socket_filter_matches(filter, &sockets[s]) != wanted)
				fail_msg("'%s': socket %zu", meanings[i].filter, s);
			if (size && code_holds(code, size, &sockets[s]) != wanted)
				fail_msg("'%s': bytecode for socket %zu", meanings[i].filter, s);
		}
		socket_filter_free(filter);
	}
}

static void states(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned states;
	} cases[] = {
		{ "", 0 },
		{ "state established", 1 << SOCKET_ESTABLISHED },
		{ "state ESTAB state listen", 1 << SOCKET_ESTABLISHED | 1 << SOCKET_LISTEN },
		{ "state all", STATES_ALL },
		{ "exclude time-wait", STATES_ALL & ~(1 << SOCKET_TIME_WAIT) },
		{ "state bucket exclude syn-recv", 1 << SOCKET_TIME_WAIT },
		{ "state connected exclude bucket", STATES_CONNECTED & ~STATES_BUCKET },
		{ "state synchronized sport = :1", STATES_SYNCHRONIZED },
		{ "state big", STATES_BIG },
		{ "state closed", 1 << SOCKET_CLOSE },
		{ "state unconnected", 1 << SOCKET_CLOSE },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct socket_filter *filter = parse(cases[i].text);
		assert_int_equal(socket_filter_states(filter), cases[i].states);
		socket_filter_free(filter);
	}
}

/* Words that come apart, as the shell gives them. */
static void words(void **state)
{
	(void)state;
	static const char *const given[] = { "state", "established", "(", "dport", "=", ":443",
					     "or",    "dport",       "=", ":80",   ")" };
	struct socket_entry sockets[4];
	struct error err = ERROR_INIT;
	sockets_make(sockets);
	struct socket_filter *filter = socket_filter_parse(given, sizeof given / sizeof *given, &err);
	assert_non_null(filter);
	assert_int_equal(socket_filter_states(filter), 1 << SOCKET_ESTABLISHED);
	assert_true(socket_filter_matches(filter, &sockets[1]));
	assert_false(socket_filter_matches(filter, &sockets[0]));
	socket_filter_free(filter);
}

static void refusals(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"state",
		"state nonsense",
		"state all exclude all",
		"sport",
		"sport =",
		"sport = :x/y",
		"sport = 65536",
		"sport = :*",
		"sport = -1",
		"src 10.0.0.0/33",
		"src 2001:db8::/129",
		"src inet:2001:db8::1",
		"src inet6:10.0.0.1",
		"src > 10.0.0.1",
		"dev > lo",
		"( sport = 1",
		"sport = 1 )",
		"sport = 1 or",
		"and sport = 1",
		"not",
		"bogus 1",
		"sport = 1 state established",
		"fwmark x",
		"fwmark 0x10/",
		"fwmark 4294967296",
		"src 10.0.0.0/8/8",
		"src [::1",
		"()",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct error err = ERROR_INIT;
		struct socket_filter *filter = socket_filter_parse(&bad[i], 1, &err);
		if (filter)
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(err.status, STATUS_USAGE);
		assert_true(err.message[0] != '\0');
	}
	/* Deeper than any person writes, and as the fuzzer does. */
	char deep[4096];
	memset(deep, '(', sizeof deep - 1);
	deep[sizeof deep - 1] = '\0';
	const char *text = deep;
	struct error err = ERROR_INIT;
	assert_null(socket_filter_parse(&text, 1, &err));
	text = "dev nosuchdevice0";
	struct socket_filter *filter = socket_filter_parse(&text, 1, &err);
	assert_non_null(filter);
	assert_int_equal(socket_filter_resolve(NULL, filter, AF_UNSPEC, &err), -1);
	socket_filter_free(filter);
}

/* Paths, packet protocols and marks: not for the kernel's filter of TCP. */
static void others(void **state)
{
	(void)state;
	struct socket_entry entry = {
		.kind = SOCKET_UNIX, .family = AF_UNIX, .path = "/run/a.sock", .path_length = 12
	};
	struct socket_entry packet = {
		.kind = SOCKET_PACKET, .family = AF_PACKET, .protocol = 3, .interface = 1
	};
	uint8_t code[SOCKET_CODE_MAX];
	static const struct {
		const char *filter;
		bool unix_holds, packet_holds;
	} cases[] = {
		{ "src /run/*", true, false },      { "src unix:/run/a.sock", true, false },
		{ "src /tmp/*", false, false },     { "src unix:*", true, false },
		{ "src link:all:lo", false, true }, { "src link:0x800", false, false },
		{ "src link:*", false, true },      { "sport != 22", true, true },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct socket_filter *filter = parse(cases[i].filter);
		assert_int_equal(socket_filter_matches(filter, &entry), cases[i].unix_holds);
		assert_int_equal(socket_filter_matches(filter, &packet), cases[i].packet_holds);
		if (i + 1 < sizeof cases / sizeof *cases)
			assert_int_equal(socket_filter_code(filter, code), 0);
		socket_filter_free(filter);
	}
	struct socket_filter *filter = parse("fwmark 0x10/0xf0");
	struct socket_entry marked = tcp("10.0.0.1", 1, "10.0.0.2", 2);
	assert_false(socket_filter_matches(filter, &marked));
	marked.has_mark = true;
	marked.mark = 0x13;
	assert_true(socket_filter_matches(filter, &marked));
	assert_true(socket_filter_code(filter, code) > 0);
	socket_filter_free(filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(meaning), cmocka_unit_test(states),
					    cmocka_unit_test(words), cmocka_unit_test(refusals),
					    cmocka_unit_test(others) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
