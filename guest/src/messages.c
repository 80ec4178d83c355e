#include "messages.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

#define FLAG_RECORD 1u
#define FLAG_INPUT 2u

static char *copy_string(struct reader *from, size_t max) {
  struct bytes taken = take_bytes(from, max);
  if (from->bad || (taken.len > 0 && memchr(taken.data, 0, taken.len) != NULL)) {
    from->bad = true;
    return NULL;
  }
  char *copy = must_alloc(NULL, taken.len + 1);
  if (taken.len > 0) memcpy(copy, taken.data, taken.len);
  copy[taken.len] = 0;
  return copy;
}

static char **copy_strings(struct reader *from, size_t max_count) {
  size_t count = take_u16(from);
  if (count > max_count) from->bad = true;
  if (from->bad) return NULL;
  char **list = must_alloc(NULL, (count + 1) * sizeof *list);
  memset(list, 0, (count + 1) * sizeof *list);
  for (size_t i = 0; i < count && !from->bad; i++) list[i] = copy_string(from, FRAME_PAYLOAD_MAX);
  return list;
}

static void free_strings(char **list) {
  for (size_t i = 0; list != NULL && list[i] != NULL; i++) free(list[i]);
  free(list);
}

bool decode_run(struct bytes payload, struct run_request *request) {
  memset(request, 0, sizeof *request);
  struct reader from = {payload.data, payload.data + payload.len, false};
  request->step = take_u32(&from);
  uint8_t flags = take_u8(&from);
  if (flags & ~(FLAG_RECORD | FLAG_INPUT)) from.bad = true;
  request->record = flags & FLAG_RECORD;
  request->input = flags & FLAG_INPUT;
  request->output_limit = take_u64(&from);
  request->cwd = copy_string(&from, PATH_BYTES_MAX);
  request->argv = copy_strings(&from, RUN_ARGS_MAX);
  request->env = copy_strings(&from, RUN_ENV_MAX);
  bool named = request->argv != NULL && request->argv[0] != NULL && request->argv[0][0] != 0;
  bool absolute = request->cwd != NULL && request->cwd[0] == '/';
  if (reader_done(&from) && named && absolute) return true;
  run_request_free(request);
  return false;
}

bool run_wants_input(struct bytes payload) {
  struct reader from = {payload.data, payload.data + payload.len, false};
  take_u32(&from);
  return take_u8(&from) & FLAG_INPUT;
}

void run_request_free(struct run_request *request) {
  free(request->cwd);
  free_strings(request->argv);
  free_strings(request->env);
  memset(request, 0, sizeof *request);
}

bool decode_step(struct bytes payload, uint32_t *step) {
  struct reader from = {payload.data, payload.data + payload.len, false};
  *step = take_u32(&from);
  return reader_done(&from);
}

bool decode_input(struct bytes payload, uint32_t *step, struct bytes *data) {
  struct reader from = {payload.data, payload.data + payload.len, false};
  *step = take_u32(&from);
  *data = take_bytes(&from, INPUT_WINDOW);
  return reader_done(&from);
}

bool decode_read(struct bytes payload, struct read_request *request) {
  struct reader from = {payload.data, payload.data + payload.len, false};
  request->max = take_u32(&from);
  struct bytes path = take_bytes(&from, PATH_BYTES_MAX);
  if (!reader_done(&from) || request->max > READ_BYTES_MAX) return false;
  if (path.len == 0 || path.data[0] != '/' || memchr(path.data, 0, path.len) != NULL) return false;
  memcpy(request->path, path.data, path.len);
  request->path[path.len] = 0;
  return true;
}

void encode_hello(struct writer *to) {
  put_raw(to, "GLVB", 4);
  put_u16(to, PROTOCOL_VERSION);
  put_text(to, GUEST_VERSION);
}

void encode_output(struct writer *to, uint32_t step, enum step_stream stream, const void *data, size_t len) {
  put_u32(to, step);
  put_u8(to, (uint8_t)stream);
  put_bytes(to, data, len);
}

void encode_started(struct writer *to, const struct started_message *message) {
  put_u32(to, message->step);
  put_u32(to, message->pid);
  put_u32(to, message->parent);
  put_u8(to, (uint8_t)message->origin);
  put_u32(to, message->argv_omitted);
  put_bytes(to, message->argv.data, message->argv.len);
  put_bytes(to, message->cwd.data, message->cwd.len);
  put_bytes(to, message->executable.data, message->executable.len);
  put_bytes(to, message->digest.data, message->digest.len);
}

void encode_exited(struct writer *to, const struct exited_message *message) {
  put_u32(to, message->step);
  put_u32(to, message->pid);
  put_u8(to, message->signalled ? 1 : 0);
  put_u32(to, message->status);
  put_u64(to, message->wall_us);
  put_u64(to, message->cpu_us);
  put_u64(to, message->max_rss);
}

void encode_files(struct writer *to, uint32_t step, uint32_t pid, uint32_t omitted, uint32_t count) {
  put_u32(to, step);
  put_u32(to, pid);
  put_u32(to, omitted);
  put_u32(to, count);
}

void encode_path(struct writer *to, enum access_kind kind, struct bytes path) {
  put_u8(to, (uint8_t)kind);
  put_bytes(to, path.data, path.len);
}

void encode_pair(struct writer *to, enum access_kind kind, struct bytes from, struct bytes target) {
  put_u8(to, kind);
  put_bytes(to, from.data, from.len);
  put_bytes(to, target.data, target.len);
}

void encode_digests(struct writer *to, uint32_t step, uint32_t pid, uint32_t omitted, uint32_t count) {
  encode_files(to, step, pid, omitted, count);
}

void encode_digest(struct writer *to, struct bytes path, uint64_t size, const uint8_t sha256[32]) {
  put_bytes(to, path.data, path.len);
  put_u64(to, size);
  put_raw(to, sha256, 32);
}

void encode_net(struct writer *to, const struct net_message *message) {
  put_u32(to, message->step);
  put_u32(to, message->pid);
  put_u8(to, (uint8_t)message->family);
  put_u16(to, message->port);
  put_u32(to, message->times);
  put_bytes(to, message->address.data, message->address.len);
}

void encode_input_taken(struct writer *to, uint32_t step, uint32_t bytes, bool closed) {
  put_u32(to, step);
  put_u32(to, bytes);
  put_u8(to, closed ? 1 : 0);
}

void encode_marked(struct writer *to, uint32_t step) { put_u32(to, step); }

void encode_step_ended(struct writer *to, const struct step_ended_message *message) {
  put_u32(to, message->step);
  put_u8(to, message->signalled ? 1 : 0);
  put_u32(to, message->status);
  put_u64(to, message->wall_us);
  put_u64(to, message->stdout_bytes);
  put_u64(to, message->stderr_bytes);
  put_u64(to, message->omitted);
}

void encode_step_failed(struct writer *to, uint32_t step, const char *message) {
  put_u32(to, step);
  put_text(to, message);
}
