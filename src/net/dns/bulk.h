/* What the two ways of running jobs share. */
#ifndef NET_DNS_BULK_H
#define NET_DNS_BULK_H

#include "ntsh/dns_batch.h"

/* Nothing at all came from the server. */
bool dns_exchange_is_silent(const struct dns_exchange *exchange);

/* The job is done: keeps a copy of the exchange, without its message. */
void dns_job_take(struct dns_job *job, const struct dns_exchange *exchange);

/* The time was over before it was done. */
void dns_job_abandon(struct dns_job *job);

#endif
