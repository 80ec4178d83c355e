// Follows the processes of a step through ptrace events: birth, exec, death. No system call is stopped.
#ifndef GLOVEBOX_TRACER_H
#define GLOVEBOX_TRACER_H

#include <stdatomic.h>
#include <sys/resource.h>

#include "processes.h"

struct main_exit {
  int status;
  uint64_t at_us;
};

// Attaches to the step's first process, before it runs anything. false with errno on failure.
bool tracer_attach(struct processes *all, pid_t pid);
// Runs until the step's main process has ended and every other process of the step was killed and reaped. All calls
// come from one thread: the kernel takes ptrace requests from the thread that attached only. `all` is NULL when the
// step is not recorded. `kill_asked` is set by whoever wants the step to end.
struct main_exit tracer_run(struct processes *all, pid_t main, const atomic_bool *kill_asked);
// Kills every process in the sandbox except the guest.
void kill_everything(void);

#endif
