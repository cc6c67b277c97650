#include "net/sockets/code.h"

#include "net/sockets/filter.h"

#include <linux/inet_diag.h>
#include <string.h>

/* Operations that later headers name (include/uapi/linux/inet_diag.h). */
enum { CODE_MARK = 10, CODE_CGROUP = 13 };

/* Each piece goes on behind its end when it holds, and 4 bytes further when it does not: there the next piece puts a jump, or the kernel
 * sees a length that does not fit and drops the socket. */
struct code {
	uint8_t bytes[SOCKET_CODE_MAX];
	size_t length;
	bool failed; /* too long, or nothing that the kernel knows */
};

static void put(struct code *code, const void *bytes, size_t length)
{
	if (code->failed || length > sizeof code->bytes - code->length) {
		code->failed = true;
		return;
	}
	if (length)
		memcpy(code->bytes + code->length, bytes, length);
	code->length += length;
}

/* An operation with size bytes of arguments behind it. */
static void put_op(struct code *code, uint8_t op, const void *arguments, size_t size)
{
	struct inet_diag_bc_op head = { op, (unsigned char)(4 + size), (unsigned short)(8 + size) };
	put(code, &head, sizeof head);
	put(code, arguments, size);
}

/* A jump by distance, whatever holds. */
static void put_jump(struct code *code, size_t distance)
{
	struct inet_diag_bc_op head = { INET_DIAG_BC_JMP, 4, (unsigned short)distance };
	put(code, &head, sizeof head);
}

/* What left the piece from..to as "does not hold" (4 behind its end) is to go by further on. */
static void move_exits(struct code *code, size_t from, size_t to, size_t by)
{
	for (size_t at = from; at + sizeof(struct inet_diag_bc_op) <= to;) {
		struct inet_diag_bc_op op;
		memcpy(&op, code->bytes + at, sizeof op);
		if (at + op.no == to + 4) {
			op.no = (unsigned short)(op.no + by);
			memcpy(code->bytes + at, &op, sizeof op);
		}
		at += op.yes;
	}
}

static void negate(struct code *code)
{
	put_jump(code, 8);
}

static void never(struct code *code)
{
	put_jump(code, 8);
}

/* --- conditions --- */

/* A port comparison has its number in a second operation's place. */
static void put_port(struct code *code, const struct filter_condition *condition)
{
	bool source = condition->field == FIELD_SPORT;
	int32_t port = condition->port;
	bool more = condition->compare == COMPARE_GE || condition->compare == COMPARE_GT;
	struct inet_diag_hostcond exact = { .family = AF_UNSPEC, .port = port };
	if (condition->compare <= COMPARE_NE) {
		put_op(code, source ? INET_DIAG_BC_S_COND : INET_DIAG_BC_D_COND, &exact, sizeof exact);
		return;
	}
	port += condition->compare == COMPARE_GT ? 1 : condition->compare == COMPARE_LT ? -1 : 0;
	if (port < 0 || port > UINT16_MAX) {
		never(code);
		return;
	}
	struct inet_diag_bc_op argument = { .no = (unsigned short)port };
	put_op(code,
	       source ? more ? INET_DIAG_BC_S_GE : INET_DIAG_BC_S_LE
	       : more ? INET_DIAG_BC_D_GE
		      : INET_DIAG_BC_D_LE,
	       &argument, sizeof argument);
}

static void put_address(struct code *code, const struct filter_condition *condition, const struct addr *addr)
{
	struct inet_diag_hostcond head = { .family = (uint8_t)condition->family, .port = condition->port };
	uint8_t host[sizeof head + 16];
	size_t size = addr ? addr_length(addr->family) : 0;
	if (addr) {
		head.family = (uint8_t)addr->family;
		head.prefix_len = (uint8_t)(condition->prefix > 8 * size ? 8 * size : condition->prefix);
		memcpy(host + sizeof head, addr->bytes, size);
		code->failed |= addr->zone != 0; /* the kernel compares no zones */
	}
	memcpy(host, &head, sizeof head);
	put_op(code, condition->field == FIELD_SRC ? INET_DIAG_BC_S_COND : INET_DIAG_BC_D_COND, host,
	       sizeof head + size);
}

/* a or b: what makes a hold jumps over b. */
static void begin_or(struct code *code, size_t *jump)
{
	*jump = code->length;
	put_jump(code, 0);
}

static void end_or(struct code *code, size_t jump)
{
	struct inet_diag_bc_op op = { INET_DIAG_BC_JMP, 4, (unsigned short)(code->length - jump) };
	if (!code->failed)
		memcpy(code->bytes + jump, &op, sizeof op);
}

static void put_host(struct code *code, const struct filter_condition *condition)
{
	size_t jumps[FILTER_ADDRESSES_MAX];
	if (condition->family == AF_UNIX || condition->family == AF_PACKET) {
		code->failed = true;
		return;
	}
	if (condition->any) {
		put_address(code, condition, NULL);
		return;
	}
	if (!condition->address_count)
		never(code);
	for (size_t i = 0; i < condition->address_count; i++) {
		if (i)
			begin_or(code, &jumps[i]);
		put_address(code, condition, &condition->addresses[i]);
	}
	for (size_t i = 1; i < condition->address_count; i++)
		end_or(code, jumps[i]);
}

static void put_condition(struct code *code, const struct filter_condition *condition)
{
	struct inet_diag_markcond mark = { condition->number, condition->mask };
	switch (condition->field) {
	case FIELD_SRC:
	case FIELD_DST:
		put_host(code, condition);
		break;
	case FIELD_SPORT:
	case FIELD_DPORT:
		put_port(code, condition);
		break;
	case FIELD_DEV:
		put_op(code, INET_DIAG_BC_DEV_COND, &condition->number, sizeof condition->number);
		break;
	case FIELD_MARK:
		put_op(code, CODE_MARK, &mark, sizeof mark);
		break;
	case FIELD_CGROUP:
		put_op(code, CODE_CGROUP, &condition->id, sizeof condition->id);
		break;
	case FIELD_AUTOBOUND:
		put_op(code, INET_DIAG_BC_AUTO, NULL, 0);
		break;
	}
	if (condition->compare == COMPARE_NE)
		negate(code);
}

static void put_node(struct code *code, const struct socket_filter *filter, size_t index)
{
	const struct filter_node *node = &filter->nodes[index];
	size_t begin = code->length, middle, jump;
	switch (node->op) {
	case FILTER_CONDITION:
		put_condition(code, node->condition);
		break;
	case FILTER_NOT:
		put_node(code, filter, node->left);
		negate(code);
		break;
	case FILTER_AND:
		put_node(code, filter, node->left);
		middle = code->length;
		put_node(code, filter, node->right);
		if (!code->failed)
			move_exits(code, begin, middle, code->length - middle);
		break;
	case FILTER_OR:
		put_node(code, filter, node->left);
		begin_or(code, &jump);
		put_node(code, filter, node->right);
		end_or(code, jump);
		break;
	}
}

size_t socket_filter_code(const struct socket_filter *filter, uint8_t out[SOCKET_CODE_MAX])
{
	struct code code = { .length = 0 };
	if (filter->root < 0)
		return 0;
	put_node(&code, filter, (size_t)filter->root);
	if (code.failed)
		return 0;
	memcpy(out, code.bytes, code.length);
	return code.length;
}
