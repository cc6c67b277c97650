/* A process of this machine, as /proc shows it (proc(5)). */
#ifndef NTSH_PROCESS_H
#define NTSH_PROCESS_H

#include "ntsh/clock.h"

#include <stdbool.h>
#include <stdint.h>

struct process_state {
	bool stopped;        /* by a signal or a debugger: state T or t */
	ns_t run_delay;      /* that its threads have waited for a CPU so far (schedstat); NS_NONE when the kernel does not say */
	ns_t run_time;       /* that they ran on one; NS_NONE when the kernel does not say */
	int64_t files;       /* descriptors open, -1 when hidden from this user */
	int64_t files_limit; /* RLIMIT_NOFILE, -1 when hidden or unlimited */
};

/* Returns 0, or -1 when there is no such process. */
int process_read(uint32_t pid, struct process_state *out);

/* Microseconds that some task of the machine has waited for a CPU (PSI, Documentation/accounting/psi.rst); 0 when the kernel does not say. */
uint64_t machine_cpu_stall(void);

#endif
