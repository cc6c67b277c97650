/* The pipe of one direction: rules, MTU, loss, bottleneck, delay. */
#include "emu.h"

#include <math.h>

double random_unit(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u); /* splitmix64 */
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (double)((z ^ (z >> 31)) >> 11) * 0x1.0p-53;
}

static bool chance(struct direction *way, double percent)
{
	return percent > 0 && random_unit(&way->random) * 100 < percent;
}

/* Gilbert-Elliott: two states with a loss rate each. */
static bool lost_in_burst(struct direction *way)
{
	const struct shape *shape = &way->shape;
	if (shape->ge_to_bad <= 0)
		return false;
	way->ge_bad = way->ge_bad ? !chance(way, shape->ge_to_good) : chance(way, shape->ge_to_bad);
	return chance(way, way->ge_bad ? shape->ge_loss_bad : shape->ge_loss_good);
}

static ns_t jitter(struct direction *way)
{
	const struct shape *shape = &way->shape;
	if (shape->jitter <= 0)
		return 0;
	double width = (double)shape->jitter, unit = random_unit(&way->random);
	switch (shape->distribution) {
	case DIST_NORMAL: {
		double radius = sqrt(-2 * log(1 - unit));
		double value = width * radius * cos(2 * 3.14159265358979 * random_unit(&way->random));
		return value < -(double)shape->delay ? -shape->delay : (ns_t)value;
	}
	case DIST_EXPONENTIAL:
		return (ns_t)(-log(1 - unit) * width);
	case DIST_UNIFORM:
	default:
		return (ns_t)(unit * width);
	}
}

/* Applies the rules in their order. Returns false when one drops the frame; else delay and copies have grown. */
static bool pass_rules(struct direction *way, const struct frame_info *info, ns_t *delay, int *copies)
{
	for (int i = 0; i < way->rule_count; i++) {
		struct rule *rule = &way->rules[i];
		if (!match_frame(&rule->match, info))
			continue;
		rule->hits++;
		bool drop = rule->action == ACT_DROP ||
			    (rule->action == ACT_LOSS && chance(way, rule->percent)) ||
			    (rule->action == ACT_NTH && rule->hits % rule->nth == 0);
		bool copy = rule->action == ACT_DUPLICATE && chance(way, rule->percent);
		if (rule->action == ACT_DELAY)
			*delay += rule->delay;
		if (drop || copy || rule->action == ACT_DELAY)
			rule->acted++;
		if (drop)
			return false;
		*copies += copy;
	}
	return true;
}

/* When the frame leaves the bottleneck, or -1: the queue before it is full. */
static ns_t pass_bottleneck(struct direction *way, size_t length, ns_t arrival)
{
	const struct shape *shape = &way->shape;
	if (shape->rate_bps <= 0)
		return arrival;
	ns_t wait = way->free_at > arrival ? way->free_at - arrival : 0;
	double queued = (double)wait * shape->rate_bps / 8e9;
	double limit = shape->limit_bytes > 0 ? shape->limit_bytes : 1000 * 1514.0;
	if (shape->limit_ns > 0 ? wait > shape->limit_ns : queued + (double)length > limit)
		return -1;
	if (wait > way->count.queue_max)
		way->count.queue_max = wait;
	way->free_at = arrival + wait + (ns_t)((double)length * 8e9 / shape->rate_bps);
	return way->free_at;
}

static void schedule(struct direction *way, const uint8_t *frame, size_t length, ns_t left, ns_t rule_delay)
{
	const struct shape *shape = &way->shape;
	ns_t release = left + shape->delay + jitter(way);
	if (chance(way, shape->reorder)) {
		way->count.reordered++;
		queue_add(way, frame, length, release + shape->reorder_by + rule_delay);
		return;
	}
	if (!shape->unordered) {
		if (release < way->last_release)
			release = way->last_release;
		way->last_release = release;
	}
	queue_add(way, frame, length, release + rule_delay);
}

void shape_frame(struct direction *way, const uint8_t *frame, size_t length, ns_t arrival)
{
	struct frame_info info;
	ns_t rule_delay = 0;
	int copies = 1;
	frame_parse(frame, length, &info);
	way->count.in_frames++;
	way->count.in_bytes += length;
	if (way->shape.mtu && info.ip_bytes > way->shape.mtu) {
		way->count.dropped_mtu++;
		return;
	}
	if (!pass_rules(way, &info, &rule_delay, &copies)) {
		way->count.dropped_rule++;
		return;
	}
	/* Loss is for IP: a lost ARP would be a fault of another kind. */
	if (info.family && (lost_in_burst(way) || chance(way, way->shape.loss))) {
		way->count.dropped_loss++;
		return;
	}
	ns_t left = pass_bottleneck(way, length, arrival);
	if (left < 0) {
		way->count.dropped_queue++;
		return;
	}
	if (chance(way, way->shape.duplicate))
		copies++;
	way->count.duplicated += (uint64_t)(copies - 1);
	for (; copies > 0; copies--)
		schedule(way, frame, length, left, rule_delay);
}
