// Opens of named pipes that wait for the other end. For each, a thread of the guest waits instead of the process, since the
// kernel would read the name again.
#ifndef GLOVEBOX_WAITING_OPENS_H
#define GLOVEBOX_WAITING_OPENS_H

#include <pthread.h>
#include <stdatomic.h>

#include "deed.h"
#include "processes.h"

#define WAITING_OPENS_MAX 256u

struct waiting_opens {
  pthread_mutex_t lock;
  struct waiting_open *first;
  unsigned count;
  atomic_bool stopping;
  struct processes *processes;
};

void waiting_opens_init(struct waiting_opens *waiting, struct processes *processes);
// The call is answered later. Returns false if too many opens wait already; then the deed has its answer.
bool waiting_opens_add(struct waiting_opens *waiting, const struct tracee *tracee, struct deed *deed);
// After the last process of the step is gone.
void waiting_opens_stop(struct waiting_opens *waiting);

#endif
