#ifndef GLOVEBOX_CLOCK_H
#define GLOVEBOX_CLOCK_H

#include <stdint.h>
#include <time.h>

// Monotonic clock in microseconds.
static inline uint64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

#endif
