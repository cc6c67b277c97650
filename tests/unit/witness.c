/* Segments as the raw socket sees them (RFC 9293 3.1). */
#include "ntsh/witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t syn_ack[] = { 0x01, 0xbb, 0xc3, 0x50, 0, 0, 0, 7, 0, 0, 1, 0,
				   0x60, 0x12, 0xfa, 0xf0, 0, 0, 0, 0, 2, 4, 5, 0xb4 };

static void test_fields(void **state)
{
	(void)state;
	struct witness_segment segment = { 0 };
	assert_int_equal(witness_parse(syn_ack, sizeof syn_ack, &segment), 0);
	assert_int_equal(segment.from_port, 443);
	assert_int_equal(segment.to_port, 50000);
	assert_int_equal(segment.seq, 7);
	assert_int_equal(segment.ack, 256);
	assert_int_equal(segment.window, 64240);
	assert_true(segment.syn && segment.ack_set && !segment.rst && !segment.fin);
	assert_int_equal(segment.payload, 0);
}

static void test_payload_begins_behind_the_options(void **state)
{
	(void)state;
	uint8_t bytes[sizeof syn_ack + 3] = { 0 };
	struct witness_segment segment = { 0 };
	memcpy(bytes, syn_ack, sizeof syn_ack);
	assert_int_equal(witness_parse(bytes, sizeof bytes, &segment), 0);
	assert_int_equal(segment.payload, 3);
}

static void test_what_is_too_short(void **state)
{
	(void)state;
	struct witness_segment segment = { 0 };
	uint8_t bytes[sizeof syn_ack];
	memcpy(bytes, syn_ack, sizeof bytes);
	assert_int_equal(witness_parse(bytes, 19, &segment), -1);
	assert_int_equal(witness_parse(bytes, 23, &segment), -1); /* the options are cut */
	bytes[12] = 0x40;
	assert_int_equal(witness_parse(bytes, sizeof bytes, &segment),
			 -1); /* a header shorter than a header */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_payload_begins_behind_the_options),
		cmocka_unit_test(test_what_is_too_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
