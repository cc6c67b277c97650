/* Walks a command's words by its option table. */
#include "base/mem.h"
#include "opt/parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct table {
	const struct option *options;
	void *args;
	bool *seen; /* by index: given by the user */
	size_t count;
	bool common; /* long names and digits only */
};

struct parser {
	struct table tables[2]; /* the command's own, the common one */
	size_t table_count;
	int argc;
	const char *const *argv;
	int at;        /* the word being read */
	int *operands; /* indexes of words */
	size_t operand_count;
	struct opt_store *store;
	struct error *err;
	bool leading, help;
};

static size_t option_count(const struct option *table)
{
	size_t count = 0;
	while (table[count].name)
		count++;
	return count;
}

static void table_init(struct table *table, const struct option *options, void *args, bool common)
{
	*table = (struct table){
		.options = options, .args = args, .count = option_count(options), .common = common
	};
	table->seen = mem_alloc(table->count * sizeof *table->seen);
}

/* Finds an option by style and either its letter or its name (length bytes). Its table goes to *where. */
static const struct option *find(struct parser *p, enum option_style style, char letter, const char *name,
				 size_t length, struct table **where)
{
	for (size_t t = 0; t < p->table_count; t++) {
		struct table *table = &p->tables[t];
		for (size_t i = 0; i < table->count; i++) {
			const struct option *option = &table->options[i];
			if (option->style != style)
				continue;
			bool by_letter = letter && option->letter == letter &&
					 (!table->common || (letter >= '0' && letter <= '9'));
			bool by_name =
			    name && strlen(option->name) == length && memcmp(option->name, name, length) == 0;
			if (by_letter || by_name) {
				*where = table;
				return option;
			}
		}
	}
	return NULL;
}

static void mark(struct table *table, const struct option *option)
{
	table->seen[option - table->options] = true;
}

static int give(struct parser *p, struct table *table, const struct option *option, const char *text,
		const char *spelling)
{
	mark(table, option);
	return opt_store_value(option, table->args, text, spelling, p->store, p->err);
}

static int flag(struct parser *p, struct table *table, const struct option *option, bool on)
{
	mark(table, option);
	opt_store_flag(option, table->args, on, p->store);
	return 0;
}

static int value_missing(struct parser *p, const struct option *option, const char *spelling)
{
	return error_set(p->err, STATUS_USAGE, "EUSAGE", option->help, "%s wants a value: %s", spelling,
			 option->metavar ? option->metavar : option->name);
}

/* The value is the next word. */
static int give_next(struct parser *p, struct table *table, const struct option *option, const char *spelling)
{
	if (p->at + 1 >= p->argc)
		return value_missing(p, option, spelling);
	return give(p, table, option, p->argv[++p->at], spelling);
}

static int unknown(struct parser *p, enum option_style style, const char *mark_text, const char *word)
{
	struct opt_near near = { .text = word };
	char hint[ERROR_HINT_MAX] = "see --help", shown[OPT_SPELLING_MAX];
	size_t prefix = strlen(mark_text);
	for (size_t t = 0; t < p->table_count; t++) {
		for (size_t i = 0; i < p->tables[t].count; i++) {
			const struct option *option = &p->tables[t].options[i];
			if (option->style != style || (option->flags & OPTION_HIDDEN))
				continue;
			snprintf(shown, sizeof shown, "%s%s", mark_text, option->name);
			opt_near_offer(&near, shown);
		}
	}
	opt_near_hint(&near, hint, sizeof hint);
	if (strlen(word) <= prefix)
		snprintf(hint, sizeof hint, "see --help");
	return error_set(p->err, STATUS_USAGE, "EUSAGE", hint, "unknown option %.200s", word);
}

/* --name, --name=value, --no-name */
static int read_long(struct parser *p, const char *word)
{
	const char *name = word + 2, *equals = strchr(name, '=');
	size_t length = equals ? (size_t)(equals - name) : strlen(name);
	char spelling[OPT_SPELLING_MAX];
	snprintf(spelling, sizeof spelling, "--%.*s", (int)length, name);
	struct table *table;
	const struct option *option = find(p, STYLE_DASH, 0, name, length, &table);
	bool negated = false;
	if (!option && strcmp(word, "--help") == 0) {
		p->help = true;
		return 0;
	}
	if (!option && length > 3 && strncmp(name, "no-", 3) == 0) {
		option = find(p, STYLE_DASH, 0, name + 3, length - 3, &table);
		negated = option && !opt_takes_value(option);
		if (!negated)
			option = NULL;
	}
	if (!option)
		return unknown(p, STYLE_DASH, "--", spelling);
	if (!opt_takes_value(option)) {
		if (equals)
			return error_set(p->err, STATUS_USAGE, "EUSAGE", NULL, "%s takes no value", spelling);
		return flag(p, table, option, !negated);
	}
	return equals ? give(p, table, option, equals + 1, spelling) : give_next(p, table, option, spelling);
}

