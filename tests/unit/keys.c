/* Bytes of a terminal as keys: characters, sequences, cuts, and a lone ESC. */
#include "out/keys.h"
#include "ntsh/live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int only_key(const char *bytes)
{
	int key = -2;
	assert_int_equal(keys_read(bytes, strlen(bytes), false, &key), strlen(bytes));
	return key;
}

static void keys(void **state)
{
	(void)state;
	assert_int_equal(only_key("q"), 'q');
	assert_int_equal(only_key("\xc3\xa4"), 0xe4);
	assert_int_equal(only_key("\x1b[A"), LIVE_KEY_UP);
	assert_int_equal(only_key("\x1bOB"), LIVE_KEY_DOWN);
	assert_int_equal(only_key("\x1b[5~"), LIVE_KEY_PAGE_UP);
	assert_int_equal(only_key("\x1b[1;5C"), LIVE_KEY_RIGHT);
	assert_int_equal(only_key("\x1b[200~"), -1);
	int key;
	assert_int_equal(keys_read("\x1b", 1, false, &key), 0);
	assert_int_equal(keys_read("\x1b", 1, true, &key), 1);
	assert_int_equal(key, LIVE_KEY_ESCAPE);
	assert_int_equal(keys_read("\xc3", 1, false, &key), 0);
	assert_int_equal(keys_read("\xc3", 1, true, &key), 1);
	assert_int_equal(key, -1);
	assert_int_equal(keys_read("\x1b[", 2, false, &key), 0);
	assert_int_equal(keys_read("", 0, true, &key), 0);
	char endless[64];
	memset(endless, '1', sizeof endless);
	memcpy(endless, "\x1b[", 2);
	assert_true(keys_read(endless, sizeof endless, false, &key) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(keys) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
