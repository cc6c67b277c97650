/* Where loss begins on a path: pure.
 *
 * A router answers probes that end at it when it likes: what it leaves unanswered is loss of the path only if all that lies behind it loses
 * as much (SIGNALS of mtr's users: a hop that loses more than those behind it limits its ICMP). So each hop's loss bounds
 * from above what is lost up to it; what is lost grows along the way; and it begins where one step up explains all
 * counts best (maximum likelihood, against no step at all). */
#ifndef NTSH_PATH_LOSS_H
#define NTSH_PATH_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PATH_LOSS_MAX = 256 };

/* One hop, in the order of the path; the last is the target (or the last that answers). */
struct path_count {
	uint64_t sent, answered;
};

struct path_loss {
	bool found;
	size_t begin;  /* index of the first hop behind the loss: the likeliest place */
	size_t until;  /* the last place that is plausible as well (at a seventh of that likelihood); mostly = begin */
	size_t before; /* index of the last hop that is certainly before it; = begin when there is none: it may begin at once */
	double percent;             /* lost from there on */
	bool limits[PATH_LOSS_MAX]; /* hops that leave out more than what lies behind them: no fault */
	bool silent[PATH_LOSS_MAX]; /* hops that never answer */
	bool
	    blind; /* the last hop loses, but no router before it can be relied on: where it begins is unknown */
};

/* Judges count hops (at most PATH_LOSS_MAX). Something is found only when chance would show it less than about once in a thousand
 * times. */
void path_loss_find(const struct path_count *counts, size_t count, struct path_loss *out);

#endif
