/* lab_lookup NAME [4|6]: one look-up as a program here would make it, measured by ntsh, as one line of JSON. */
#include "ntsh/lookup.h"

#include <stdio.h>
#include <stdlib.h>

static bool done;

static long milliseconds(ns_t ns)
{
	return ns == NS_NEVER ? -1 : (long)(ns / NS_PER_MS);
}

static void looked_up(struct loop *loop, const struct lookup_result *result, void *arg)
{
	(void)loop;
	(void)arg;
	printf("{\"outcome\": %d, \"source\": %d, \"wait_ms\": %ld, \"took_ms\": %ld, \"dead\": %d, "
	       "\"questions\": %zu, ",
	       result->outcome, result->source, milliseconds(result->program_wait),
	       milliseconds(result->took), result->dead_servers, result->answer_count);
	printf("\"message\": \"%s\", \"found_as\": \"%s\", \"addrs\": [", result->error.message,
	       result->found_as);
	for (size_t i = 0; i < result->addr_count; i++) {
		char text[ADDR_TEXT_MAX];
		printf("%s\"%s\"", i ? ", " : "", addr_format(&result->addrs[i], text));
	}
	printf("]}\n");
	done = true;
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	struct loop *loop = loop_new(&err);
	int family = argc < 3 ? AF_UNSPEC : argv[2][0] == '4' ? AF_INET : AF_INET6;
	if (!loop || argc < 2 ||
	    !lookup_start(loop, argv[1], family, 600 * NS_PER_MS, looked_up, NULL, &err)) {
		fprintf(stderr, "%s\n", err.message);
		return 2;
	}
	loop_run(loop, &done);
	loop_free(loop);
	return 0;
}
