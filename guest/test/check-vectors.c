// Holds this end of the link against vectors/*.json, driven by test/guest/vectors.test.ts:
//   check-vectors decode HEX        a host's frame, whole: prints what it says as JSON, or exits 1 when it is none
//   check-vectors encode KIND ...   a guest's message, its fields in the order of PROTOCOL.md: prints the frame as hex
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "messages.h"

static uint8_t buffer[FRAME_MAX];

static size_t from_hex(const char *hex) {
  size_t len = strlen(hex) / 2;
  if (len > sizeof buffer) exit(2);
  for (size_t i = 0; i < len; i++) {
    unsigned byte;
    if (sscanf(hex + 2 * i, "%2x", &byte) != 1) exit(2);
    buffer[i] = (uint8_t)byte;
  }
  return len;
}

static void print_strings(const char *name, char **list) {
  printf(",\"%s\":[", name);
  for (size_t i = 0; list[i] != NULL; i++) printf("%s\"%s\"", i > 0 ? "," : "", list[i]);
  printf("]");
}

static int decode(const char *hex) {
  size_t len = from_hex(hex);
  struct reader from = {buffer, buffer + len, false};
  uint32_t announced = take_u32(&from);
  uint8_t type = take_u8(&from);
  if (from.bad || announced > FRAME_PAYLOAD_MAX || announced != len - FRAME_HEADER) return 1;
  // A copy of its own size, so that the sanitizer sees a read beyond it.
  uint8_t *copy = malloc(announced > 0 ? announced : 1);
  memcpy(copy, buffer + FRAME_HEADER, announced);
  struct bytes payload = {copy, announced};
  struct run_request run;
  struct read_request file;
  struct bytes data;
  uint32_t step;
  int result = 0;
  if (type == FRAME_RUN && decode_run(payload, &run)) {
    printf("{\"kind\":\"run\",\"step\":%u,\"record\":%s,\"input\":%s,\"outputLimit\":%llu,\"cwd\":\"%s\"", run.step,
           run.record ? "true" : "false", run.input ? "true" : "false", (unsigned long long)run.output_limit, run.cwd);
    print_strings("argv", run.argv);
    print_strings("env", run.env);
    printf("}\n");
    run_request_free(&run);
  } else if ((type == FRAME_KILL || type == FRAME_MARK) && decode_step(payload, &step)) {
    printf("{\"kind\":\"%s\",\"step\":%u}\n", type == FRAME_KILL ? "kill" : "mark", step);
  } else if (type == FRAME_INPUT && decode_input(payload, &step, &data)) {
    printf("{\"kind\":\"input\",\"step\":%u,\"data\":\"%.*s\"}\n", step, (int)data.len, (const char *)data.data);
  } else if (type == FRAME_READ && decode_read(payload, &file)) {
    printf("{\"kind\":\"read\",\"max\":%u,\"path\":\"%s\"}\n", file.max, file.path);
  } else if (type == FRAME_SELFTEST && announced == 0) {
    printf("{\"kind\":\"self-test\"}\n");
  } else if (type == FRAME_ASK_COVERAGE && announced == 0) {
    printf("{\"kind\":\"ask-coverage\"}\n");
  } else {
    result = 1;
  }
  free(copy);
  return result;
}

static char **next;

static const char *text(void) { return *next == NULL ? exit(2), "" : *next++; }
static uint64_t number(void) { return strtoull(text(), NULL, 10); }
static struct bytes bytes(void) {
  const char *value = text();
  return (struct bytes){(const uint8_t *)value, strlen(value)};
}

static enum frame_type encode_fields(const char *kind, struct writer *to) {
  if (strcmp(kind, "hello") == 0) {
    encode_hello(to);
    return FRAME_HELLO;
  }
  uint32_t step = (uint32_t)number();
  if (strcmp(kind, "output") == 0) {
    enum step_stream stream = (enum step_stream)number();
    struct bytes data = bytes();
    encode_output(to, step, stream, data.data, data.len);
    return FRAME_OUTPUT;
  }
  if (strcmp(kind, "step-failed") == 0) {
    encode_step_failed(to, step, text());
    return FRAME_STEP_FAILED;
  }
  if (strcmp(kind, "input-taken") == 0) {
    uint32_t taken = (uint32_t)number();
    encode_input_taken(to, step, taken, number() != 0);
    return FRAME_INPUT_TAKEN;
  }
  if (strcmp(kind, "marked") == 0) {
    encode_marked(to, step);
    return FRAME_MARKED;
  }
  if (strcmp(kind, "step-ended") == 0) {
    struct step_ended_message message = {.step = step, .signalled = number() != 0, .status = (uint32_t)number()};
    message.wall_us = number();
    message.stdout_bytes = number();
    message.stderr_bytes = number();
    message.omitted = number();
    encode_step_ended(to, &message);
    return FRAME_STEP_ENDED;
  }
  uint32_t pid = (uint32_t)number();
  if (strcmp(kind, "started") == 0) {
    struct started_message message = {.step = step, .pid = pid, .parent = (uint32_t)number()};
    message.origin = (enum process_origin)number();
    message.argv_omitted = (uint32_t)number();
    static char joined[4096];
    size_t len = 0;
    for (size_t count = number(); count > 0; count--) len += strlen(strcpy(joined + len, text())) + 1;
    message.argv = (struct bytes){(uint8_t *)joined, len};
    message.cwd = bytes();
    message.executable = bytes();
    message.digest = bytes();
    encode_started(to, &message);
    return FRAME_STARTED;
  }
  if (strcmp(kind, "exited") == 0) {
    struct exited_message message = {.step = step, .pid = pid, .signalled = number() != 0};
    message.status = (uint32_t)number();
    message.wall_us = number();
    message.cpu_us = number();
    message.max_rss = number();
    encode_exited(to, &message);
    return FRAME_EXITED;
  }
  if (strcmp(kind, "net") == 0) {
    struct net_message message = {.step = step, .pid = pid, .family = (enum net_family)number()};
    message.port = (uint16_t)number();
    message.times = (uint32_t)number();
    message.address = bytes();
    encode_net(to, &message);
    return FRAME_NET;
  }
  if (strcmp(kind, "files") != 0 && strcmp(kind, "digests") != 0) exit(2);
  uint32_t omitted = (uint32_t)number();
  uint32_t count = (uint32_t)number();
  if (strcmp(kind, "digests") == 0) {
    encode_digests(to, step, pid, omitted, count);
    for (; count > 0; count--) {
      struct bytes path = bytes();
      uint64_t size = number();
      encode_digest(to, path, size, bytes().data);
    }
    return FRAME_DIGESTS;
  }
  encode_files(to, step, pid, omitted, count);
  for (; count > 0; count--) {
    enum access_kind access = (enum access_kind)number();
    struct bytes path = bytes();
    if (access == ACCESS_RENAMED || access == ACCESS_LINKED) encode_pair(to, access, path, bytes());
    else encode_path(to, access, path);
  }
  return FRAME_FILES;
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "decode") == 0) return decode(argv[2]);
  if (argc < 3 || strcmp(argv[1], "encode") != 0) return 2;
  next = argv + 3;
  struct writer to = {buffer, 0, sizeof buffer, false};
  enum frame_type type = encode_fields(argv[2], &to);
  if (to.overflow || *next != NULL) return 2;
  uint8_t header[FRAME_HEADER];
  frame_header(header, type, to.len);
  for (size_t i = 0; i < sizeof header; i++) printf("%02x", header[i]);
  for (size_t i = 0; i < to.len; i++) printf("%02x", buffer[i]);
  printf("\n");
  return 0;
}
