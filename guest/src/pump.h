// Passes a step's standard output and error to the host as they come, up to a limit; of what is over it, the end, when the
// step is over. That is where commands say what went wrong.
#ifndef GLOVEBOX_PUMP_H
#define GLOVEBOX_PUMP_H

#include <pthread.h>

#include "link.h"

// Bytes of each stream's end that are kept; no more than the limit.
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
// When every process of the step is gone: drains what is left and ends.
void pump_finish(struct pump *pump);

#endif
