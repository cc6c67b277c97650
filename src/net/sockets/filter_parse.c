/* The words of the filter language become a tree. */
#include "net/sockets/filter.h"
#include "net/sockets/filter_words.h"

#include "base/mem.h"
#include "ntsh/sockets.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct parser {
	struct filter_tokens tokens;
	struct socket_filter *filter;
	struct error *err;
	unsigned depth;
};

static const char *peek(const struct parser *p)
{
	return p->tokens.at < p->tokens.count ? p->tokens.words[p->tokens.at] : NULL;
}

static const char *take(struct parser *p)
{
	const char *word = peek(p);
	if (word)
		p->tokens.at++;
	return word;
}

/* True when the next word is one of the spellings (separated by blanks); it is taken then. */
static bool take_if(struct parser *p, const char *spellings)
{
	const char *word = peek(p);
	if (!word || !filter_word_is(word, spellings))
		return false;
	p->tokens.at++;
	return true;
}

static int fail(struct parser *p, const char *hint, const char *what)
{
	const char *word = peek(p);
	return error_set(p->err, STATUS_USAGE, "EUSAGE", hint, "%s %s%.100s%s in the filter", what,
			 word ? "at '" : "at its end", word ? word : "", word ? "'" : "");
}

static int node_new(struct parser *p, enum filter_op op, int left, int right)
{
	struct socket_filter *filter = p->filter;
	if (filter->node_count == FILTER_NODES_MAX)
		return error_set(p->err, STATUS_USAGE, "EUSAGE", "use prefixes and ranges of ports",
				 "the filter has more than %d parts", FILTER_NODES_MAX);
	filter->nodes[filter->node_count] =
	    (struct filter_node){ .op = op, .left = (uint16_t)left, .right = (uint16_t)right };
	return (int)filter->node_count++;
}

static int read_either(struct parser *p);

static const struct {
	const char *spelling;
	enum filter_field field;
} fields[] = {
	{ "src", FIELD_SRC },       { "dst", FIELD_DST },
	{ "sport", FIELD_SPORT },   { "dport", FIELD_DPORT },
	{ "dev", FIELD_DEV },       { "fwmark", FIELD_MARK },
	{ "cgroup", FIELD_CGROUP }, { "autobound", FIELD_AUTOBOUND },
};

static const struct {
	const char *spellings;
	enum filter_compare compare;
} compares[] = {
	{ "= == eq", COMPARE_EQ },   { "!= ne neq", COMPARE_NE }, { "< lt", COMPARE_LT },
	{ "<= le leq", COMPARE_LE }, { "> gt", COMPARE_GT },      { ">= ge geq", COMPARE_GE },
};

static enum filter_compare read_compare(struct parser *p)
{
	for (size_t i = 0; i < sizeof compares / sizeof *compares; i++)
		if (take_if(p, compares[i].spellings))
			return compares[i].compare;
	return COMPARE_EQ;
}

/* "dport >= :1024". Returns the node, or -1. */
static int read_condition(struct parser *p)
{
	size_t i = 0, count = sizeof fields / sizeof *fields;
	while (i < count && !take_if(p, fields[i].spelling))
		i++;
	if (i == count)
		return fail(p,
			    "a condition begins with src, dst, sport, dport, dev, fwmark, cgroup or "
			    "autobound; state comes first",
			    "no condition");
	int node = node_new(p, FILTER_CONDITION, 0, 0);
	if (node < 0)
		return -1;
	struct filter_condition *condition = NEW(struct filter_condition);
	p->filter->nodes[node].condition = condition;
	condition->field = fields[i].field;
	condition->port = PORT_ANY;
	if (condition->field == FIELD_AUTOBOUND)
		return node;
	condition->compare = read_compare(p);
	bool number = condition->field == FIELD_SPORT || condition->field == FIELD_DPORT;
	if (!number && condition->compare > COMPARE_NE) {
		p->tokens.at--;
		return fail(p, "only sport and dport are more or less than something; = and != are left",
			    "no such comparison");
	}
	const char *value = peek(p);
	if (!value || filter_word_is(value, "( ) and or not && || & | !"))
		return fail(p, number ? "write a port: dport = :443" : "write a value after it",
			    "a value is missing");
	p->tokens.at++;
	return filter_value_read(condition, value, p->err) < 0 ? -1 : node;
}

static int read_one(struct parser *p)
{
	if (++p->depth > FILTER_DEPTH_MAX)
		return error_set(p->err, STATUS_USAGE, "EUSAGE", NULL,
				 "the filter nests deeper than %d levels", FILTER_DEPTH_MAX);
	int node;
	if (take_if(p, "not !")) {
		node = read_one(p);
		node = node < 0 ? -1 : node_new(p, FILTER_NOT, node, 0);
	} else if (take_if(p, "(")) {
		node = read_either(p);
		if (node >= 0 && !take_if(p, ")"))
			return fail(p, "each ( needs its )", "a ) is missing");
	} else {
		node = read_condition(p);
	}
	p->depth--;
	return node;
}

/* E and E, E E */
static int read_both(struct parser *p)
{
	int left = read_one(p);
	while (left >= 0 && peek(p) && !filter_word_is(peek(p), ") or || |")) {
		take_if(p, "and && &");
		int right = read_one(p);
		left = right < 0 ? -1 : node_new(p, FILTER_AND, left, right);
	}
	return left;
}

static int read_either(struct parser *p)
{
	int left = read_both(p);
	while (left >= 0 && take_if(p, "or || |")) {
		int right = read_both(p);
		left = right < 0 ? -1 : node_new(p, FILTER_OR, left, right);
	}
	return left;
}

/* state STATE, exclude STATE: several add up. */
static int read_states(struct parser *p)
{
	unsigned named = 0, excluded = 0;
	for (;;) {
		bool exclude = take_if(p, "exclude excl");
		if (!exclude && !take_if(p, "state"))
			break;
		const char *word = take(p);
		unsigned states = word ? filter_states_named(word) : 0;
		if (!states) {
			char hint[ERROR_HINT_MAX];
			if (word)
				p->tokens.at--;
			filter_state_hint(word, hint, sizeof hint);
			return fail(p, hint, word ? "no such state" : "a state is missing");
		}
		*(exclude ? &excluded : &named) |= states;
	}
	if (excluded)
		named = (named ? named : STATES_ALL) & ~excluded;
	p->filter->states = named;
	return excluded && !named
		   ? error_set(p->err, STATUS_USAGE, "EUSAGE", NULL, "the filter excludes every state")
		   : 0;
}

struct socket_filter *socket_filter_parse(const char *const *words, size_t count, struct error *err)
{
	struct parser p = { .filter = NEW(struct socket_filter), .err = err };
	int bad = filter_tokens_read(words, count, &p.tokens, err);
	p.filter->root = -1;
	if (bad == 0)
		bad = read_states(&p);
	if (bad == 0 && peek(&p)) {
		p.filter->root = read_either(&p);
		bad = p.filter->root < 0 ? -1 : 0;
	}
	if (bad == 0 && peek(&p))
		bad = fail(&p, "each ) needs its (", "one ) too many");
	filter_tokens_release(&p.tokens);
	if (bad == 0)
		return p.filter;
	socket_filter_free(p.filter);
	return NULL;
}

void socket_filter_free(struct socket_filter *filter)
{
	if (!filter)
		return;
	for (size_t i = 0; i < filter->node_count; i++) {
		if (filter->nodes[i].condition)
			free(filter->nodes[i].condition->name);
		free(filter->nodes[i].condition);
	}
	free(filter);
}

unsigned socket_filter_states(const struct socket_filter *filter)
{
	return filter->states;
}
