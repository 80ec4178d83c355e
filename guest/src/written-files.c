#include "written-files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "die.h"
#include "file-digest.h"
#include "messages.h"

#define WORKSPACE "/workspace/"
#define BATCH_BYTES (60u << 10)
#define ENTRY_ROOM (2u * PATH_BYTES_MAX + 64u)

void written_add(struct written_files *written, struct bytes path) {
  size_t prefix = sizeof WORKSPACE - 1;
  if (path.len <= prefix || memcmp(path.data, WORKSPACE, prefix) != 0) return;
  if (path.len + 1 > WRITTEN_BYTES_MAX - written->len) {
    written->omitted++;
    return;
  }
  uint32_t needed = written->len + (uint32_t)path.len + 1;
  if (needed > written->capacity) {
    uint32_t capacity = written->capacity == 0 ? 512 : written->capacity;
    while (capacity < needed) capacity *= 2;
    written->paths = must_alloc(written->paths, capacity);
    written->capacity = capacity;
  }
  memcpy(written->paths + written->len, path.data, path.len);
  written->paths[needed - 1] = 0;
  written->len = needed;
}

enum finding { FOUND, GONE, OVER };

// Symlinks on the way were put there after the file was written: it is not there any more.
static enum finding find_digest(const char *path, uint64_t *room, struct file_digest *digest) {
  struct open_how how = {.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
  // The type is looked at first: opening a pipe or a device does something.
  struct open_how place = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
  int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &place, sizeof place);
  if (fd < 0) return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? GONE : OVER;
  struct stat st;
  bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
  close(fd);
  if (!regular) return GONE;
  if ((uint64_t)st.st_size > DIGEST_WRITTEN_MAX || (uint64_t)st.st_size > *room) return OVER;
  fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
  if (fd < 0) return errno == ENOENT ? GONE : OVER;
  bool read = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && file_digest(fd, DIGEST_WRITTEN_MAX, digest);
  close(fd);
  if (!read) return OVER;
  *room = digest->size > *room ? 0 : *room - digest->size;
  return FOUND;
}

struct batch {
  struct link *link;
  uint32_t step;
  pid_t pid;
  uint32_t count;
  struct writer entries;
};

static void send_batch(struct batch *batch, uint32_t omitted) {
  if (batch->count == 0 && omitted == 0) return;
  uint8_t memory[32];
  struct writer head = {memory, 0, sizeof memory, false};
  encode_digests(&head, batch->step, (uint32_t)batch->pid, omitted, batch->count);
  link_send2(batch->link, FRAME_DIGESTS, (struct bytes){head.data, head.len}, (struct bytes){batch->entries.data, batch->entries.len});
  batch->count = 0;
  batch->entries.len = 0;
}

static int by_name(const void *one, const void *other) { return strcmp(*(const char *const *)one, *(const char *const *)other); }

// Each path once: a process that lives long writes the same file again and again, and each mark lists it anew.
static uint32_t sort_paths(const struct written_files *written, const char ***sorted) {
  uint32_t count = 0;
  for (uint32_t at = 0; at < written->len; at++) count += written->paths[at] == 0;
  const char **list = must_alloc(NULL, count * sizeof *list + 1);
  const char *next = written->paths;
  for (uint32_t i = 0; i < count; i++, next += strlen(next) + 1) list[i] = next;
  if (count > 1) qsort(list, count, sizeof *list, by_name);
  uint32_t unique = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (unique == 0 || strcmp(list[unique - 1], list[i]) != 0) list[unique++] = list[i];
  }
  *sorted = list;
  return unique;
}

void written_report(struct written_files *written, struct link *link, uint32_t step, pid_t pid) {
  if (written->len == 0 && written->omitted == 0) return;
  struct batch batch = {link, step, pid, 0, {must_alloc(NULL, BATCH_BYTES + ENTRY_ROOM), 0, BATCH_BYTES + ENTRY_ROOM, false}};
  uint64_t room = DIGEST_PROCESS_MAX;
  uint32_t omitted = written->omitted;
  const char **paths;
  uint32_t count = sort_paths(written, &paths);
  for (uint32_t i = 0; i < count; i++) {
    const char *path = paths[i];
    struct file_digest digest;
    enum finding finding = find_digest(path, &room, &digest);
    if (finding == OVER) omitted++;
    if (finding != FOUND) continue;
    encode_digest(&batch.entries, (struct bytes){(const uint8_t *)path, strlen(path)}, digest.size, digest.sha256);
    batch.count++;
    if (batch.entries.len >= BATCH_BYTES) send_batch(&batch, 0);
  }
  send_batch(&batch, omitted);
  free(batch.entries.data);
  free(paths);
  written->len = 0;
  written->omitted = 0;
}

void written_free(struct written_files *written) {
  free(written->paths);
  memset(written, 0, sizeof *written);
}
