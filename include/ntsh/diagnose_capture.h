/* The same question - the network or the server? - answered from packets alone. */
#ifndef NTSH_DIAGNOSE_CAPTURE_H
#define NTSH_DIAGNOSE_CAPTURE_H

#include "ntsh/diagnose.h"
#include "ntsh/packet.h"

struct packet_judge;

/* Takes packets one by one, and judges what came so far whenever it is asked to. */
struct packet_judge *packet_judge_new(void);
void packet_judge_add(struct packet_judge *judge, const struct packet *packet, ns_t time);

/* What lowers the confidence: packets that the capture lost (known or not), a file that ends in the middle. */
void packet_judge_quality(struct packet_judge *judge, bool drops_known, uint64_t drops, bool cut);

struct capture_verdict {
	struct diagnosis diagnosis; /* target and address are empty; attempts: exchanges that were answered */
	uint64_t packets, flows, tcp, copies, drops, missing_bytes;
	bool drops_known, cut;
	const char *vantage;        /* "at the client", "at the server", "in the middle"; NULL unknown */
	double quality;             /* 0..1: what confidences were multiplied with */
};

/* Ends all conversations and judges. */
void packet_judge_end(struct packet_judge *judge, struct capture_verdict *out);
void packet_judge_free(struct packet_judge *judge);

#endif
