// Runs one command, from the host's request until its last process is gone.
#ifndef GLOVEBOX_STEP_H
#define GLOVEBOX_STEP_H

#include <stdatomic.h>
#include <sys/resource.h>

#include "coverage.h"
#include "feed.h"
#include "messages.h"
#include "processes.h"

struct step_settings {
  struct link *link;
  struct coverage *coverage;
  struct processes *processes;
  struct feed *feed;
  struct rlimit open_files; // what the guest was given, and steps get
  const atomic_bool *kill_asked;
};

void run_step(const struct step_settings *settings, const struct run_request *request);

#endif
