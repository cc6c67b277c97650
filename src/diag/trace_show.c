/* A hop of a trace as a row, with all that its routers tell. */
#include "ntsh/trace_show.h"

#include "ntsh/ping.h"

#include <stdio.h>

enum { PATH_TEXT = 1024 };

static const char *kind_name(enum trace_kind kind)
{
	static const char *const names[] = {
		[TRACE_EXPIRED] = "expired", [TRACE_REACHED] = "reached", [TRACE_UNREACHABLE] = "unreachable",
		[TRACE_TOO_BIG] = "too-big", [TRACE_REFUSED] = "refused",
	};
	return names[kind];
}

static const char *name_of(const struct names *names, const struct addr *addr)
{
	return names ? names_get(names, addr) : NULL;
}

static void quote_put(struct result *result, const struct trace_quote *quote)
{
	if (!quote->known) {
		result_put(result, "quote", value_none());
		return;
	}
	result_open(result, "quote");
	result_put(result, "source", value_endpoint(&quote->source));
	result_put(result, "destination", value_endpoint(&quote->destination));
	result_put(result, "ttl", value_count(quote->hops));
	result_put(result, "traffic_class", value_count(quote->traffic_class));
	result_put(result, "rewritten",
		   value_flag(quote->source_changed || quote->destination_changed || quote->port_changed ||
			      quote->class_changed));
	result_close(result);
}

static void extensions_put(struct result *result, const struct icmp_extensions *extensions)
{
	static const struct table mpls = { .name = "mpls" }, interfaces = { .name = "interfaces" };
	result_list_open(result, &mpls);
	for (size_t i = 0; i < extensions->mpls_count; i++) {
		result_row_open(result);
		result_put(result, "label", value_count(extensions->mpls[i].label));
		result_put(result, "traffic_class", value_count(extensions->mpls[i].traffic_class));
		result_put(result, "ttl", value_count(extensions->mpls[i].ttl));
		result_row_close(result);
	}
	result_list_close(result);
	result_list_open(result, &interfaces);
	for (size_t i = 0; i < extensions->interface_count; i++) {
		const struct icmp_interface *interface = &extensions->interfaces[i];
		result_row_open(result);
		result_put(result, "role", value_text(icmp_interface_role_name(interface->role)));
		result_put(result, "name", value_text(*interface->name ? interface->name : NULL));
		result_put(result, "index", interface->index ? value_count(interface->index) : value_none());
		result_put(result, "address", value_address(&interface->addr));
		result_put(result, "mtu_bytes", interface->mtu ? value_bytes(interface->mtu) : value_none());
		result_row_close(result);
	}
	result_list_close(result);
}

static void router_put(struct result *result, const struct names *names, const struct trace_router *router)
{
	struct value flows[TRACE_CELLS_MAX];
	size_t count = 0;
	bool icmp = router->icmp_type || router->icmp_code;
	int back = trace_hops_back(router->reply_hops);
	for (unsigned f = 0; f < TRACE_CELLS_MAX; f++)
		if (router->flows >> f & 1)
			flows[count++] = value_count(f + 1);
	result_row_open(result);
	result_put(result, "address", value_address(&router->addr));
	result_put(result, "name", value_text(name_of(names, &router->addr)));
	result_put(result, "answers", value_count(router->answers));
	result_put_list(result, "flows", flows, count);
	result_put(result, "kind", value_text(kind_name(router->kind)));
	result_put(result, "icmp_type", icmp ? value_count(router->icmp_type) : value_none());
	result_put(result, "icmp_code", icmp ? value_count(router->icmp_code) : value_none());
	result_put(result, "reply_ttl",
		   router->reply_hops >= 0 ? value_count((uint64_t)router->reply_hops) : value_none());
	result_put(result, "hops_back", back >= 0 ? value_count((uint64_t)back) : value_none());
	quote_put(result, &router->quote);
	extensions_put(result, &router->extensions);
	result_row_close(result);
}

/* What the columns do not say. */
static const char *remark(const struct trace_report *report, const struct trace_hop *hop, char *text,
			  size_t size)
{
	const struct trace_router *router = hop->router_count ? &hop->routers[0] : NULL;
	if (!router)
		return NULL;
	if (router->kind == TRACE_REFUSED)
		return "not sent";
	if (router->kind == TRACE_UNREACHABLE ||
	    (router->kind == TRACE_REACHED && router->icmp_type &&
	     (report->method == TRACE_ICMP || report->method == TRACE_TCP)))
		return icmp_describe(report->target.family, router->icmp_type, router->icmp_code);
	if (router->extensions.mpls_count) {
		snprintf(text, size, "MPLS %u", router->extensions.mpls[0].label);
		return text;
	}
	return NULL;
}

