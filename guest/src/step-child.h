// The first process of a step, from its fork until it executes the command.
#ifndef GLOVEBOX_STEP_CHILD_H
#define GLOVEBOX_STEP_CHILD_H

#include <sys/resource.h>
#include <sys/types.h>

#include "messages.h"

struct step_child {
  pid_t pid;
  int input;  // writing end; -1: it has none
  int output; // reading ends
  int error;
  int control; // our end: it waits for a byte before it goes on
};

struct child_settings {
  const struct run_request *request;
  bool stay_dumpable;
  struct rlimit open_files; // the guest raises its own
};

// Forks. The child waits until step_child_go.
bool step_child_fork(struct step_child *child, const struct child_settings *settings);
// Resumes it, and waits until it is restricted and about to execute. *listener is the listener of its filter, or -1 if the
// step is not recorded. Returns false with errno if it could not be restricted; then it runs no program.
bool step_child_go(struct step_child *child, bool record, int *listener);

#endif
