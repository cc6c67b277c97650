/* The scan between its clock-less core and the sockets: shared by scan.c (life), scan_syn.c, scan_udp.c and scan_connect.c. */
#ifndef NET_SCAN_ENGINE_H
#define NET_SCAN_ENGINE_H

#include "net/scan_core.h"
#include "sys/batch.h"

struct scan_finger_entry {
	uint64_t host;
	struct scan_finger finger;
};

/* One way of asking. */
struct scan_way {
	/* Opens what it needs. Returns 0, or -1 with err and errno. */
	int (*open)(struct scan *scan, struct error *err);
	/* Sends a probe, or keeps it for flush. */
	void (*send)(struct scan *scan, uint64_t probe, ns_t now);
	void (*flush)(struct scan *scan);
	/* Takes what came in. */
	void (*drain)(struct scan *scan);
	void (*close)(struct scan *scan);
};
extern const struct scan_way scan_way_syn, scan_way_udp, scan_way_connect;

struct scan {
	struct loop *loop;
	struct scan_request request;
	char interface[16];
	const struct scan_events *events;
	void *arg;
	enum scan_method method;
	const struct scan_way *way;
	void *state; /* of the way */
	struct scan_core core;
	uint16_t *port_index; /* by port */
	uint16_t *ports;      /* by index */
	struct loop_timer timer;
	ns_t began, ended, reported;
	uint64_t secret;
	bool over;

	struct scan_finger_entry *fingers; /* in the order of arrival; by host once the scan is over */
	size_t finger_count;
};

/* The probe that asks this address and port; false when it is none of ours. */
bool scan_find(const struct scan *scan, const struct addr *addr, uint16_t port, uint64_t *probe);

/* Where a probe goes, with its port. */
struct addr scan_target(const struct scan *scan, uint64_t probe);

void scan_finger_add(struct scan *scan, uint64_t probe, const struct scan_finger *finger);

/* An ICMP error about a probe. */
void scan_icmp(struct scan *scan, uint64_t probe, uint8_t type, uint8_t code, const struct addr *from);

/* Something came in: go on at once. */
void scan_wake(struct scan *scan);

#endif
