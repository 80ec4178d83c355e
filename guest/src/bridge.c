#include "bridge.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bridge-pipe.h"
#include "die.h"

#define CONNECTIONS_MAX 256
#define BUSY_WAIT_MS 20

struct connection {
  int inside;
  int outside;
  struct bridge_pipe outward;
  struct bridge_pipe inward;
};

struct bridge {
  int listener;
  struct sockaddr_un gateway;
  unsigned count;
  bool busy; // the gateway's backlog is full: no connection is taken from the sandbox for a moment
  struct connection *connections[CONNECTIONS_MAX];
  struct pollfd polled[1 + 2 * CONNECTIONS_MAX];
};

static void bring_up_loopback(void) {
  // bubblewrap has done this. If the interface is down and the guest may not change it, binding fails below with an error.
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request;
  memset(&request, 0, sizeof request);
  memcpy(request.ifr_name, "lo", 3);
  if (fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0 && !(request.ifr_flags & IFF_UP)) {
    request.ifr_flags |= IFF_UP;
    ioctl(fd, SIOCSIFFLAGS, &request);
  }
  if (fd >= 0) close(fd);
}

static int listen_on_loopback(uint16_t port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) die_errno("socket");
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) die_errno("cannot listen for the gateway");
  if (listen(fd, SOMAXCONN) != 0) die_errno("listen");
  return fd;
}

static int dial(const struct bridge *bridge) {
  // Connecting to a unix socket does not wait; if the gateway's backlog is full, it fails with EAGAIN.
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  if (connect(fd, (const struct sockaddr *)&bridge->gateway, sizeof bridge->gateway) == 0) return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

static void accept_one(struct bridge *bridge) {
  int outside = dial(bridge);
  bridge->busy = outside < 0 && errno == EAGAIN;
  if (bridge->busy) return;
  int inside = accept4(bridge->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (inside < 0 || outside < 0) {
    if (inside >= 0) close(inside);
    if (outside >= 0) close(outside);
    return;
  }
  int on = 1;
  setsockopt(inside, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct connection *connection = must_alloc(NULL, sizeof *connection);
  memset(connection, 0, sizeof *connection);
  connection->inside = inside;
  connection->outside = outside;
  bridge->connections[bridge->count++] = connection;
}

static short wanted(const struct bridge_pipe *source, const struct bridge_pipe *target) {
  return (short)((bridge_pipe_wants_input(source) ? POLLIN : 0) | (bridge_pipe_wants_output(target) ? POLLOUT : 0));
}

static struct pollfd watch(int fd, short events) {
  // Do not poll a side from which no event is wanted: its hang-up would make the loop spin.
  return (struct pollfd){events != 0 ? fd : -1, events, 0};
}

static unsigned prepare(struct bridge *bridge) {
  bool open = !bridge->busy && bridge->count < CONNECTIONS_MAX;
  bridge->polled[0] = (struct pollfd){open ? bridge->listener : -1, POLLIN, 0};
  unsigned at = 1;
  for (unsigned i = 0; i < bridge->count; i++) {
    const struct connection *connection = bridge->connections[i];
    bridge->polled[at++] = watch(connection->inside, wanted(&connection->outward, &connection->inward));
    bridge->polled[at++] = watch(connection->outside, wanted(&connection->inward, &connection->outward));
  }
  return at;
}

static bool serve(struct connection *connection) {
  if (!bridge_pipe_move(&connection->outward, connection->inside, connection->outside)) return false;
  if (!bridge_pipe_move(&connection->inward, connection->outside, connection->inside)) return false;
  return !(connection->outward.target_ended && connection->inward.target_ended);
}

static void end(struct connection *connection) {
  close(connection->inside);
  close(connection->outside);
  free(connection);
}

static void *run(void *argument) {
  struct bridge *bridge = argument;
  for (;;) {
    unsigned watched = prepare(bridge);
    if (poll(bridge->polled, watched, bridge->busy ? BUSY_WAIT_MS : -1) < 0 && errno != EINTR) die_errno("poll");
    bridge->busy = false;
    // Go backwards: the last connection, which was already served, takes the place of an ended one.
    for (unsigned i = bridge->count; i-- > 0;) {
      bool ready = bridge->polled[1 + 2 * i].revents != 0 || bridge->polled[2 + 2 * i].revents != 0;
      if (!ready || serve(bridge->connections[i])) continue;
      end(bridge->connections[i]);
      bridge->connections[i] = bridge->connections[--bridge->count];
    }
    if (bridge->polled[0].revents != 0) accept_one(bridge);
  }
  return NULL;
}

void bridge_start(uint16_t port, const char *path) {
  struct bridge *bridge = must_alloc(NULL, sizeof *bridge);
  memset(bridge, 0, sizeof *bridge);
  bridge->gateway.sun_family = AF_UNIX;
  if (strlen(path) >= sizeof bridge->gateway.sun_path) die("the path of the gateway is too long");
  memcpy(bridge->gateway.sun_path, path, strlen(path) + 1);
  bring_up_loopback();
  bridge->listener = listen_on_loopback(port);
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, bridge) != 0) die("cannot start a thread");
  pthread_detach(thread);
}
