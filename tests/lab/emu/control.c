/* The commands:
 *
 *   set LINK ab|ba|both KEY=VALUE ...   delay jitter dist(uniform|normal|exp) unordered(0|1) loss ge(TO_BAD,TO_GOOD[,GOOD,BAD])
 *                                       rate limit(bytes or time) reorder reorder_by dup mtu; "clear" alone: all to nothing
 *   rule LINK ab|ba|both NAME [MATCH...] drop | loss=P | nth=N | delay=T | dup=P
 *        MATCH: v4 v6 tcp udp icmp proto=N sport=N dport=N port=N flags=SYN,!ACK,... fragment min=BYTES max=BYTES
 *   unrule LINK ab|ba|both NAME|all
 *   stats                               reset LINK      quit
 *
 * Times: 20ms 1.5s 300us; rates: 10mbit 512kbit; sizes: 1500 64kb 1mb; probabilities in percent. */
#include "emu.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *name;
	double factor;
};

static const struct unit time_units[] = { { "ns", 1 },  { "us", 1e3 }, { "ms", 1e6 },
					  { "s", 1e9 }, { "", 1e9 },   { 0 } };
static const struct unit rate_units[] = { { "bit", 1 },    { "kbit", 1e3 }, { "mbit", 1e6 },
					  { "gbit", 1e9 }, { "", 1 },       { 0 } };
static const struct unit size_units[] = { { "", 1 }, { "b", 1 }, { "kb", 1e3 }, { "mb", 1e6 }, { 0 } };
static const struct unit percent_units[] = { { "", 1 }, { "%", 1 }, { 0 } };

/* Returns 0, or -1: not a number with one of these units. */
static int parse(const char *text, const struct unit *units, double *out)
{
	char *end;
	double number = strtod(text, &end);
	if (end == text || number < 0)
		return -1;
	for (; units->name; units++)
		if (strcasecmp(end, units->name) == 0) {
			*out = number * units->factor;
			return 0;
		}
	return -1;
}

static int parse_time(const char *text, ns_t *out)
{
	double value;
	if (parse(text, time_units, &value) < 0)
		return -1;
	*out = (ns_t)value;
	return 0;
}

static int set_burst(struct shape *shape, const char *text)
{
	shape->ge_loss_good = 0;
	shape->ge_loss_bad = 100;
	return sscanf(text, "%lf,%lf,%lf,%lf", &shape->ge_to_bad, &shape->ge_to_good, &shape->ge_loss_good,
		      &shape->ge_loss_bad) >= 2
		   ? 0
		   : -1;
}

static int set_limit(struct shape *shape, const char *text)
{
	shape->limit_ns = 0;
	shape->limit_bytes = 0;
	if (parse(text, size_units, &shape->limit_bytes) == 0)
		return 0;
	return parse_time(text, &shape->limit_ns);
}

static int set_distribution(struct shape *shape, const char *text)
{
	static const char *const names[] = { "uniform", "normal", "exp" };
	for (int i = 0; i < 3; i++)
		if (strcmp(text, names[i]) == 0) {
			shape->distribution = (enum distribution)i;
			return 0;
		}
	return -1;
}

static int set_key(struct shape *shape, const char *key, const char *text)
{
	const struct {
		const char *key;
		ns_t *time;
		double *number;
		const struct unit *units;
	} keys[] = {
		{ "delay", &shape->delay, NULL, NULL },
		{ "jitter", &shape->jitter, NULL, NULL },
		{ "reorder_by", &shape->reorder_by, NULL, NULL },
		{ "loss", NULL, &shape->loss, percent_units },
		{ "reorder", NULL, &shape->reorder, percent_units },
		{ "dup", NULL, &shape->duplicate, percent_units },
		{ "rate", NULL, &shape->rate_bps, rate_units },
	};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(key, keys[i].key) == 0)
			return keys[i].time ? parse_time(text, keys[i].time)
					    : parse(text, keys[i].units, keys[i].number);
	if (strcmp(key, "ge") == 0)
		return set_burst(shape, text);
	if (strcmp(key, "limit") == 0)
		return set_limit(shape, text);
	if (strcmp(key, "dist") == 0)
		return set_distribution(shape, text);
	double value;
	if (parse(text, size_units, &value) < 0)
		return -1;
	if (strcmp(key, "mtu") == 0)
		shape->mtu = (size_t)value;
	else if (strcmp(key, "unordered") == 0)
		shape->unordered = value > 0;
	else
		return -1;
	return 0;
}

