// Marks that the host sets in the record of a running step. A thread of its own takes them: whoever reads the link must
// not wait until a report is sent.
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
// false: the host broke the protocol, there is one that was not answered yet.
bool marks_ask(struct marks *marks, uint32_t step);
// Answers marks, for good.
void *marks_serve(void *marks);

#endif
