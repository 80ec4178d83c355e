#include "pump.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "die.h"
#include "messages.h"

#define CHUNK (64u << 10)

static void pass(struct pump *pump, int index, const uint8_t *data, size_t len) {
  struct pump_stream *stream = &pump->streams[index];
  stream->seen += len;
  uint64_t room = pump->limit - stream->passed;
  size_t kept = len < room ? len : (size_t)room;
  if (kept == 0) return;
  stream->passed += kept;
  uint8_t memory[CHUNK + 16];
  struct writer to = {memory, 0, sizeof memory, false};
  encode_output(&to, pump->step, index == 0 ? STREAM_STDOUT : STREAM_STDERR, data, kept);
  link_send(pump->link, FRAME_OUTPUT, &to);
}

// Reads once; false at the end of the stream or, when nothing is there, if nobody will write any more.
static bool drain(struct pump *pump, int index, bool last) {
  uint8_t data[CHUNK];
  for (;;) {
    ssize_t got = read(pump->streams[index].pipe, data, sizeof data);
    if (got > 0) {
      pass(pump, index, data, (size_t)got);
      if (last) continue;
      return true;
    }
    if (got < 0 && errno == EINTR) continue;
    return got < 0 && errno == EAGAIN && !last;
  }
}

static void *run(void *argument) {
  struct pump *pump = argument;
  struct pollfd polled[3] = {
      {pump->streams[0].pipe, POLLIN, 0}, {pump->streams[1].pipe, POLLIN, 0}, {pump->finish, POLLIN, 0}};
  while (!(polled[2].revents & POLLIN)) {
    if (poll(polled, 3, -1) < 0 && errno != EINTR) die_errno("poll");
    for (int i = 0; i < 2; i++) {
      if (polled[i].revents != 0 && !drain(pump, i, false)) polled[i].fd = -1;
      polled[i].revents = 0;
    }
  }
  for (int i = 0; i < 2; i++) drain(pump, i, true);
  return NULL;
}

void pump_start(struct pump *pump, struct link *link, uint32_t step, uint64_t limit, int output, int error) {
  *pump = (struct pump){.link = link, .step = step, .limit = limit, .streams = {{output, 0, 0}, {error, 0, 0}}};
  pump->finish = eventfd(0, EFD_CLOEXEC);
  if (pump->finish < 0) die_errno("eventfd");
  for (int i = 0; i < 2; i++) fcntl(pump->streams[i].pipe, F_SETFL, O_NONBLOCK);
  if (pthread_create(&pump->thread, NULL, run, pump) != 0) die("cannot start a thread");
}

void pump_finish(struct pump *pump) {
  uint64_t one = 1;
  if (write(pump->finish, &one, sizeof one) != sizeof one) die_errno("eventfd");
  pthread_join(pump->thread, NULL);
  for (int i = 0; i < 2; i++) close(pump->streams[i].pipe);
  close(pump->finish);
}
