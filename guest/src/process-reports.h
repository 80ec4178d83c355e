// What is sent about a process, in this order: started, files and connects, exited. Called with the lock held.
#ifndef GLOVEBOX_PROCESS_REPORTS_H
#define GLOVEBOX_PROCESS_REPORTS_H

#include <sys/resource.h>

#include "processes.h"

// The process stands at its exec stop: what it executes is read from the kernel and sent.
void report_exec(struct processes *all, struct process *process);
// Sends what is gathered so far, after saying what the process is if that was not said yet.
void report_gathered(struct processes *all, struct process *process);
// For every process: sends what is gathered, and lists again from now on what was listed before. How many paths a process
// is given in all stays bounded.
void report_mark(struct processes *all);
// The process has ended and nobody but the tracer knows: what it wrote stands as it left it. Called once or more.
void report_end(struct processes *all, struct process *process);
void report_exit(struct processes *all, struct process *process, int status, const struct rusage *usage);

#endif