/* -a, -abc, -c5, -c 5 */
static int read_letters(struct parser *p, const char *word)
{
	for (const char *letter = word + 1; *letter; letter++) {
		char spelling[3] = { '-', *letter, '\0' };
		struct table *table;
		const struct option *option = find(p, STYLE_DASH, *letter, NULL, 0, &table);
		if (!option && *letter == 'h') {
			p->help = true;
			return 0;
		}
		if (!option && letter == word + 1)
			return unknown(p, STYLE_DASH, "--", word);
		if (!option)
			return error_set(p->err, STATUS_USAGE, "EUSAGE", "see --help",
					 "unknown option -%c in %.100s", *letter, word);
		if (!opt_takes_value(option))
			flag(p, table, option, true);
		else if (letter[1])
			return give(p, table, option, letter + 1, spelling);
		else
			return give_next(p, table, option, spelling);
	}
	return 0;
}

/* +cookie and +nocookie of an option whose value may be left out. */
static void give_bare(struct table *table, const struct option *option, bool on)
{
	static const char *const texts[] = { NULL, "" };
	mark(table, option);
	memcpy((char *)table->args + option->offset, &texts[on], sizeof texts[on]);
}

/* +tcp, +notcp, +bufsize=1232 */
static int read_plus(struct parser *p, const char *word)
{
	const char *name = word + 1, *equals = strchr(name, '=');
	size_t length = equals ? (size_t)(equals - name) : strlen(name);
	char spelling[OPT_SPELLING_MAX];
	snprintf(spelling, sizeof spelling, "+%.*s", (int)length, name);
	struct table *table;
	bool on = true;
	const struct option *option = find(p, STYLE_PLUS, 0, name, length, &table);
	if (!option && length > 2 && strncmp(name, "no", 2) == 0) {
		option = find(p, STYLE_PLUS, 0, name + 2, length - 2, &table);
		on = false;
	}
	bool bare = option && (option->flags & OPTION_BARE);
	if (!option || (!on && opt_takes_value(option) && !bare))
		return unknown(p, STYLE_PLUS, "+", spelling);
	if (bare && !equals) {
		give_bare(table, option, on);
		return 0;
	}
	if (!opt_takes_value(option))
		return equals ? error_set(p->err, STATUS_USAGE, "EUSAGE", NULL, "%s takes no value", spelling)
			      : flag(p, table, option, on);
	return equals ? give(p, table, option, equals + 1, spelling) : value_missing(p, option, spelling);
}

static bool has_style(const struct parser *p, enum option_style style)
{
	for (size_t t = 0; t < p->table_count; t++)
		for (size_t i = 0; i < p->tables[t].count; i++)
			if (p->tables[t].options[i].style == style)
				return true;
	return false;
}

/* A word that begins with no mark: a keyword or an operand. */
static int read_bare(struct parser *p, const char *word, bool options_ended)
{
	struct table *table;
	const struct option *option = NULL;
	if (!options_ended)
		option = find(p, STYLE_KEYWORD, 0, word, strlen(word), &table);
	if (option)
		return opt_takes_value(option) ? give_next(p, table, option, word)
					       : flag(p, table, option, true);
	p->operands[p->operand_count++] = p->at;
	return 0;
}

static int read_at(struct parser *p, const char *word)
{
	for (size_t i = 0; i < p->tables[0].count; i++)
		if (p->tables[0].options[i].style == STYLE_AT)
			return give(p, &p->tables[0], &p->tables[0].options[i], word + 1, "@");
	return 0;
}

static int read_words(struct parser *p)
{
	bool ended = false, plus = has_style(p, STYLE_PLUS), at = has_style(p, STYLE_AT);
	for (p->at = 0; p->at < p->argc; p->at++) {
		const char *word = p->argv[p->at];
		int bad;
		if (!ended && strcmp(word, "--") == 0) {
			ended = true;
			continue;
		}
		if (!ended && word[0] == '-' && word[1] == '-')
			bad = read_long(p, word);
		else if (!ended && word[0] == '-' && word[1])
			bad = read_letters(p, word);
		else if (p->leading)
			return 0;
		else if (!ended && plus && word[0] == '+' && word[1])
			bad = read_plus(p, word);
		else if (!ended && at && word[0] == '@' && word[1])
			bad = read_at(p, word);
		else
			bad = read_bare(p, word, ended);
		if (bad < 0)
			return -1;
		if (p->help)
			return 0;
	}
	return 0;
}

/* "HOST" for messages. */
static const char *operand_name(const struct option *option)
{
	return option->metavar ? option->metavar : option->name;
}

static int give_operand(struct parser *p, const struct option *option, size_t which)
{
	p->at = p->operands[which];
	return give(p, &p->tables[0], option, p->argv[p->at], operand_name(option));
}

static int operand_missing(struct parser *p, const struct option *option)
{
	char hint[ERROR_HINT_MAX];
	snprintf(hint, sizeof hint, "%s: %.150s (see --help)", operand_name(option), option->help);
	p->at = p->argc;
	return error_set(p->err, STATUS_USAGE, "EUSAGE", hint, "%s is missing", operand_name(option));
}