/* Words that are changes of a shape; on error bad points at the word. */
static int set_words(struct shape *shape, char *words, const char **bad)
{
	char *save, *word = strtok_r(words, " ", &save);
	for (; word; word = strtok_r(NULL, " ", &save)) {
		*bad = word;
		if (strcmp(word, "clear") == 0) {
			*shape = (struct shape){ 0 };
			continue;
		}
		char *equals = strchr(word, '=');
		if (!equals)
			return -1;
		*equals = 0;
		if (set_key(shape, word, equals + 1) < 0)
			return -1;
	}
	return 0;
}

static int parse_flags(struct match *match, char *text)
{
	static const char *const names[] = { "fin", "syn", "rst", "psh", "ack", "urg" };
	char *save;
	for (char *word = strtok_r(text, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		bool clear = *word == '!';
		int bit = 0;
		while (bit < 6 && strcasecmp(word + clear, names[bit]) != 0)
			bit++;
		if (bit == 6)
			return -1;
		*(clear ? &match->flags_clear : &match->flags_set) |= (uint8_t)(1 << bit);
	}
	match->protocol = IPPROTO_TCP;
	return 0;
}

static int parse_match_value(struct match *match, const char *key, char *text)
{
	double value;
	if (strcmp(key, "flags") == 0)
		return parse_flags(match, text);
	if (parse(text, size_units, &value) < 0)
		return -1;
	if (strcmp(key, "sport") == 0)
		match->sport = (int)value;
	else if (strcmp(key, "dport") == 0)
		match->dport = (int)value;
	else if (strcmp(key, "port") == 0)
		match->port = (int)value;
	else if (strcmp(key, "proto") == 0)
		match->protocol = (int)value;
	else if (strcmp(key, "min") == 0)
		match->size_min = (size_t)value;
	else if (strcmp(key, "max") == 0)
		match->size_max = (size_t)value;
	else
		return -1;
	return 0;
}

/* A word that is a value of the match or of the action. */
static int parse_rule_value(struct rule *rule, const char *key, char *text, bool *acts)
{
	double nth = 0;
	*acts = true;
	if (strcmp(key, "loss") == 0) {
		rule->action = ACT_LOSS;
		return parse(text, percent_units, &rule->percent);
	}
	if (strcmp(key, "dup") == 0) {
		rule->action = ACT_DUPLICATE;
		return parse(text, percent_units, &rule->percent);
	}
	if (strcmp(key, "delay") == 0) {
		rule->action = ACT_DELAY;
		return parse_time(text, &rule->delay);
	}
	if (strcmp(key, "nth") == 0) {
		rule->action = ACT_NTH;
		if (parse(text, percent_units, &nth) < 0 || nth < 1)
			return -1;
		rule->nth = (uint64_t)nth;
		return 0;
	}
	*acts = false;
	return parse_match_value(&rule->match, key, text);
}

static int parse_rule(struct rule *rule, char *words, const char **bad)
{
	static const struct {
		const char *word;
		int family, protocol;
	} plain[] = { { "v4", 4, -1 },
		      { "v6", 6, -1 },
		      { "tcp", -1, IPPROTO_TCP },
		      { "udp", -1, IPPROTO_UDP },
		      { "icmp", -1, IPPROTO_ICMP } };
	bool acts = false;
	char *save;
	for (char *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		char *equals = strchr(word, '=');
		bool known = false, now = false;
		*bad = word;
		for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
			if (strcmp(word, plain[i].word) == 0) {
				rule->match.family =
				    plain[i].family != -1 ? plain[i].family : rule->match.family;
				rule->match.protocol =
				    plain[i].protocol != -1 ? plain[i].protocol : rule->match.protocol;
				known = true;
			}
		if (strcmp(word, "fragment") == 0)
			known = rule->match.fragment = true;
		if (strcmp(word, "drop") == 0)
			known = now = true;
		if (equals) {
			*equals = 0;
			known = parse_rule_value(rule, word, equals + 1, &now) == 0;
		}
		if (!known)
			return -1;
		acts |= now;
	}
	*bad = "no action (drop, loss=, nth=, delay=, dup=)";
	return acts ? 0 : -1;
}

static void remove_rule(struct direction *way, const char *name)
{
	int kept = 0;
	for (int i = 0; i < way->rule_count; i++)
		if (strcmp(name, "all") != 0 && strcmp(name, way->rules[i].name) != 0)
			way->rules[kept++] = way->rules[i];
	way->rule_count = kept;
}

static int add_rule(struct direction *way, const char *name, char *words, const char **bad)
{
	struct rule rule = { .match = { -1, -1, -1, -1, -1, 0, 0, false, 0, SIZE_MAX }, .action = ACT_DROP };
	snprintf(rule.name, sizeof(rule.name), "%s", name);
	if (parse_rule(&rule, words, bad) < 0)
		return -1;
	remove_rule(way, name);
	*bad = "too many rules";
	if (way->rule_count == RULES_MAX)
		return -1;
	way->rules[way->rule_count++] = rule;
	return 0;
}

static void print_way(const struct direction *way)
{
	const struct counters *c = &way->count;
	printf(
	    "{\"in_frames\":%lu,\"in_bytes\":%lu,\"out_frames\":%lu,\"out_bytes\":%lu,\"dropped_loss\":%lu,"
	    "\"dropped_rule\":%lu,\"dropped_queue\":%lu,\"dropped_mtu\":%lu,\"dropped_send\":%lu,"
	    "\"reordered\":%lu,"
	    "\"duplicated\":%lu,\"partial_checksums\":%lu,\"queue_max_ms\":%.3f,\"late_mean_ms\":%.4f,"
	    "\"late_max_ms\":%.3f,\"rules\":{",
	    c->in_frames, c->in_bytes, c->out_frames, c->out_bytes, c->dropped_loss, c->dropped_rule,
	    c->dropped_queue, c->dropped_mtu, c->dropped_send, c->reordered, c->duplicated,
	    c->partial_checksums, (double)c->queue_max / 1e6,
	    c->out_frames ? (double)c->late_sum / (double)c->out_frames / 1e6 : 0.0,
	    (double)c->late_max / 1e6);
	for (int i = 0; i < way->rule_count; i++)
		printf("%s\"%s\":{\"hits\":%lu,\"acted\":%lu}", i ? "," : "", way->rules[i].name,
		       way->rules[i].hits, way->rules[i].acted);
	printf("}}");
}

static void print_stats(const struct emulator *emulator)
{
	printf("{\"waiting\":%zu,\"links\":{", queue_length());
	for (int i = 0; i < emulator->link_count; i++) {
		printf("%s\"%s\":{\"ab\":", i ? "," : "", emulator->links[i].name);
		print_way(&emulator->links[i].way[0]);
		printf(",\"ba\":");
		print_way(&emulator->links[i].way[1]);
		printf("}");
	}
	printf("}}\n");
}

/* Applies one command to one direction. */
static int apply(struct direction *way, const char *verb, const char *name, const char *rest,
		 const char **bad)
{
	static char words[4096];
	snprintf(words, sizeof(words), "%s", rest);
	if (strcmp(verb, "set") == 0) {
		struct shape shape = way->shape;
		if (set_words(&shape, words, bad) < 0)
			return -1;
		way->shape = shape;
		return 0;
	}
	if (strcmp(verb, "rule") == 0)
		return add_rule(way, name, words, bad);
	remove_rule(way, name);
	return 0;
}

static int change(struct emulator *emulator, char *line, const char **bad)
{
	static char verb[16], link_name[NAME_MAX_EMU], side[8],
	    name[NAME_MAX_EMU]; /* static: bad may point at them */
	int at = 0, after_name = 0;
	verb[0] = link_name[0] = side[0] = name[0] = 0;
	sscanf(line, "%15s %31s %7s %n%31s %n", verb, link_name, side, &at, name, &after_name);
	*bad = verb;
	bool is_set = strcmp(verb, "set") == 0;
	if (!is_set && strcmp(verb, "rule") != 0 && strcmp(verb, "unrule") != 0)
		return -1;
	*bad = "words are missing";
	if (name[0] == 0)
		return -1;
	const char *rest = is_set ? line + at : after_name ? line + after_name : "";
	bool both = strcmp(side, "both") == 0;
	*bad = side;
	if (!both && strcmp(side, "ab") != 0 && strcmp(side, "ba") != 0)
		return -1;
	for (int i = 0; i < emulator->link_count; i++) {
		struct link *link = &emulator->links[i];
		if (strcmp(link->name, link_name) != 0)
			continue;
		for (int way = 0; way < 2; way++)
			if (both || (way == 0) == (strcmp(side, "ab") == 0))
				if (apply(&link->way[way], verb, name, rest, bad) < 0)
					return -1;
		return 0;
	}
	*bad = link_name;
	return -1;
}

int control_line(struct emulator *emulator, char *line)
{
	static char problem[256];
	const char *bad = line;
	int end = strcmp(line, "quit") == 0;
	if (strcmp(line, "stats") == 0) {
		print_stats(emulator);
	} else if (strcmp(line, "reset") == 0 || end) {
		for (int i = 0; i < emulator->link_count * 2; i++)
			emulator->links[i / 2].way[i % 2].count = (struct counters){ 0 };
		printf("{\"ok\":true}\n");
	} else if (change(emulator, line, &bad) < 0) {
		snprintf(problem, sizeof(problem), "%s", bad);
		printf("{\"error\":\"not understood: %s\"}\n", problem);
	} else {
		printf("{\"ok\":true}\n");
	}
	fflush(stdout);
	return end;
}
