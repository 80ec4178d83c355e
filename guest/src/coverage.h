// Counts the gaps of the record as they occur, for the COVERAGE report.
#ifndef GLOVEBOX_COVERAGE_H
#define GLOVEBOX_COVERAGE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "link.h"

struct coverage {
  bool may_trace_others;        // CAP_SYS_PTRACE is held
  bool acts;                    // the guest does file calls in the place of processes
  atomic_ulong unrecorded_steps; // steps that were asked to run without the recorder
  atomic_ulong attempted_calls; // calls that name a file and were left to the kernel
  atomic_ulong unread_calls;    // notified calls whose arguments or process could not be read
  atomic_ulong capped_connects; // connects over the bound of a process
  atomic_ulong lost_processes;  // processes that the tracer can't account for
};

void coverage_send(const struct coverage *coverage, struct link *link);

#endif