/* An operand that is a DNS type is taken out of the row wherever it stands, as dig does ("dig a.example MX b.example"). */
static int take_dns_type(struct parser *p, const struct option *option)
{
	for (size_t i = 0; i < p->operand_count; i++) {
		if (!opt_is_dns_type(option, p->argv[p->operands[i]]))
			continue;
		if (give_operand(p, option, i) < 0)
			return -1;
		memmove(p->operands + i, p->operands + i + 1,
			(p->operand_count - i - 1) * sizeof *p->operands);
		p->operand_count--;
		if (!(option->flags & OPTION_REPEAT))
			return 0;
		i--;
	}
	return 0;
}

static bool is_operand(const struct table *table, size_t i)
{
	return table->options[i].style == STYLE_OPERAND && !table->seen[i];
}

/* Operands by position. One that repeats takes all but what the required ones behind it need. */
static int assign_operands(struct parser *p)
{
	struct table *table = &p->tables[0];
	for (size_t i = 0; i < table->count; i++)
		if (table->options[i].style == STYLE_OPERAND && table->options[i].type == OPT_DNS_TYPE &&
		    table->options[i].words && take_dns_type(p, &table->options[i]) < 0)
			return -1;
	size_t next = 0, needed = 0;
	for (size_t i = 0; i < table->count; i++)
		needed += is_operand(table, i) && (table->options[i].flags & OPTION_REQUIRED);
	for (size_t i = 0; i < table->count; i++) {
		const struct option *option = &table->options[i];
		if (!is_operand(table, i))
			continue;
		bool required = option->flags & OPTION_REQUIRED;
		needed -= required;
		size_t left = p->operand_count - next;
		if (!left && required)
			return operand_missing(p, option);
		size_t take = left > needed ? left - needed : required && left ? 1 : 0;
		if (!(option->flags & OPTION_REPEAT) && take > 1)
			take = 1;
		while (take--)
			if (give_operand(p, option, next++) < 0)
				return -1;
	}
	if (next == p->operand_count)
		return 0;
	p->at = p->operands[next];
	return error_set(p->err, STATUS_USAGE, "EUSAGE", "see --help", "unexpected word '%.200s'",
			 p->argv[p->at]);
}

/* True when name is one of words (separated by spaces). */
static bool names_hold(const char *words, const char *name)
{
	size_t length = strlen(name);
	for (const char *at = words; at && *at; at += strcspn(at, " "), at += *at == ' ')
		if (strcspn(at, " ") == length && memcmp(at, name, length) == 0)
			return true;
	return false;
}

static int check_excludes(struct parser *p, struct table *table)
{
	char first[OPT_SPELLING_MAX], second[OPT_SPELLING_MAX];
	for (size_t i = 0; i < table->count; i++) {
		if (!table->seen[i] || !table->options[i].excludes)
			continue;
		for (size_t j = 0; j < table->count; j++) {
			if (j == i || !table->seen[j] ||
			    !names_hold(table->options[i].excludes, table->options[j].name))
				continue;
			p->at = -1;
			return error_set(p->err, STATUS_USAGE, "EUSAGE", "give one of them",
					 "%s and %s exclude each other",
					 opt_spell(&table->options[i], first, sizeof first),
					 opt_spell(&table->options[j], second, sizeof second));
		}
	}
	return 0;
}

static int parser_run(struct parser *p)
{
	p->operands = mem_alloc((size_t)p->argc * sizeof *p->operands);
	int bad = read_words(p);
	if (bad == 0 && !p->help && !p->leading)
		bad = assign_operands(p);
	for (size_t t = 0; t < p->table_count; t++) {
		if (bad == 0 && !p->help)
			bad = check_excludes(p, &p->tables[t]);
		free(p->tables[t].seen);
	}
	free(p->operands);
	return bad;
}

int opt_parse_with(const struct option *table, void *args, const struct opt_common *common, int argc,
		   const char *const *argv, struct opt_store *store, bool *help, int *bad_word,
		   struct error *err)
{
	static const struct option none[] = { OPTION_END };
	struct parser p = { .argc = argc, .argv = argv, .store = store, .err = err };
	table_init(&p.tables[p.table_count++], table ? table : none, args, false);
	if (common)
		table_init(&p.tables[p.table_count++], common->table, common->args, true);
	int bad = parser_run(&p);
	if (bad_word)
		*bad_word = p.at;
	*help = p.help;
	return bad;
}

int opt_parse(const struct option *table, void *args, int argc, const char *const *argv,
	      struct opt_store *store, bool *help, int *bad_word, struct error *err)
{
	return opt_parse_with(table, args, NULL, argc, argv, store, help, bad_word, err);
}

int opt_parse_leading(const struct option *table, void *args, int argc, const char *const *argv,
		      struct opt_store *store, int *used, bool *help, struct error *err)
{
	struct parser p = { .argc = argc, .argv = argv, .store = store, .err = err, .leading = true };
	table_init(&p.tables[p.table_count++], table, args, false);
	int bad = parser_run(&p);
	*used = p.at < 0 || p.at > argc ? argc : p.at;
	*help = p.help;
	return bad;
}
