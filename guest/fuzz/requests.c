// The host's end of the link as a stream of bytes: link_receive cuts it, the decoders read each frame. What is taken
// must say exactly what was sent, so that writing it again gives the same bytes. `recv` is the stream (see Makefile).
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "give-up.h"
#include "link.h"
#include "messages.h"

static struct bytes stream;
static size_t most; // bytes that one recv gives, so that frames come in pieces

ssize_t fuzz_recv(int fd, void *data, size_t len, int flags);
ssize_t fuzz_recv(int fd, void *data, size_t len, int flags) {
  (void)fd;
  (void)flags;
  if (len > most) len = most;
  if (len > stream.len) len = stream.len;
  if (len > 0) memcpy(data, stream.data, len);
  stream.data += len;
  stream.len -= len;
  return (ssize_t)len;
}

static uint8_t written[FRAME_PAYLOAD_MAX];

static void same(const struct writer *to, struct bytes payload) {
  MUST(!to->overflow && to->len == payload.len);
  MUST(to->len == 0 || memcmp(to->data, payload.data, to->len) == 0);
}

static void put_strings(struct writer *to, char **list) {
  size_t count = 0;
  while (list[count] != NULL) count++;
  put_u16(to, (uint16_t)count);
  for (size_t i = 0; i < count; i++) put_text(to, list[i]);
}

static void check_run(struct bytes payload) {
  struct run_request run;
  if (!decode_run(payload, &run)) {
    MUST(run.cwd == NULL && run.argv == NULL && run.env == NULL);
    return;
  }
  MUST(run.cwd[0] == '/' && strlen(run.cwd) <= PATH_BYTES_MAX && run.argv[0][0] != 0);
  struct writer to = {written, 0, sizeof written, false};
  put_u32(&to, run.step);
  put_u8(&to, (uint8_t)((run.record ? 1 : 0) | (run.input ? 2 : 0)));
  MUST(run_wants_input(payload) == run.input);
  put_u64(&to, run.output_limit);
  put_text(&to, run.cwd);
  put_strings(&to, run.argv);
  put_strings(&to, run.env);
  same(&to, payload);
  run_request_free(&run);
}

static void check_read(struct bytes payload) {
  struct read_request file;
  if (!decode_read(payload, &file)) return;
  MUST(file.path[0] == '/' && file.max <= READ_BYTES_MAX);
  struct writer to = {written, 0, sizeof written, false};
  put_u32(&to, file.max);
  put_text(&to, file.path);
  same(&to, payload);
}

static void check_step(struct bytes payload) {
  uint32_t step;
  if (!decode_step(payload, &step)) return;
  struct writer to = {written, 0, sizeof written, false};
  put_u32(&to, step);
  same(&to, payload);
}

static void check_input(struct bytes payload) {
  uint32_t step;
  struct bytes data;
  if (!decode_input(payload, &step, &data)) return;
  MUST(data.len <= INPUT_WINDOW);
  struct writer to = {written, 0, sizeof written, false};
  put_u32(&to, step);
  put_bytes(&to, data.data, data.len);
  same(&to, payload);
}

static void check(uint8_t type, struct bytes received) {
  // A copy of its own size, so that the sanitizer sees a read beyond it.
  uint8_t *copy = malloc(received.len > 0 ? received.len : 1);
  if (received.len > 0) memcpy(copy, received.data, received.len);
  struct bytes payload = {copy, received.len};
  if (type == FRAME_RUN) check_run(payload);
  if (type == FRAME_READ) check_read(payload);
  if (type == FRAME_KILL || type == FRAME_MARK) check_step(payload);
  if (type == FRAME_INPUT) check_input(payload);
  free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  if (len == 0) return 0;
  static uint8_t buffer[FRAME_PAYLOAD_MAX];
  struct link link = {.socket = -1};
  most = data[0] == 0 ? FRAME_MAX : data[0];
  stream = (struct bytes){data + 1, len - 1};
  while (UNTIL_GIVEN_UP) {
    uint8_t type;
    struct bytes payload = link_receive(&link, buffer, &type);
    check(type, payload);
    if (stream.len == 0) break;
  }
  return 0;
}
