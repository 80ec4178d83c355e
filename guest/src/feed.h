// The standard input of a step. The thread that reads the link buffers the data of the host and never waits. A second thread
// writes the data into a pipe as the step reads, and tells the host how much more it may send.
#ifndef GLOVEBOX_FEED_H
#define GLOVEBOX_FEED_H

#include <pthread.h>

#include "link.h"
#include "messages.h"

enum feed_state {
  FEED_NONE,    // the step has no input
  FEED_OPEN,    // more may come
  FEED_ENDED,   // the host has sent the end
  FEED_DROPPED, // nobody reads any more: the rest is nothing to anyone
};

struct feed {
  pthread_mutex_t lock;
  enum feed_state state;
  bool ended; // the host has sent the end, whatever became of it
  bool finishing;
  uint32_t start; // of what waits, in `waiting`, which goes round
  uint32_t len;
  int wake; // eventfd: something of the above has changed
  int pipe;
  bool running;
  uint32_t step;
  struct link *link;
  pthread_t thread;
  uint8_t waiting[INPUT_WINDOW];
};

void feed_prepare(struct feed *feed, struct link *link);
// A step begins. `wanted`: it has a standard input, and the host may send data from now on.
void feed_expect(struct feed *feed, bool wanted);
// Buffers data of the host. Returns false if the host broke the protocol.
bool feed_put(struct feed *feed, struct bytes data);
// Takes over the writing end of the step's pipe.
void feed_start(struct feed *feed, uint32_t step, int pipe);
// Call it when every process of the step is gone, or none ever ran: it drops the buffered data.
void feed_finish(struct feed *feed);

#endif
