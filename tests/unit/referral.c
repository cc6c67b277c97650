#include "net/dns/referral.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FOLDER "tests/unit/dnssec/"

static struct dns_message *message_of(const char *file)
{
	uint8_t bytes[8192];
	char path[256];
	snprintf(path, sizeof path, FOLDER "%s", file);
	FILE *in = fopen(path, "rb");
	assert_non_null(in);
	size_t length = fread(bytes, 1, sizeof bytes, in);
	fclose(in);
	struct dns_message *message = dns_message_parse(bytes, length, NULL);
	assert_non_null(message);
	return message;
}

static struct dns_name name_of(const char *text)
{
	struct dns_name name;
	assert_int_equal(dns_name_parse(text, &name, NULL), 0);
	return name;
}

/* changed: what is done to the answer first. */
enum changed { AS_IS, WITHOUT_AA, WITH_AA, RCODE_2, RCODE_5, RCODE_1 };

static const struct {
	const char *file, *zone, *name;
	uint16_t type;
	enum changed changed;
	enum walk_reply reply;
	const char *leads; /* cut or target */
} cases[] = {
	{ "p256.www.A", "p256.example", "www.p256.example", RR_A, AS_IS, WALK_ANSWER, NULL },
	{ "p256.www.A", "p256.example", "WWW.p256.example", RR_A, AS_IS, WALK_ANSWER, NULL },
	{ "p256.www.A", "p256.example", "www.p256.example", RR_A, WITHOUT_AA, WALK_NOT_AUTHORITATIVE, NULL },
	{ "p256.www.TXT", "p256.example", "www.p256.example", RR_TXT, AS_IS, WALK_NO_DATA, NULL },
	{ "p256.www.TXT", "p256.example", "www.p256.example", RR_TXT, WITHOUT_AA, WALK_NOT_AUTHORITATIVE,
	  NULL },
	{ "p256.nope.A", "p256.example", "nope.p256.example", RR_A, AS_IS, WALK_NO_NAME, NULL },
	{ "p256.nope.A", "p256.example", "nope.p256.example", RR_A, WITHOUT_AA, WALK_NOT_AUTHORITATIVE,
	  NULL },
	{ "p256.nope.A", "p256.example", "nope.p256.example", RR_A, RCODE_2, WALK_SERVFAIL, NULL },
	{ "p256.nope.A", "p256.example", "nope.p256.example", RR_A, RCODE_5, WALK_REFUSED, NULL },
	{ "p256.nope.A", "p256.example", "nope.p256.example", RR_A, RCODE_1, WALK_ERROR, NULL },
	{ "p256.alias.A", "p256.example", "alias.p256.example", RR_A, AS_IS, WALK_ALIAS, "www.p256.example" },
	{ "p256.alias.A", "p256.example", "alias.p256.example", RR_CNAME, AS_IS, WALK_ANSWER, NULL },
	{ "p256.x_plain.A", "p256.example", "x.plain.p256.example", RR_A, AS_IS, WALK_REFERRAL,
	  "plain.p256.example" },
	{ "p256.x_plain.A", "example", "x.plain.p256.example", RR_A, AS_IS, WALK_REFERRAL,
	  "plain.p256.example" },
	{ "p256.x_plain.A", "plain.p256.example", "x.plain.p256.example", RR_A, AS_IS, WALK_UPWARD, NULL },
	{ "p256.x_plain.A", "x.plain.p256.example", "x.plain.p256.example", RR_A, AS_IS, WALK_UPWARD, NULL },
	{ "p256.x_plain.A", "p256.example", "x.other.example", RR_A, AS_IS, WALK_NOT_AUTHORITATIVE, NULL },
	{ "p256.x_plain.A", "p256.example", "x.other.example", RR_A, WITH_AA, WALK_NO_DATA, NULL },
};

static void change(struct dns_message *message, enum changed how)
{
	message->aa = how == WITH_AA || (message->aa && how != WITHOUT_AA);
	message->rcode = how == RCODE_2 ? 2 : how == RCODE_5 ? 5 : how == RCODE_1 ? 1 : message->rcode;
}

static void test_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dns_message *message = message_of(cases[i].file);
		struct dns_name zone = name_of(cases[i].zone), name = name_of(cases[i].name), cut, target;
		change(message, cases[i].changed);
		enum walk_reply reply = referral_judge(message, &zone, &name, cases[i].type, &cut, &target);
		if (reply != cases[i].reply)
			fail_msg("case %zu: %s instead of %s", i, walk_reply_word(reply),
				 walk_reply_word(cases[i].reply));
		if (cases[i].leads) {
			struct dns_name leads = name_of(cases[i].leads);
			assert_true(dns_name_equal(reply == WALK_ALIAS ? &target : &cut, &leads));
		}
		dns_message_free(message);
	}
}

static void test_apex(void **state)
{
	(void)state;
	static const struct {
		const char *file, *zone, *name, *apex;
	} apexes[] = {
		{ "p256.www.A", "example", "www.p256.example", "p256.example" },
		{ "p256.nope.A", "example", "nope.p256.example", "p256.example" },
		{ "p256.www.TXT", ".", "www.p256.example", "p256.example" },
		{ "p256.www.A", "other", "www.p256.example", NULL },
		{ "p256.www.A", "example", "www.other.example", NULL },
	};
	for (size_t i = 0; i < sizeof apexes / sizeof *apexes; i++) {
		struct dns_message *message = message_of(apexes[i].file);
		struct dns_name zone = name_of(apexes[i].zone), name = name_of(apexes[i].name), apex;
		bool found = referral_apex(message, &zone, &name, &apex);
		assert_int_equal(found, apexes[i].apex != NULL);
		if (found) {
			struct dns_name expected = name_of(apexes[i].apex);
			assert_true(dns_name_equal(&apex, &expected));
		}
		dns_message_free(message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_replies), cmocka_unit_test(test_apex) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
