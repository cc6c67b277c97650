/* The ping of one host, from its start to its verdict: a row for each probe, then what the numbers mean. */
#ifndef NTSH_PING_SHOW_H
#define NTSH_PING_SHOW_H

#include "ntsh/command.h"
#include "ntsh/ping.h"

/* Looks host up (into request->target), runs the ping, and puts what help/json.md lists under ping. Returns the status. */
enum status ping_show_run(struct call *call, struct ping_request *request, const char *host);

#endif
