#include "ntsh/socket_changes.h"

#include "base/groups.h"

struct known {
	struct socket_entry entry;
	ns_t since;
};

struct comparing {
	struct groups before, now; /* by kind and cookie */
	socket_change_fn *change;
	void *arg;
	ns_t at;
	bool first;
	uint64_t changes;
};

struct key {
	uint64_t cookie;
	uint64_t kind;
};

static struct key key_of(const struct socket_entry *entry)
{
	/* /proc/net has no cookies: the inode names those sockets as well, while they live. */
	uint64_t cookie = entry->cookie == UINT64_MAX ? entry->inode : entry->cookie;
	return (struct key){ cookie, entry->kind };
}

static void tell(struct comparing *comparing, enum socket_change_kind kind, const struct known *known,
		 uint8_t before)
{
	struct socket_change change = {
		.kind = kind, .entry = known->entry, .before = before, .seen = comparing->at - known->since
	};
	comparing->changes++;
	comparing->change(&change, comparing->arg);
}

static bool on_socket(const struct socket_entry *entry, void *arg)
{
	struct comparing *comparing = arg;
	struct key key = key_of(entry);
	bool is_new;
	struct known *known = groups_find(&comparing->now, &key, sizeof key, &is_new);
	const struct known *before = groups_get(&comparing->before, &key, sizeof key);
	socket_entry_copy(&known->entry, entry);
	known->since = before ? before->since : comparing->at;
	/* A table that changes while it is read may hold a socket twice. */
	if (comparing->first || !is_new)
		return true;
	if (!before)
		tell(comparing, SOCKET_OPENED, known, 0);
	else if (before->entry.state != entry->state)
		tell(comparing, SOCKET_CHANGED, known, before->entry.state);
	return true;
}

static void closed_tell(struct comparing *comparing)
{
	for (size_t i = 0; i < comparing->before.count; i++) {
		const struct known *known = groups_at(&comparing->before, i);
		struct key key = key_of(&known->entry);
		if (!groups_get(&comparing->now, &key, sizeof key))
			tell(comparing, SOCKET_CLOSED, known, 0);
	}
}

static int look_once(struct comparing *comparing, const struct sockets_query *query, struct error *err)
{
	struct groups old = comparing->before;
	comparing->before = comparing->now;
	comparing->now = old;
	groups_clear(&comparing->now);
	comparing->at = clock_mono();
	comparing->changes = 0;
	if (sockets_list(query, on_socket, NULL, comparing, NULL, err) < 0)
		return -1;
	if (!comparing->first)
		closed_tell(comparing);
	comparing->first = false;
	return 0;
}

int socket_changes_run(struct loop *loop, const struct socket_changes_request *request,
		       socket_change_fn *change, socket_look_fn *look, void *arg, struct error *err)
{
	struct comparing comparing = { .before = GROUPS_INIT(sizeof(struct known)),
				       .now = GROUPS_INIT(sizeof(struct known)),
				       .change = change,
				       .arg = arg,
				       .first = true };
	int bad = 0;
	for (uint64_t looks = 0; loop_cancelled(loop) == LOOP_DONE; looks++) {
		bad = look_once(&comparing, &request->query, err);
		if (bad == 0)
			look(comparing.now.count, comparing.changes, arg);
		if (bad < 0 || (request->looks && looks >= request->looks))
			break;
		loop_sleep(loop, request->interval);
	}
	groups_release(&comparing.before);
	groups_release(&comparing.now);
	return bad;
}
