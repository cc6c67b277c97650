/* Conversations into the facts of a diagnosis from packets. */
#ifndef DIAG_PACKETS_GATHER_H
#define DIAG_PACKETS_GATHER_H

#include "ntsh/flows.h"

struct packet_facts;

/* Listeners for the flow engine; arg is the facts, zeroed but for trip_least = NS_NONE. */
void packets_flow_ended(const struct flow *flow, void *arg);
void packets_exchanged(const struct flow *flow, const struct flow_exchange *exchange, void *arg);

/* Means, medians and the vantage point, once all is in. */
void packets_settle(struct packet_facts *facts);

#endif
