/* lab_emu [-s SEED] NAME=IF_A,IF_B ...     emulates links until its standard input ends
 * lab_emu plain IF ...                     turns off the offloads of interfaces and ends
 *
 * Commands come on standard input, one a line, each answered by one line of JSON on standard output: see control.c. */
#include "emu.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, CONTROL_MAX = 4096 };

static struct emulator emulator = { .seed = 1 };
static volatile sig_atomic_t ending;

static void on_signal(int number)
{
	(void)number;
	ending = 1;
}

/* The kernel's stamp, brought onto the monotonic clock: this process may have been late, the frame was not. */
static ns_t arrival_of(struct msghdr *message, struct direction *way, ns_t now, ns_t real_now)
{
	ns_t arrival = now;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
			struct timespec stamp;
			memcpy(&stamp, CMSG_DATA(c), sizeof(stamp));
			ns_t age = real_now - ((ns_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec);
			if (age > 0 && age < 200000000)
				arrival = now - age;
		} else if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA) {
			struct tpacket_auxdata aux;
			memcpy(&aux, CMSG_DATA(c), sizeof(aux));
			way->count.partial_checksums += (aux.tp_status & TP_STATUS_CSUMNOTREADY) != 0;
		}
	}
	return arrival;
}

static void read_frames(struct direction *way)
{
	static uint8_t frames[BATCH][FRAME_MAX];
	static union {
		char bytes[128];
		struct cmsghdr align;
	} ancillary[BATCH];
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	struct timespec real;
	for (int i = 0; i < BATCH; i++) {
		vectors[i] = (struct iovec){ .iov_base = frames[i], .iov_len = FRAME_MAX };
		messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &vectors[i],
							     .msg_iovlen = 1,
							     .msg_control = ancillary[i].bytes,
							     .msg_controllen = sizeof(ancillary[i]) } };
	}
	int count = recvmmsg(way->in, messages, BATCH, MSG_DONTWAIT, NULL);
	ns_t now = clock_now();
	clock_gettime(CLOCK_REALTIME, &real);
	ns_t real_now = (ns_t)real.tv_sec * 1000000000 + real.tv_nsec;
	for (int i = 0; i < count; i++)
		shape_frame(way, frames[i], messages[i].msg_len,
			    arrival_of(&messages[i].msg_hdr, way, now, real_now));
}

static void send_due(void)
{
	ns_t now = clock_now();
	struct waiting *item;
	while ((item = queue_take(now)) != NULL) {
		struct counters *count = &item->way->count;
		ns_t late = now - item->release;
		count->late_sum += late;
		if (late > count->late_max)
			count->late_max = late;
		if (send(item->way->out, item->bytes, item->length, MSG_DONTWAIT) < 0) {
			count->dropped_send++;
		} else {
			count->out_frames++;
			count->out_bytes += item->length;
		}
		free(item);
	}
}

/* Returns 1 when standard input has ended or a command asks to end. */
static int read_control(void)
{
	static char pending[CONTROL_MAX];
	static size_t length;
	ssize_t got = read(STDIN_FILENO, pending + length, sizeof(pending) - 1 - length);
	if (got <= 0)
		return got == 0 || errno != EINTR;
	length += (size_t)got;
	pending[length] = 0;
	char *start = pending, *newline;
	while ((newline = strchr(start, '\n')) != NULL) {
		*newline = 0;
		if (control_line(&emulator, start))
			return 1;
		start = newline + 1;
	}
	length = strlen(start);
	memmove(pending, start, length + 1);
	return length == sizeof(pending) - 1;
}

static int add_link(char *text)
{
	char *equals = strchr(text, '='), *comma = equals ? strchr(equals, ',') : NULL;
	if (!comma || emulator.link_count == LINKS_MAX) {
		fprintf(stderr, "lab_emu: a link is NAME=IF_A,IF_B (at most %d of them), not '%s'\n",
			LINKS_MAX, text);
		return -1;
	}
	*equals = 0;
	*comma = 0;
	struct link *link = &emulator.links[emulator.link_count];
	snprintf(link->name, sizeof(link->name), "%s", text);
	if (device_plain(equals + 1) < 0 || device_plain(comma + 1) < 0)
		return -1;
	int a = device_open(equals + 1), b = device_open(comma + 1);
	if (a < 0 || b < 0)
		return -1;
	for (int way = 0; way < 2; way++) {
		link->way[way].in = way ? b : a;
		link->way[way].out = way ? a : b;
		link->way[way].random = emulator.seed * 1000003 + (uint64_t)(emulator.link_count * 2 + way);
	}
	emulator.link_count++;
	return 0;
}

/* A late wake-up is a delay that nobody ordered: ask for precise timers and to be run first. */
static void be_punctual(void)
{
	struct sched_param param = { .sched_priority = 1 };
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	if (sched_setscheduler(0, SCHED_RR, &param) < 0)
		setpriority(PRIO_PROCESS, 0, -20);
}

static void run(void)
{
	struct pollfd polls[2 * LINKS_MAX + 1];
	int count = 2 * emulator.link_count;
	for (int i = 0; i < count; i++)
		polls[i] = (struct pollfd){ .fd = emulator.links[i / 2].way[i % 2].in, .events = POLLIN };
	polls[count] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	while (!ending) {
		ns_t next = queue_next(), wait = next - clock_now();
		struct timespec timeout = { 0, 0 };
		if (wait > 0)
			timeout = (struct timespec){ wait / 1000000000, wait % 1000000000 };
		if (ppoll(polls, (nfds_t)count + 1, next == INT64_MAX ? NULL : &timeout, NULL) < 0 &&
		    errno != EINTR)
			break;
		send_due();
		for (int i = 0; i < count; i++)
			if (polls[i].revents)
				read_frames(&emulator.links[i / 2].way[i % 2]);
		if (polls[count].revents && read_control())
			break;
	}
}

int main(int argc, char **argv)
{
	int first = 1;
	if (argc > 2 && strcmp(argv[1], "plain") == 0) {
		for (int i = 2; i < argc; i++)
			if (device_plain(argv[i]) < 0)
				return 3;
		return 0;
	}
	if (argc > 2 && strcmp(argv[1], "-s") == 0) {
		emulator.seed = strtoull(argv[2], NULL, 10);
		first = 3;
	}
	for (int i = first; i < argc; i++)
		if (add_link(argv[i]) < 0)
			return 3;
	signal(SIGTERM, on_signal);
	signal(SIGINT, SIG_IGN); /* Ctrl-C is for the test, which then ends us */
	signal(SIGPIPE, SIG_IGN);
	be_punctual();
	printf("{\"ready\":%d}\n", emulator.link_count);
	fflush(stdout);
	run();
	return 0;
}
