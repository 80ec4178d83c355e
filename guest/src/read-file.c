#include "read-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper.h"

static void write_all(int fd, const uint8_t *data, size_t len) {
  while (len > 0) {
    ssize_t sent = write(fd, data, len);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) _exit(FILE_UNREADABLE);
    data += sent;
    len -= (size_t)sent;
  }
}

static void copy_out(int output, const void *argument) {
  const struct read_request *request = argument;
  // A step controls this path, so accept no symlink, no pipe that blocks and no device.
  int fd = open(request->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) _exit(errno == ENOENT || errno == ENOTDIR ? FILE_ABSENT : errno == ELOOP ? FILE_NOT_REGULAR : FILE_UNREADABLE);
  struct stat st;
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) _exit(FILE_NOT_REGULAR);
  if (st.st_size > (off_t)request->max) _exit(FILE_TOO_LARGE);
  uint8_t data[64 << 10];
  size_t total = 0;
  for (;;) {
    ssize_t got = read(fd, data, sizeof data);
    if (got < 0) _exit(FILE_UNREADABLE);
    if (got == 0) break;
    total += (size_t)got;
    if (total > request->max) _exit(FILE_TOO_LARGE);
    write_all(output, data, (size_t)got);
  }
  _exit(FILE_COMPLETE);
}

static void send_chunk(void *state, const uint8_t *data, size_t len) {
  link_send2(state, FRAME_FILE_DATA, (struct bytes){data, len}, (struct bytes){NULL, 0});
}

void send_file(struct link *link, const struct read_request *request) {
  int code = run_helper(copy_out, request, request->max, send_chunk, link);
  uint8_t end = code < FILE_COMPLETE || code > FILE_UNREADABLE ? FILE_UNREADABLE : (uint8_t)code;
  link_send2(link, FRAME_FILE_END, (struct bytes){&end, 1}, (struct bytes){NULL, 0});
}
