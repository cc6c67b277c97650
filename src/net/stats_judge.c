/* Counters to findings: rows of what is compared with what, from which share on it matters, and the sentence. Sources: kernel
 * Documentation/networking/snmp_counter.rst and ip-sysctl.rst, tcp(7), RFC 1213, RFC 4898. */
#include "net/stats_rules.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double sum_of(const struct counters *counters, const char *names)
{
	double sum = 0;
	char name[64];
	for (const char *at = names; at && *at;) {
		size_t length = strcspn(at, " ");
		snprintf(name, sizeof name, "%.*s", (int)length, at);
		sum += (double)counters_get(counters, name);
		at += length + (at[length] == ' ');
	}
	return sum;
}

/* A kernel that was updated, or a text that was cut, may not have it. */
static bool has_first(const struct counters *counters, const char *names)
{
	size_t length = strcspn(names, " ");
	for (size_t i = 0; i < counters->count; i++)
		if (strncmp(counters->items[i].name, names, length) == 0 && !counters->items[i].name[length])
			return true;
	return false;
}

static void add_number(char *out, size_t size, uint64_t number)
{
	char digits[32];
	int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
	size_t used = strlen(out);
	for (int i = 0; i < length && used + 2 < size; i++) {
		if (i && (length - i) % 3 == 0)
			out[used++] = ',';
		out[used++] = digits[i];
		out[used] = '\0';
	}
}

static void add_share(char *out, size_t size, double share)
{
	size_t used = strlen(out);
	if (!isnan(share))
		snprintf(out + used, size - used, share < 0.001 ? "%.2g %%" : "%.3g %%", share);
}

/* %N: the number; %S: its share. */
static void says_make(const struct stats_rule *rule, struct stats_finding *finding)
{
	char *out = finding->says;
	size_t size = sizeof finding->says;
	out[0] = '\0';
	for (const char *at = rule->says; *at; at++) {
		size_t used = strlen(out);
		if (at[0] == '%' && at[1] == 'N')
			add_number(out, size, finding->value), at++;
		else if (at[0] == '%' && at[1] == 'S')
			add_share(out, size, finding->share), at++;
		else if (used + 1 < size)
			out[used] = *at, out[used + 1] = '\0';
	}
}

static bool severity_of(const struct stats_rule *rule, double share, double value, enum stats_severity *out)
{
	double measure = rule->base ? share : value;
	if (isnan(measure) || measure < rule->note || value <= 0)
		return false;
	*out = measure >= rule->bad ? STATS_BAD : measure >= rule->warn ? STATS_WARN : STATS_NOTE;
	if (value < rule->least)
		*out = STATS_NOTE;
	return true;
}

/* How far above what is a warning: for the order. */
static double weight_of(const struct stats_rule *rule, const struct stats_finding *finding)
{
	double measure = rule->base ? finding->share : (double)finding->value;
	return isfinite(rule->warn) && rule->warn > 0 ? measure / rule->warn : 0;
}

struct ranked {
	struct stats_finding finding;
	double weight;
};

static int rank_compare(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;
	if (a->finding.severity != b->finding.severity)
		return a->finding.severity > b->finding.severity ? -1 : 1;
	return a->weight > b->weight ? -1 : a->weight < b->weight;
}

static bool rule_apply(const struct stats_rule *rule, const struct counters *now,
		       const struct counters *before, double boot, struct ranked *out)
{
	struct stats_finding *finding = &out->finding;
	double value = sum_of(now, rule->counter), base = rule->base ? sum_of(now, rule->base) : NAN;
	*out = (struct ranked){ .weight = 0 };
	finding->share = base > 0 ? 100 * value / base : NAN;
	/* Everything failed, and nothing that it could be compared with. */
	if (rule->base && value > 0 && !(base > 0))
		finding->share = 100;
	if (finding->share > 100)
		finding->share = 100;
	if (!severity_of(rule, finding->share, value, &finding->severity))
		return false;
	finding->id = rule->id;
	finding->value = (uint64_t)value;
	finding->todo = rule->todo;
	finding->rate = boot > 0 ? value / boot : NAN;
	finding->recent = NAN;
	double seconds = before ? (double)(now->at - before->at) / 1e9 : 0;
	if (before && seconds > 0 && has_first(before, rule->counter)) {
		double grown = value - sum_of(before, rule->counter);
		finding->recent = grown > 0 ? grown / seconds : 0;
	}
	says_make(rule, finding);
	out->weight = weight_of(rule, finding);
	return true;
}

/* The first of several counters is the one to be explained. */
static const char *first_counter(const char *names)
{
	static char name[STATS_FINDINGS_MAX][64];
	static size_t next;
	if (!strchr(names, ' '))
		return names;
	char *out = name[next++ % STATS_FINDINGS_MAX];
	snprintf(out, sizeof name[0], "%.*s", (int)strcspn(names, " "), names);
	return out;
}

size_t stats_judge(const struct counters *now, const struct counters *before, double boot,
		   struct stats_finding *out)
{
	static struct ranked ranked[STATS_FINDINGS_MAX];
	size_t count = 0;
	for (size_t i = 0; i < stats_rule_count && count < STATS_FINDINGS_MAX; i++)
		if (rule_apply(&stats_rules[i], now, before, boot, &ranked[count]))
			ranked[count++].finding.counter = first_counter(stats_rules[i].counter);
	qsort(ranked, count, sizeof *ranked, rank_compare);
	for (size_t i = 0; i < count; i++)
		out[i] = ranked[i].finding;
	return count;
}

void stats_difference(const struct counters *now, const struct counters *before, struct counters *out)
{
	*out = (struct counters){ .at = now->at, .count = now->count };
	out->items = mem_resize(NULL, now->count + 1, sizeof *out->items);
	for (size_t i = 0; i < now->count; i++) {
		/* Both readings have the same order, as long as no file grew in between. */
		const struct counter *counter = &now->items[i];
		bool same = i < before->count && strcmp(before->items[i].name, counter->name) == 0;
		uint64_t was = same ? before->items[i].value : counters_get(before, counter->name);
		out->items[i] = *counter;
		out->items[i].value = counter->value > was ? counter->value - was : 0;
	}
}
