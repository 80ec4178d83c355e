#include "bridge-pipe.h"

#include <errno.h>
#include <sys/socket.h>

static bool is_temporary(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

bool bridge_pipe_wants_input(const struct bridge_pipe *pipe) { return !pipe->source_ended && pipe->start == pipe->end; }
bool bridge_pipe_wants_output(const struct bridge_pipe *pipe) { return pipe->start < pipe->end; }

static bool fill(struct bridge_pipe *pipe, int from) {
  ssize_t got = recv(from, pipe->data, sizeof pipe->data, MSG_DONTWAIT);
  if (got < 0) return is_temporary(errno);
  pipe->start = 0;
  pipe->end = (size_t)got;
  pipe->source_ended = got == 0;
  return true;
}

static bool empty(struct bridge_pipe *pipe, int to) {
  ssize_t sent = send(to, pipe->data + pipe->start, pipe->end - pipe->start, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) return is_temporary(errno);
  pipe->start += (size_t)sent;
  return true;
}

bool bridge_pipe_move(struct bridge_pipe *pipe, int from, int to) {
  if (bridge_pipe_wants_input(pipe) && !fill(pipe, from)) return false;
  if (bridge_pipe_wants_output(pipe) && !empty(pipe, to)) return false;
  if (pipe->source_ended && !bridge_pipe_wants_output(pipe) && !pipe->target_ended) {
    pipe->target_ended = true;
    shutdown(to, SHUT_WR);
  }
  return true;
}
