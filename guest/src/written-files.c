#include "written-files.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

bool is_in_workspace(struct bytes path) {
  size_t prefix = sizeof WORKSPACE - 1;
  return path.len > prefix && memcmp(path.data, WORKSPACE, prefix) == 0;
}

void written_add(struct written_files *written, struct bytes path) {
  if (!is_in_workspace(path)) return;
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

static int by_name(const void *one, const void *other) { return strcmp(*(const char *const *)one, *(const char *const *)other); }

uint32_t written_paths(const struct written_files *written, const char ***sorted) {
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

void written_free(struct written_files *written) {
  free(written->paths);
  memset(written, 0, sizeof *written);
}
