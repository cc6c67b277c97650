#include "ntsh/path_loss.h"

#include <math.h>
#include <string.h>

/* LEAST: of the ratio of likelihoods (its logarithm), as for one degree of freedom and a few places to choose from.
 * LIMIT: standard deviations between two shares. FLOOR: losses that every path has. */
static const double LEAST = 5.5, LIMIT = 3.3, FLOOR = 0.0005, PLAUSIBLE = 2, IMPOSSIBLE = -1e300;

/* Natural logarithm of 0 < x: halved and doubled into [0.7, 1.4], then 2 artanh((x-1)/(x+1)). The mathematics library would cost every start. */
static double ln(double x)
{
	static const double LN2 = 0.69314718055994530942;
	double sum = 0;
	for (; x < 0.7; x *= 2)
		sum -= LN2;
	for (; x > 1.4; x /= 2)
		sum += LN2;
	double t = (x - 1) / (x + 1), power = t;
	for (int n = 1; n < 20; n += 2, power *= t * t)
		sum += 2 * power / n;
	return sum;
}

struct sum {
	double sent, lost;
};

static struct sum sum_of(const struct path_count *count)
{
	return (struct sum){ (double)count->sent, (double)(count->sent - count->answered) };
}

static struct sum sum_add(struct sum a, struct sum b)
{
	return (struct sum){ a.sent + b.sent, a.lost + b.lost };
}

static double share(struct sum sum)
{
	return sum.sent > 0 ? sum.lost / sum.sent : 0;
}

/* Logarithm of the likelihood of what was seen when each probe is lost with probability p. */
static double likelihood(struct sum sum, double p)
{
	p = p < FLOOR ? FLOOR : p > 1 - FLOOR ? 1 - FLOOR : p;
	return sum.lost * ln(p) + (sum.sent - sum.lost) * ln(1 - p);
}

/* Does a lose clearly more than b? */
static bool exceeds(struct sum a, struct sum b)
{
	if (a.sent <= 0 || b.sent <= 0 || share(a) <= share(b))
		return false;
	double both = share(sum_add(a, b));
	double deviation = sqrt(both * (1 - both) * (1 / a.sent + 1 / b.sent));
	return deviation > 0 && (share(a) - share(b)) / deviation > LIMIT;
}

/* From the end to the beginning: a hop that loses more than all that lies behind it does so on its own account. */
static void limits_find(const struct path_count *counts, size_t count, struct path_loss *out)
{
	struct sum behind = sum_of(&counts[count - 1]);
	for (size_t i = count - 1; i-- > 0;) {
		struct sum here = sum_of(&counts[i]);
		out->silent[i] = counts[i].sent && !counts[i].answered;
		if (out->silent[i] || !counts[i].sent)
			continue;
		out->limits[i] = exceeds(here, behind);
		if (!out->limits[i])
			behind = sum_add(behind, here);
	}
}

static bool counts_for(const struct path_count *counts, const struct path_loss *out, size_t i)
{
	return counts[i].sent && !out->limits[i] && !out->silent[i];
}

/* How well one step up before each hop explains all counts; hops that tell nothing get IMPOSSIBLE. Returns the best of them. */
static double steps_rate(const struct path_count *counts, size_t count, const struct path_loss *out,
			 double *rates)
{
	struct sum all = { 0, 0 }, before = { 0, 0 };
	double best = IMPOSSIBLE;
	for (size_t i = 0; i < count; i++)
		if (counts_for(counts, out, i))
			all = sum_add(all, sum_of(&counts[i]));
	for (size_t i = 0; i < count; i++) {
		rates[i] = IMPOSSIBLE;
		if (!counts_for(counts, out, i))
			continue;
		struct sum behind = { all.sent - before.sent, all.lost - before.lost };
		if (share(behind) > share(before) || before.sent <= 0)
			rates[i] = likelihood(before, FLOOR) + likelihood(behind, share(behind)) -
				   likelihood(all, FLOOR);
		best = rates[i] > best ? rates[i] : best;
		before = sum_add(before, sum_of(&counts[i]));
	}
	return best;
}

/* The percentage from hop begin on. */
static double percent_from(const struct path_count *counts, size_t count, const struct path_loss *out)
{
	struct sum behind = { 0, 0 };
	for (size_t i = out->begin; i < count; i++)
		if (counts_for(counts, out, i))
			behind = sum_add(behind, sum_of(&counts[i]));
	return share(behind) * 100;
}

void path_loss_find(const struct path_count *counts, size_t count, struct path_loss *out)
{
	double rates[PATH_LOSS_MAX];
	memset(out, 0, sizeof *out);
	if (!count || count > PATH_LOSS_MAX)
		return;
	limits_find(counts, count, out);
	double best = steps_rate(counts, count, out, rates);
	out->found = best > LEAST;
	if (!out->found)
		return;
	size_t first = count, last_before = count;
	for (size_t i = 0; i < count; i++) {
		if (rates[i] >= best - PLAUSIBLE) {
			first = first < count ? first : i;
			out->until = i;
		} else if (first == count && counts_for(counts, out, i)) {
			last_before = i;
		}
		if (rates[i] == best)
			out->begin = i;
	}
	out->before = last_before < count ? last_before : out->begin;
	out->percent = percent_from(counts, count, out);
	out->blind = count > 1 && last_before == count && out->until == count - 1;
}
