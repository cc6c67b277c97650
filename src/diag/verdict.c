#include "diag/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void format_into(char *text, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void format_into(char *text, size_t size, const char *format, va_list args)
{
	int length = vsnprintf(text, size, format, args);
	if (length < 0)
		text[0] = '\0';
}

void verdict_evidence(struct verdict *verdict, const char *id, struct value value, struct value baseline,
		      double weight, const char *format, ...)
{
	if (verdict->evidence_count == EVIDENCE_MAX)
		return;
	struct evidence *evidence = &verdict->evidence[verdict->evidence_count++];
	*evidence = (struct evidence){ .id = id, .value = value, .baseline = baseline, .weight = weight };
	va_list args;
	va_start(args, format);
	format_into(evidence->says, sizeof evidence->says, format, args);
	va_end(args);
}

void verdict_next(struct verdict *verdict, const char *format, ...)
{
	if (verdict->next_count == NEXT_MAX)
		return;
	va_list args;
	va_start(args, format);
	format_into(verdict->next[verdict->next_count++], SAYS_MAX, format, args);
	va_end(args);
}

void verdict_where(struct verdict *verdict, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	format_into(verdict->where, sizeof verdict->where, format, args);
	va_end(args);
}

void verdict_healthy(struct verdict *verdict)
{
	verdict->class_ = CLASS_HEALTHY;
	verdict->cause = "healthy";
}

void verdict_unknown(struct verdict *verdict)
{
	verdict->class_ = CLASS_UNKNOWN;
	verdict->cause = "unknown";
}

enum finding verdict_found(struct verdict *verdict, ns_t cost, double confidence, const char *format, ...)
{
	verdict->cost = cost;
	verdict->confidence = confidence < 0 ? 0 : confidence > 0.99 ? 0.99 : confidence;
	va_list args;
	va_start(args, format);
	format_into(verdict->summary, sizeof verdict->summary, format, args);
	va_end(args);
	return FOUND;
}

enum finding verdict_clean(struct verdict *verdict, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	format_into(verdict->summary, sizeof verdict->summary, format, args);
	va_end(args);
	return CLEAN;
}

char *where_of(const struct facts *facts, char buf[ADDR_TEXT_MAX])
{
	if (facts->primary >= 0)
		return addr_format_port(&facts->paths[facts->primary].addr, buf);
	if (facts->path_count)
		return addr_format_port(&facts->paths[0].addr, buf);
	snprintf(buf, ADDR_TEXT_MAX, "%.60s", facts->host);
	return buf;
}

void verdict_next_tls(struct verdict *verdict, const struct facts *facts)
{
	bool v6 = strchr(facts->host, ':') != NULL;
	verdict_next(verdict, "ntsh tls %s%s%s:%u", v6 ? "[" : "", facts->host, v6 ? "]" : "", facts->port);
}

void verdict_where_service(struct verdict *verdict, const struct facts *facts)
{
	char where[ADDR_TEXT_MAX];
	verdict_where(verdict, "%s", where_of(facts, where));
}

void verdict_say_elsewhere(struct verdict *verdict, const struct facts *facts)
{
	if (facts->icmp.answered)
		verdict_evidence(verdict, "ping", value_count(facts->icmp.lost),
				 value_count(facts->icmp.sent), 0.8,
				 "%llu of %llu pings to the same host were lost",
				 (unsigned long long)facts->icmp.lost, (unsigned long long)facts->icmp.sent);
	if (facts->closed.answered)
		verdict_evidence(verdict, "other_port", value_count(facts->closed.lost),
				 value_count(facts->closed.sent), 0.9,
				 "port %u of the same host answered %llu of %llu probes at once (RST)",
				 facts->closed.port, (unsigned long long)facts->closed.answered,
				 (unsigned long long)facts->closed.sent);
}

double confidence_of(double base, uint64_t samples, uint64_t wanted)
{
	if (samples >= wanted || !wanted)
		return base;
	/* Half of what lies between a coin and the base is earned by samples. */
	double share = (double)samples / (double)wanted;
	return 0.5 + (base - 0.5) * (0.5 + 0.5 * share);
}

ns_t cost_of_failures(unsigned failed, unsigned made)
{
	/* A person whose attempt fails tries again after about ten seconds. */
	return made ? 10 * NS_PER_S / made * failed : 0;
}
