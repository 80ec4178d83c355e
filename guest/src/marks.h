// Handles marks, which the host sets in the record of a running step. A separate thread handles them, so that the thread
// that reads the link never waits for a report to be sent.
#ifndef GLOVEBOX_MARKS_H
#define GLOVEBOX_MARKS_H

#include <pthread.h>

#include "processes.h"

struct marks {
  pthread_mutex_t lock;
  pthread_cond_t filled;
  bool asked;
  uint32_t step;
  struct processes *processes;
  struct link *link;
};

void marks_prepare(struct marks *marks, struct processes *processes, struct link *link);
// Returns false if an earlier mark is unanswered: then the host broke the protocol.
bool marks_ask(struct marks *marks, uint32_t step);
// The thread that answers marks; it never returns.
void *marks_serve(void *marks);

#endif
