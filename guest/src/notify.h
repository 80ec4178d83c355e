// Receives the calls that the filter passes to the guest, does them for the waiting process, and records the result.
#ifndef GLOVEBOX_NOTIFY_H
#define GLOVEBOX_NOTIFY_H

#include <pthread.h>
#include <stdatomic.h>

#include "waiting-opens.h"

#define NOTIFIERS_MAX 4

struct notifiers {
  int listener;
  unsigned count;
  atomic_bool stopping;
  atomic_uint running;
  struct processes *processes;
  struct waiting_opens waiting;
  pthread_t threads[NOTIFIERS_MAX];
};

// Takes over the listener.
void notifiers_start(struct notifiers *notifiers, struct processes *processes, int listener);
// Call it after the last process of the step is gone.
void notifiers_stop(struct notifiers *notifiers);

#endif
