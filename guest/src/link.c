#include "link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "die.h"

void link_connect(struct link *link, const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) die("the path of the link is too long");
  memcpy(address.sun_path, path, strlen(path) + 1);
  link->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (link->socket < 0) die_errno("socket");
  if (connect(link->socket, (struct sockaddr *)&address, sizeof address) != 0) die_errno("cannot reach the link");
  pthread_mutex_init(&link->writing, NULL);
}

static void send_all(int fd, struct iovec *parts, size_t count) {
  while (count > 0) {
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
    ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) die_errno("the link broke");
    size_t rest = (size_t)sent;
    while (count > 0 && rest >= parts->iov_len) {
      rest -= parts->iov_len;
      parts++;
      count--;
    }
    if (count > 0) {
      parts->iov_base = (uint8_t *)parts->iov_base + rest;
      parts->iov_len -= rest;
    }
  }
}

void link_send2(struct link *link, enum frame_type type, struct bytes head, struct bytes body) {
  if (head.len + body.len > FRAME_PAYLOAD_MAX) die("a frame came out too long");
  uint8_t header[FRAME_HEADER];
  frame_header(header, type, head.len + body.len);
  struct iovec parts[3] = {
      {header, sizeof header}, {(void *)(uintptr_t)head.data, head.len}, {(void *)(uintptr_t)body.data, body.len}};
  pthread_mutex_lock(&link->writing);
  send_all(link->socket, parts, 3);
  pthread_mutex_unlock(&link->writing);
}

void link_send(struct link *link, enum frame_type type, const struct writer *payload) {
  if (payload->overflow) die("a frame came out too long");
  link_send2(link, type, (struct bytes){payload->data, payload->len}, (struct bytes){NULL, 0});
}

static void receive_all(int fd, uint8_t *data, size_t len) {
  while (len > 0) {
    ssize_t got = recv(fd, data, len, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) die_errno("the link broke");
    if (got == 0) _exit(0);
    data += got;
    len -= (size_t)got;
  }
}

struct bytes link_receive(struct link *link, uint8_t *buffer, uint8_t *type) {
  uint8_t header[FRAME_HEADER];
  receive_all(link->socket, header, sizeof header);
  struct reader from = {header, header + sizeof header, false};
  size_t len = take_u32(&from);
  *type = take_u8(&from);
  if (len > FRAME_PAYLOAD_MAX) die("the host sent a frame that is too long");
  receive_all(link->socket, buffer, len);
  return (struct bytes){buffer, len};
}
