/* The ranking: all rules over one set of facts, the cause that costs most on top. Pure. */
#ifndef DIAG_JUDGE_H
#define DIAG_JUDGE_H

#include "diag/evidence.h"

#include "ntsh/diagnose.h"

/* Fills verdict, also, ledger, attempts, failed, round_trip and round_trips of out from the facts. */
void judge(const struct facts *facts, struct diagnosis *out);

#endif
