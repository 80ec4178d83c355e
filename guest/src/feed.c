#include "feed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "die.h"

void feed_prepare(struct feed *feed, struct link *link) {
  pthread_mutex_init(&feed->lock, NULL);
  feed->link = link;
  feed->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (feed->wake < 0) die_errno("eventfd");
}

static void wake(struct feed *feed) {
  uint64_t one = 1;
  if (write(feed->wake, &one, sizeof one) != sizeof one) die_errno("eventfd");
}

void feed_expect(struct feed *feed, bool wanted) {
  pthread_mutex_lock(&feed->lock);
  feed->state = wanted ? FEED_OPEN : FEED_NONE;
  feed->ended = false;
  feed->finishing = false;
  feed->start = 0;
  feed->len = 0;
  pthread_mutex_unlock(&feed->lock);
}

static void keep(struct feed *feed, struct bytes data) {
  uint32_t at = (feed->start + feed->len) % INPUT_WINDOW;
  size_t first = data.len < INPUT_WINDOW - at ? data.len : INPUT_WINDOW - at;
  memcpy(feed->waiting + at, data.data, first);
  memcpy(feed->waiting, data.data + first, data.len - first);
  feed->len += (uint32_t)data.len;
}

static bool take(struct feed *feed, struct bytes data) {
  if (feed->state == FEED_NONE || feed->ended) return false;
  if (data.len == 0) {
    feed->ended = true;
    if (feed->state == FEED_OPEN) feed->state = FEED_ENDED;
    return true;
  }
  if (feed->state == FEED_DROPPED) return true;
  if (data.len > INPUT_WINDOW - feed->len) return false;
  keep(feed, data);
  return true;
}

bool feed_put(struct feed *feed, struct bytes data) {
  pthread_mutex_lock(&feed->lock);
  // The host may not know yet that the step has ended.
  bool taken = feed->finishing || take(feed, data);
  pthread_mutex_unlock(&feed->lock);
  if (taken) wake(feed);
  return taken;
}

static void say_taken(struct feed *feed, uint32_t bytes, bool closed) {
  uint8_t memory[16];
  struct writer to = {memory, 0, sizeof memory, false};
  encode_input_taken(&to, feed->step, bytes, closed);
  link_send(feed->link, FRAME_INPUT_TAKEN, &to);
}

static void drop(struct feed *feed) {
  pthread_mutex_lock(&feed->lock);
  feed->state = FEED_DROPPED;
  feed->len = 0;
  pthread_mutex_unlock(&feed->lock);
}

// Writes one contiguous part of the buffer. Returns false if the pipe has no reader any more.
static bool write_some(struct feed *feed, uint32_t start, uint32_t len) {
  uint32_t piece = len < INPUT_WINDOW - start ? len : INPUT_WINDOW - start;
  ssize_t sent = write(feed->pipe, feed->waiting + start, piece);
  if (sent < 0) return errno != EPIPE;
  pthread_mutex_lock(&feed->lock);
  feed->start = (feed->start + (uint32_t)sent) % INPUT_WINDOW;
  feed->len -= (uint32_t)sent;
  pthread_mutex_unlock(&feed->lock);
  say_taken(feed, (uint32_t)sent, false);
  return true;
}

static void *run(void *argument) {
  struct feed *feed = argument;
  for (;;) {
    pthread_mutex_lock(&feed->lock);
    bool finishing = feed->finishing;
    bool ended = feed->state == FEED_ENDED;
    uint32_t start = feed->start;
    uint32_t len = feed->len;
    pthread_mutex_unlock(&feed->lock);
    if (finishing || (ended && len == 0)) break;
    // If the pipe has no reader, poll reports POLLERR even if it was not requested.
    struct pollfd polled[2] = {{feed->pipe, len > 0 ? POLLOUT : 0, 0}, {feed->wake, POLLIN, 0}};
    if (poll(polled, 2, -1) < 0) {
      if (errno != EINTR) die_errno("poll");
      continue;
    }
    uint64_t count;
    if (polled[1].revents != 0 && read(feed->wake, &count, sizeof count) < 0 && errno != EAGAIN) die_errno("eventfd");
    bool read_by_someone = !(polled[0].revents & POLLERR);
    if (read_by_someone && (polled[0].revents & POLLOUT)) read_by_someone = write_some(feed, start, len);
    if (!read_by_someone) {
      drop(feed);
      say_taken(feed, 0, true);
      break;
    }
  }
  // Close the pipe now, not at the end of the step, since the reader sees only this as the end of the input.
  close(feed->pipe);
  return NULL;
}

void feed_start(struct feed *feed, uint32_t step, int pipe) {
  feed->step = step;
  feed->pipe = pipe;
  feed->running = true;
  // The step cannot make this end blocking, since the other end is a separate file description.
  if (fcntl(pipe, F_SETFL, O_NONBLOCK) != 0) die_errno("fcntl");
  if (pthread_create(&feed->thread, NULL, run, feed) != 0) die("cannot start a thread");
}

void feed_finish(struct feed *feed) {
  pthread_mutex_lock(&feed->lock);
  feed->finishing = true;
  if (feed->state != FEED_NONE) feed->state = FEED_DROPPED;
  pthread_mutex_unlock(&feed->lock);
  if (!feed->running) return;
  wake(feed);
  pthread_join(feed->thread, NULL);
  feed->running = false;
}
