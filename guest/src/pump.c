#include "pump.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "die.h"
#include "messages.h"

#define CHUNK (64u << 10)

// One step runs at a time.
static uint8_t tails[2][PUMP_TAIL];

// At most CHUNK bytes.
static void send(struct pump *pump, int index, const uint8_t *data, size_t len) {
  if (len == 0) return;
  pump->streams[index].passed += len;
  uint8_t memory[CHUNK + 16];
  struct writer to = {memory, 0, sizeof memory, false};
  encode_output(&to, pump->step, index == 0 ? STREAM_STDOUT : STREAM_STDERR, data, len);
  link_send(pump->link, FRAME_OUTPUT, &to);
}

static void keep(struct pump_stream *stream, const uint8_t *data, size_t len) {
  while (len > 0 && stream->tail_size > 0) {
    size_t at = (size_t)(stream->over % stream->tail_size);
    size_t room = stream->tail_size - at;
    size_t part = len < room ? len : room;
    memcpy(stream->tail + at, data, part);
    stream->over += part;
    data += part;
    len -= part;
  }
}

static void pass(struct pump *pump, int index, const uint8_t *data, size_t len) {
  struct pump_stream *stream = &pump->streams[index];
  stream->seen += len;
  uint64_t room = pump->limit - stream->passed;
  size_t first = len < room ? len : (size_t)room;
  send(pump, index, data, first);
  keep(stream, data + first, len - first);
}

static void send_tail(struct pump *pump, int index) {
  struct pump_stream *stream = &pump->streams[index];
  uint64_t left = stream->over < stream->tail_size ? stream->over : stream->tail_size;
  while (left > 0) {
    size_t at = (size_t)((stream->over - left) % stream->tail_size);
    size_t part = stream->tail_size - at;
    if (part > left) part = (size_t)left;
    if (part > CHUNK) part = CHUNK;
    send(pump, index, stream->tail + at, part);
    left -= part;
  }
}

// Reads once. Returns false at the end of the stream, or if the pipe is empty and has no writers left.
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
  for (int i = 0; i < 2; i++) send_tail(pump, i);
  return NULL;
}

void pump_start(struct pump *pump, struct link *link, uint32_t step, uint64_t limit, int output, int error) {
  *pump = (struct pump){.link = link, .step = step, .limit = limit};
  const int pipes[2] = {output, error};
  for (int i = 0; i < 2; i++) {
    size_t size = limit < PUMP_TAIL ? (size_t)limit : PUMP_TAIL;
    pump->streams[i] = (struct pump_stream){.pipe = pipes[i], .tail = tails[i], .tail_size = size};
  }
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
