#include "ntsh/dns_compare.h"

#include "base/mem.h"
#include "ntsh/dns_dig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 200, ITEM_MAX = 70000, TYPE_RRSIG = 46 };

/* --- sets --- */

static int item_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool dns_set_holds(const struct dns_set *set, const char *item)
{
	return set->count && bsearch(&item, set->items, set->count, sizeof *set->items, item_order) != NULL;
}

bool dns_set_equal(const struct dns_set *a, const struct dns_set *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

void dns_set_release(struct dns_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->items[i]);
	free(set->items);
	*set = (struct dns_set){ 0 };
}

char *dns_set_text(const struct dns_set *set, const struct dns_set *lacking, char *buf, size_t size)
{
	size_t used = 0;
	buf[0] = '\0';
	for (size_t i = 0; i < set->count && used < size; i++)
		if (!lacking || !dns_set_holds(lacking, set->items[i]))
			used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
						 set->items[i]);
	return buf;
}

static void set_sort(struct dns_set *set)
{
	if (!set->count)
		return;
	qsort(set->items, set->count, sizeof *set->items, item_order);
	/* A CNAME comes with the answer for each type. */
	size_t kept = 1;
	for (size_t i = 1; i < set->count; i++) {
		if (strcmp(set->items[i], set->items[kept - 1]) == 0)
			free(set->items[i]);
		else
			set->items[kept++] = set->items[i];
	}
	set->count = kept;
}

static void set_add(struct dns_view *view, const struct dns_message *message, uint16_t asked)
{
	char *text = mem_resize(NULL, ITEM_MAX, 1), name[16];
	for (size_t i = 0; i < message->counts[DNS_ANSWER]; i++) {
		const struct dns_record *record = &message->records[DNS_ANSWER][i];
		size_t used = 0;
		/* Signatures are made anew now and then, and their records say the same. */
		if (record->type == TYPE_RRSIG && asked != TYPE_RRSIG)
			continue;
		if (record->type != asked)
			used = (size_t)snprintf(text, ITEM_MAX, "%s ", dns_type_name(record->type, name));
		dns_record_text(message, record, text + used, ITEM_MAX - used);
		if (!view->set.count || record->ttl < view->ttl)
			view->ttl = record->ttl;
		view->set.items = mem_resize(view->set.items, view->set.count + 1, sizeof *view->set.items);
		view->set.items[view->set.count++] = mem_strdup(text);
	}
	free(text);
}

/* --- views --- */

static void view_add(struct dns_view *view, struct dns_job *job)
{
	const struct dns_exchange *exchange = &job->exchange;
	const struct dns_message *message = dns_job_open(job);
	char buf[16];
	bool bad = !message || exchange->outcome != DNS_ANSWERED || message->rcode;
	/* The first bad status stays: A may fail and AAAA be fine. */
	if (!view->status[0] || (bad && strcmp(view->status, "NOERROR") == 0)) {
		snprintf(view->status, sizeof view->status, "%.15s", dns_exchange_status(exchange, buf));
		snprintf(view->meaning, sizeof view->meaning, "%.255s", dns_exchange_meaning(exchange));
	}
	if (exchange->rtt > view->rtt)
		view->rtt = exchange->rtt;
	view->answered &= exchange->outcome == DNS_ANSWERED;
	view->authoritative &= message && message->aa;
	if (message)
		set_add(view, message, job->request.type);
}

static bool views_agree(const struct dns_view *a, const struct dns_view *b)
{
	return strcmp(a->status, b->status) == 0 && dns_set_equal(&a->set, &b->set);
}

/* Groups by what is said; the largest becomes number 1. */
static void group(struct dns_comparison *comparison)
{
	size_t sizes[DNS_SERVERS_MAX + 1] = { 0 };
	for (size_t i = 0; i < comparison->count; i++) {
		struct dns_view *view = &comparison->views[i];
		if (!view->answered)
			continue;
		comparison->answered++;
		for (size_t k = 0; k < i && !view->group; k++)
			if (comparison->views[k].group && views_agree(view, &comparison->views[k]))
				view->group = comparison->views[k].group;
		if (!view->group)
			view->group = ++comparison->group_count;
		sizes[view->group]++;
	}
	int largest = 1;
	for (int g = 2; g <= comparison->group_count; g++)
		if (sizes[g] > sizes[largest])
			largest = g;
	for (size_t i = 0; i < comparison->count; i++) {
		struct dns_view *view = &comparison->views[i];
		view->group = view->group == largest ? 1 : view->group == 1 ? largest : view->group;
	}
}

enum loop_end dns_compare_run(struct loop *loop, const struct dns_request *request, const char *name,
			      const uint16_t *types, size_t type_count, const struct dns_servers *servers,
			      struct dns_comparison *out)
{
	size_t count = servers->count * type_count;
	struct dns_job *jobs = mem_alloc(count * sizeof *jobs);
	*out = (struct dns_comparison){ .views = mem_alloc(servers->count * sizeof *out->views),
					.count = servers->count };
	for (size_t i = 0; i < count; i++) {
		jobs[i].request = *request;
		jobs[i].request.name = name;
		jobs[i].request.type = types[i % type_count];
		jobs[i].request.server = servers->items[i / type_count].addr;
		/* An authority is not asked to ask others. */
		if (servers->items[i / type_count].role == DNS_ROLE_AUTHORITY)
			jobs[i].request.recursion_desired = false;
	}
	enum loop_end end = dns_batch_run(loop, jobs, count, WINDOW);
	for (size_t s = 0; s < servers->count; s++) {
		struct dns_view *view = &out->views[s];
		*view = (struct dns_view){
			.server = &servers->items[s], .answered = true, .authoritative = true, .rtt = NS_NONE
		};
		for (size_t t = 0; t < type_count; t++)
			view_add(view, &jobs[s * type_count + t]);
		set_sort(&view->set);
	}
	dns_batch_release(jobs, count);
	free(jobs);
	group(out);
	return end;
}

void dns_comparison_release(struct dns_comparison *comparison)
{
	for (size_t i = 0; i < comparison->count; i++)
		dns_set_release(&comparison->views[i].set);
	free(comparison->views);
	*comparison = (struct dns_comparison){ 0 };
}
