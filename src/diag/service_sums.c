/* From what was seen of each connection to the facts that the rules look at. */
#include "diag/service.h"

#include "base/groups.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Shorter waits for an answer than this are nobody's complaint, and a look may catch every program in the middle of one. */
#define THINK_LEAST (50 * NS_PER_MS)

struct summing {
	struct service_facts *facts;
	const struct socket_watch_result *seen;
	struct groups clients;
	ns_t *thinks, *waits;
	size_t think_count, wait_count;
};

/* NS_NONE of none. most may be NULL. */
static ns_t median(ns_t *values, size_t count, ns_t *most)
{
	if (count)
		qsort(values, count, sizeof *values, ns_compare);
	if (most)
		*most = count ? values[count - 1] : NS_NONE;
	return count ? values[(count - 1) / 2] : NS_NONE;
}

/* A connection that the program has not taken from the accept queue has no inode yet. */
static bool is_unaccepted(const struct socket_watched *watched)
{
	return !watched->entry.inode &&
	       (watched->last.state == SOCKET_ESTABLISHED || watched->last.state == SOCKET_CLOSE_WAIT);
}

static void listener_add(struct service_facts *facts, const struct socket_watched *watched)
{
	if (facts->queue_limit && watched->full <= facts->looks_full &&
	    watched->queue_most <= facts->queue_most)
		return;
	facts->queue_limit = watched->last.send_queue;
	facts->queue_most = watched->queue_most;
	facts->looks_queued = watched->queued;
	facts->looks_full = watched->full;
}

static bool is_unread(const struct socket_watched *watched)
{
	return watched->samples > 2 && 2 * watched->unread >= watched->samples - 1;
}

/* CLOSE-WAIT at the first look and at the last: nobody has called close(2) for all that time. */
static void close_wait_add(struct service_facts *facts, const struct socket_watched *watched)
{
	if (watched->first.state != SOCKET_CLOSE_WAIT || watched->last.state != SOCKET_CLOSE_WAIT ||
	    watched->gone)
		return;
	uint32_t silence = watched->last.last_ack_ms < watched->last.last_received_ms
			       ? watched->last.last_ack_ms
			       : watched->last.last_received_ms;
	facts->close_wait++;
	if ((ns_t)silence * NS_PER_MS > facts->close_wait_oldest)
		facts->close_wait_oldest = (ns_t)silence * NS_PER_MS;
}

static void pending_add(struct summing *summing, const struct socket_watched *watched, ns_t over)
{
	struct service_sums *sums = &summing->facts->sums;
	bool sure = watched->pending <= over || !watched->last.data_segs_out;
	bool recent = watched->pending < 30 * NS_PER_S;
	sums->pending++;
	sums->pending_sure += sure;
	sums->pending_recent += !sure && recent;
	if (sure || recent)
		summing->waits[summing->wait_count++] = watched->pending;
}

static void connection_add(struct summing *summing, const struct socket_watched *watched)
{
	struct service_sums *sums = &summing->facts->sums;
	const struct socket_sample *first = &watched->first, *last = &watched->last;
	ns_t over = watched->ended - watched->began;
	sums->connections++;
	sums->established += last->state == SOCKET_ESTABLISHED && !watched->gone;
	sums->answered_bytes += last->bytes_acked - first->bytes_acked;
	sums->ever_answered |= last->data_segs_out > 0;
	sums->retransmitted += last->total_retrans - first->total_retrans;
	sums->sent_segments += last->data_segs_out - first->data_segs_out;
	if (is_unread(watched)) {
		sums->unread++;
		sums->unread_bytes += last->receive_queue;
	}
	for (int i = 0; i < BLAMES; i++)
		sums->shares[i] += (ns_t)(watched->shares[i] * (double)over);
	sums->thought += watched->thought;
	if (watched->think >= THINK_LEAST) {
		sums->answers++;
		summing->thinks[summing->think_count++] = watched->think;
	}
	if (watched->pending && !watched->gone)
		pending_add(summing, watched, over);
	close_wait_add(summing->facts, watched);
}

/* --- clients --- */

static ns_t microseconds(uint32_t us)
{
	return us && us != UINT32_MAX ? (ns_t)us * NS_PER_US : NS_NONE;
}

static bool is_longer(ns_t a, ns_t b)
{
	return a != NS_NONE && (b == NS_NONE || a > b);
}

/* An IPv4 client of an IPv6 socket (RFC 4291 2.5.5.2) is the same client. */
static struct addr plain_address(const struct addr *peer)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct addr plain = *peer;
	if (peer->family == AF_INET6 && memcmp(peer->bytes, mapped, sizeof mapped) == 0)
		plain = addr_from_bytes(AF_INET, peer->bytes + sizeof mapped);
	plain.port = 0;
	return plain;
}

