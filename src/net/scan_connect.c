/* Whole handshakes by the kernel, without privileges. */
#include "base/mem.h"
#include "net/scan_engine.h"
#include "ntsh/tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SOCKETS_MAX = 1000, SOCKETS_LEFT = 32, SOCKETS_MIN = 16 };

struct attempt {
	struct scan *scan;
	struct tcp_connect *handle;
	struct attempt *next, *before;
	uint64_t probe;
};

struct attempts {
	struct attempt *first;
};

static void attempt_forget(struct attempt *attempt)
{
	struct attempts *attempts = attempt->scan->state;
	if (attempt->before)
		attempt->before->next = attempt->next;
	else
		attempts->first = attempt->next;
	if (attempt->next)
		attempt->next->before = attempt->before;
	free(attempt);
}

static void take(struct scan *scan, uint64_t probe, const struct tcp_connect_result *result)
{
	struct scan_outcome outcome = { .state = SCAN_OPEN, .reason = SCAN_SYN_ACK };
	switch (result->outcome) {
	case TCP_CONNECTED:
		break;
	case TCP_REFUSED:
	case TCP_RESET:
		outcome = (struct scan_outcome){ .state = SCAN_CLOSED, .reason = SCAN_RESET };
		break;
	case TCP_UNREACHABLE:
		scan_icmp(scan, probe, result->icmp_type, result->icmp_code, &result->icmp_from);
		return;
	case TCP_TIMED_OUT:
		return;
	case TCP_LOCAL_ERROR:
		scan_core_refused(&scan->core, probe, result->errnum);
		return;
	}
	scan_core_answer(&scan->core, probe, &outcome, clock_mono());
}

static void on_connected(struct loop *loop, const struct tcp_connect_result *result, void *arg)
{
	(void)loop;
	struct attempt *attempt = arg;
	struct scan *scan = attempt->scan;
	uint64_t probe = attempt->probe;
	attempt_forget(attempt);
	if (result->fd >= 0)
		close(result->fd);
	scan_core_landed(&scan->core);
	take(scan, probe, result);
	scan_wake(scan);
}

static void connect_send(struct scan *scan, uint64_t probe, ns_t now)
{
	struct attempts *attempts = scan->state;
	struct tcp_connect_request request = {
		.target = scan_target(scan, probe),
		.interface = scan->request.interface,
		.timeout = scan_core_wait(&scan->core),
	};
	struct attempt *attempt = NEW(struct attempt);
	struct error error = ERROR_INIT;
	scan_core_sent(&scan->core, probe, now);
	*attempt = (struct attempt){ .scan = scan, .next = attempts->first, .probe = probe };
	attempt->handle = tcp_connect_start(scan->loop, &request, on_connected, attempt, &error);
	if (!attempt->handle) {
		int errnum = errno;
		free(attempt);
		scan_core_landed(&scan->core);
		scan_core_refused(&scan->core, probe, errnum ? errnum : EMFILE);
		return;
	}
	if (attempt->next)
		attempt->next->before = attempt;
	attempts->first = attempt;
}

/* Answers come through the loop. */
static void nothing(struct scan *scan)
{
	(void)scan;
}

static int connect_open(struct scan *scan, struct error *err)
{
	(void)err;
	struct rlimit limit = { .rlim_cur = SOCKETS_MIN };
	getrlimit(RLIMIT_NOFILE, &limit);
	rlim_t room =
	    limit.rlim_cur > SOCKETS_LEFT + SOCKETS_MIN ? limit.rlim_cur - SOCKETS_LEFT : SOCKETS_MIN;
	scan->core.window = room < SOCKETS_MAX ? room : SOCKETS_MAX;
	scan->state = NEW(struct attempts);
	return 0;
}

static void connect_close(struct scan *scan)
{
	struct attempts *attempts = scan->state;
	if (!attempts)
		return;
	while (attempts->first) {
		struct attempt *attempt = attempts->first;
		tcp_connect_cancel(attempt->handle);
		attempt_forget(attempt);
	}
	free(attempts);
	scan->state = NULL;
}

const struct scan_way scan_way_connect = { connect_open, connect_send, nothing, nothing, connect_close };
