// Sends the reports about a process, in this order: started, files and connects, exited. Called with the lock held.
#ifndef GLOVEBOX_PROCESS_REPORTS_H
#define GLOVEBOX_PROCESS_REPORTS_H

#include <sys/resource.h>

#include "processes.h"

// Reads the executed program from the kernel and sends it. The process must be stopped at its exec.
void report_exec(struct processes *all, struct process *process);
// Sends the collected accesses. If the process was not reported yet, sends its start first.
void report_gathered(struct processes *all, struct process *process);
// For every process: sends what is gathered, and lists again from now on what was listed before. How many paths a process
// is given in all stays bounded.
void report_mark(struct processes *all);
// The process has ended and nobody but the tracer knows: what it wrote stands as it left it. Called once or more.
void report_end(struct processes *all, struct process *process);
void report_exit(struct processes *all, struct process *process, int status, const struct rusage *usage);

#endif