void trace_show_hop(struct result *result, const struct trace_report *report, const struct trace_hop *hop,
		    const struct names *names)
{
	static const struct table one = { .name = "routers" };
	static const struct table several = { .name = "routers",
					      .line = "     {address}{name?  {name}}  {answers} answers" };
	struct value rtts[TRACE_CELLS_MAX];
	ns_t best = NS_NONE, worst = NS_NONE;
	char text[64];
	for (size_t c = 0; c < hop->asked; c++) {
		ns_t rtt = hop->rtts[c];
		rtts[c] = value_time(rtt);
		best = rtt != NS_NONE && (best == NS_NONE || rtt < best) ? rtt : best;
		worst = rtt != NS_NONE && rtt > worst ? rtt : worst;
	}
	const struct addr *addr = hop->router_count ? &hop->routers[0].addr : NULL;
	const char *says = remark(report, hop, text, sizeof text);
	result_row_open(result);
	result_put(result, "hop", value_count(hop->hops));
	result_put(result, "address", value_address(addr));
	result_put(result, "name", value_text(addr ? name_of(names, addr) : NULL));
	result_put(result, "rtt_ms", value_time(best));
	result_put(result, "worst_ms", value_time(worst));
	result_put_list(result, "rtts_ms", rtts, hop->asked);
	result_put(result, "answered", value_count(hop->answered));
	result_put(result, "asked", value_count(hop->asked));
	result_put(result, "sent", value_count(hop->sent));
	result_put(result, "complete", report->several_flows ? value_flag(hop->complete) : value_none());
	result_put(result, "says", value_text(says));
	result_list_open(result, hop->router_count > 1 ? &several : &one);
	for (size_t r = 0; r < hop->router_count; r++)
		if (hop->routers[r].addr.family != AF_UNSPEC)
			router_put(result, names, &hop->routers[r]);
	result_list_close(result);
	if (says)
		result_line(result, TONE_WARN, "     {says}");
	result_row_close(result);
}

void trace_show_findings(struct result *result, const struct trace_finding *findings, size_t count)
{
	static const struct table table = { .name = "findings" };
	result_list_open(result, &table);
	for (size_t i = 0; i < count; i++) {
		const struct trace_finding *finding = &findings[i];
		result_row_open(result);
		result_put(result, "kind", value_text(trace_finding_name(finding->kind)));
		result_put(result, "fault", value_flag(finding->fault));
		result_put(result, "hop", finding->hops ? value_count(finding->hops) : value_none());
		result_put(result, "address", value_address(&finding->router));
		result_put(result, "says", value_text(finding->says));
		result_line(result, finding->fault ? TONE_BAD : i ? TONE_PLAIN : TONE_GOOD, "{says}");
		result_row_close(result);
	}
	result_list_close(result);
}

/* The router that a flow passes at a hop: seen, or the only one there is. -1: not known. */
static int member_of(const struct trace_hop *hop, unsigned flow)
{
	if (flow < hop->asked && hop->members[flow] >= 0)
		return hop->members[flow];
	return hop->router_count == 1 ? 0 : -1;
}

static bool same_path(const struct trace_report *report, unsigned a, unsigned b)
{
	for (size_t h = 0; h < report->hop_count; h++) {
		int first = member_of(&report->hops[h], a), second = member_of(&report->hops[h], b);
		if (first != second)
			return false;
	}
	return true;
}

static void path_put(struct result *result, const struct trace_report *report, unsigned flow, unsigned flows)
{
	struct value routers[TRACE_HOPS_MAX];
	char drawing[PATH_TEXT] = "", name[ADDR_TEXT_MAX];
	size_t used = 0;
	for (size_t h = 0; h < report->hop_count; h++) {
		int member = member_of(&report->hops[h], flow);
		const struct addr *addr = member >= 0 ? &report->hops[h].routers[member].addr : NULL;
		routers[h] = value_address(addr);
		if (used < sizeof drawing)
			used += (size_t)snprintf(drawing + used, sizeof drawing - used, "%s%s",
						 h ? " > " : "", addr ? addr_format(addr, name) : "*");
	}
	result_row_open(result);
	result_put(result, "flows", value_count(flows));
	result_put_list(result, "routers", routers, report->hop_count);
	result_put(result, "drawing", value_text(drawing));
	result_row_close(result);
}

void trace_show_paths(struct result *result, const struct trace_report *report)
{
	static const struct table table = { .name = "paths", .line = "{flows} flows  {drawing}" };
	bool done[TRACE_CELLS_MAX] = { false };
	unsigned most = 0;
	for (size_t h = 0; h < report->hop_count; h++)
		most = report->hops[h].asked > most ? report->hops[h].asked : most;
	result_list_open(result, &table);
	for (unsigned f = 0; report->several_flows && f < most; f++) {
		unsigned flows = 0;
		for (unsigned other = f; !done[f] && other < most; other++)
			if (same_path(report, f, other)) {
				flows++;
				done[other] = other > f;
			}
		if (flows)
			path_put(result, report, f, flows);
	}
	result_list_close(result);
}
