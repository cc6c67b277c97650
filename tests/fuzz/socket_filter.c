/* The filter language: any text either makes a filter, whose bytecode passes the kernel's audit and which holds or not, or one line of error. */
#include "net/sockets/code.h"
#include "ntsh/sockets.h"

#include <linux/inet_diag.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* inet_diag_bc_audit (net/ipv4/inet_diag.c): each operation lies within the code, and each jump ends at one, or 4 bytes behind the end. */
static void audit(const uint8_t *code, size_t size)
{
	bool begins[SOCKET_CODE_MAX + 8] = { [0] = true };
	for (size_t at = 0; at < size;) {
		struct inet_diag_bc_op op;
		memcpy(&op, code + at, sizeof op);
		if (op.yes < 4 || at + op.yes > size)
			abort();
		at += op.yes;
		begins[at] = true;
	}
	begins[size + 4] = true;
	for (size_t at = 0; at < size;) {
		struct inet_diag_bc_op op;
		memcpy(&op, code + at, sizeof op);
		if (op.no < 4 || at + op.no > size + 4 || !begins[at + op.no])
			abort();
		at += op.yes;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct socket_entry kinds[] = {
		{ .kind = SOCKET_TCP,
		  .local = { .family = AF_INET, .port = 22 },
		  .peer = { .family = AF_INET6, .port = 443 } },
		{ .kind = SOCKET_UNIX, .family = AF_UNIX, .path = "/run/x", .path_length = 7 },
		{ .kind = SOCKET_PACKET, .family = AF_PACKET, .protocol = 3 },
	};
	struct error err = ERROR_INIT;
	char *text = strndup((const char *)data, size);
	const char *word = text;
	struct socket_filter *filter = socket_filter_parse(&word, 1, &err);
	if (!filter && (err.status != STATUS_USAGE || !err.message[0]))
		abort();
	if (filter) {
		uint8_t code[SOCKET_CODE_MAX];
		audit(code, socket_filter_code(filter, code));
		for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
			(void)socket_filter_matches(filter, &kinds[i]);
		(void)socket_filter_states(filter);
	}
	socket_filter_free(filter);
	free(text);
	return 0;
}
