// Passes the standard output and error of a step to the host at once, up to a limit. Of longer output it passes on the end
// when the step is over, because commands print their errors there.
#ifndef GLOVEBOX_PUMP_H
#define GLOVEBOX_PUMP_H

#include <pthread.h>

#include "link.h"

// Bytes kept of the end of each stream; at most the limit.
#define PUMP_TAIL (1u << 20)

struct pump_stream {
  int pipe;
  uint64_t seen;
  uint64_t passed;
  uint64_t over;      // bytes over the limit
  uint8_t *tail;      // a ring: byte n of those lies at n % tail_size
  size_t tail_size;
};

struct pump {
  struct link *link;
  uint32_t step;
  uint64_t limit;
  int finish; // eventfd: nobody writes any more
  struct pump_stream streams[2]; // standard output, standard error
  pthread_t thread;
};

// Takes over the reading ends.
void pump_start(struct pump *pump, struct link *link, uint32_t step, uint64_t limit, int output, int error);
// Call it when every process of the step is gone: it drains the pipes and ends.
void pump_finish(struct pump *pump);

#endif