static void client_add(struct summing *summing, const struct socket_watched *watched)
{
	struct addr key = plain_address(&watched->entry.peer);
	bool is_new;
	struct service_client *client = groups_find(&summing->clients, &key, sizeof key, &is_new);
	const struct socket_sample *first = &watched->first, *last = &watched->last;
	if (is_new) {
		client->addr = key;
		client->rtt = client->min_rtt = NS_NONE;
		client->holder = blame_name(BLAME_IDLE);
		client->says = blame_text(BLAME_IDLE);
	}
	client->connections++;
	client->retransmitted += last->total_retrans - first->total_retrans;
	client->sent_segments += last->data_segs_out - first->data_segs_out;
	client->sent_bytes += last->bytes_acked - first->bytes_acked;
	client->received_bytes += last->bytes_received - first->bytes_received;
	client->unread_bytes += last->receive_queue;
	if (is_longer(microseconds(last->rtt), client->rtt))
		client->rtt = microseconds(last->rtt);
	if (is_longer(microseconds(last->min_rtt), client->min_rtt))
		client->min_rtt = microseconds(last->min_rtt);
	if (watched->think > client->think)
		client->think = watched->think;
	if (watched->pending > client->pending && !watched->gone)
		client->pending = watched->pending;
	double network = watched->shares[BLAME_PATH] + watched->shares[BLAME_LOSS];
	if (network > client->network)
		client->network = network;
	double share = watched->holder == BLAME_IDLE ? 0 : watched->shares[watched->holder];
	ns_t over = watched->ended - watched->began;
	double thought = over > 0 ? (double)watched->thought / (double)over : 0;
	if (thought > 1)
		thought = 1;
	if (watched->think >= THINK_LEAST && thought > share && thought > client->share) {
		client->share = thought;
		client->holder = "program";
		client->says = "our program's answer";
	} else if (share > client->share) {
		client->share = share;
		client->holder = blame_name(watched->holder);
		client->says = blame_text(watched->holder);
	}
}

static void client_unanswered(struct service_client *client)
{
	if (client->pending < NS_PER_S || client->pending > 30 * NS_PER_S || client->share > 0)
		return;
	client->holder = "program";
	client->says = "our program's answer";
	client->share = 1;
}

static int compare_clients(const void *a, const void *b)
{
	const struct service_client *x = a, *y = b;
	if (x->share < y->share || x->share > y->share)
		return x->share > y->share ? -1 : 1;
	return x->connections > y->connections ? -1 : x->connections < y->connections;
}

static void watched_sum(struct summing *summing, const struct socket_watched *watched)
{
	struct service_facts *facts = summing->facts;
	if (watched->last.state == SOCKET_LISTEN) {
		listener_add(facts, watched);
		return;
	}
	if (is_unaccepted(watched) && !watched->gone) {
		facts->unaccepted++;
		facts->unaccepted_data += watched->last.receive_queue > 0;
		facts->unaccepted_long += watched->ended - watched->began >= 300 * NS_PER_MS;
		return;
	}
	if (watched->samples < 2 && !watched->is_new)
		return;
	connection_add(summing, watched);
	client_add(summing, watched);
}

void service_facts_sum(struct service_facts *facts, const struct socket_watch_result *seen,
		       struct service_diagnosis *out)
{
	struct summing summing = { .facts = facts,
				   .seen = seen,
				   .clients = GROUPS_INIT(sizeof(struct service_client)),
				   .thinks = mem_alloc((seen->count + 1) * sizeof(ns_t)),
				   .waits = mem_alloc((seen->count + 1) * sizeof(ns_t)) };
	facts->looks = seen->looks;
	facts->took = seen->took;
	facts->half_open = seen->states_most[SOCKET_SYN_RECV];
	facts->half_open_peers = seen->half_open_peers;
	for (size_t i = 0; i < seen->count; i++)
		watched_sum(&summing, &seen->items[i]);
	facts->sums.think = median(summing.thinks, summing.think_count, &facts->sums.think_most);
	facts->sums.wait = median(summing.waits, summing.wait_count, NULL);
	free(summing.thinks);
	free(summing.waits);
	/* Where nobody is answered, those who wait do so for the program. */
	for (size_t i = 0; !facts->sums.answered_bytes && i < summing.clients.count; i++)
		client_unanswered(groups_at(&summing.clients, i));
	size_t count;
	struct service_client *clients = groups_take(&summing.clients, compare_clients, &count);
	out->clients_seen = count;
	out->client_count = count < SERVICE_CLIENTS_MAX ? count : SERVICE_CLIENTS_MAX;
	if (count)
		memcpy(out->clients, clients, out->client_count * sizeof *clients);
	free(clients);
	facts->clients = out->clients;
	facts->client_count = out->client_count;
}

void service_ledger(const struct service_facts *facts, struct ledger *out)
{
	const struct service_sums *sums = &facts->sums;
	ns_t count = sums->connections ? (ns_t)sums->connections : 1;
	*out = (struct ledger){ .total = 0 };
	out->stall = sums->shares[BLAME_LOSS] / count;
	out->transfer_network = (sums->shares[BLAME_PATH] + sums->shares[BLAME_PEER]) / count;
	out->transfer_server = sums->shares[BLAME_BUFFER] / count;
	out->server = sums->shares[BLAME_READER] / count;
	if (sums->think != NS_NONE)
		out->server += sums->think;
	out->total = out->stall + out->transfer_network + out->transfer_server + out->server;
}
