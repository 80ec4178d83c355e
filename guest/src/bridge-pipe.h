// One direction of a bridged connection: a bounded buffer between two sockets, with half-close.
#ifndef GLOVEBOX_BRIDGE_PIPE_H
#define GLOVEBOX_BRIDGE_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BRIDGE_BUFFER (32u << 10)

struct bridge_pipe {
  size_t start;
  size_t end;
  bool source_ended;
  bool target_ended; // told so
  uint8_t data[BRIDGE_BUFFER];
};

// Moves all bytes that can be moved now. Returns false if the connection is broken.
bool bridge_pipe_move(struct bridge_pipe *pipe, int from, int to);
bool bridge_pipe_wants_input(const struct bridge_pipe *pipe);
bool bridge_pipe_wants_output(const struct bridge_pipe *pipe);

#endif
