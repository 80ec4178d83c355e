#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Takes the last name off a path. Returns 0 or an errno.
static int split(const char *path, char folder[PATH_BYTES_MAX], struct place *place) {
  size_t len = strlen(path);
  size_t end = len;
  while (end > 0 && path[end - 1] == '/') end--;
  size_t start = end;
  while (start > 0 && path[start - 1] != '/') start--;
  size_t name_len = end - start;
  if (name_len + 2 > sizeof place->name) return ENAMETOOLONG;
  place->trailing_slash = end < len;
  memcpy(place->name, path + start, name_len);
  if (place->trailing_slash) place->name[name_len++] = '/';
  place->name[name_len] = 0;
  memcpy(folder, start == 0 ? "." : path, start == 0 ? 1 : start);
  folder[start == 0 ? 1 : start] = 0;
  if (end == 0) memcpy(folder, "/", 2);
  return 0;
}

static int keep(struct place *place, int fd) {
  if (fd < 0) return -fd;
  place->folder = fd;
  return 0;
}

int place_find(struct tracee *tracee, int dirfd, const char *path, uint64_t resolve, struct place *place) {
  char folder[PATH_BYTES_MAX];
  place->folder = -1;
  int error = split(path, folder, place);
  return error != 0 ? error : keep(place, tracee_lookup(tracee, dirfd, folder, (struct lookup){.follow = true, .resolve = resolve}));
}

int place_find_from(struct tracee *tracee, int base, const char *path, struct place *place) {
  char folder[PATH_BYTES_MAX];
  place->folder = -1;
  int error = split(path, folder, place);
  return error != 0 ? error : keep(place, tracee_lookup_from(tracee, base, folder, (struct lookup){.follow = true, .resolve = 0}));
}

void place_close(struct place *place) {
  if (place->folder >= 0) close(place->folder);
  place->folder = -1;
}

const char *place_name(const struct place *place) { return place->name; }

size_t place_path(const struct place *place, char *path) {
  size_t len = path_of(place->folder, path);
  if (len == 0) return 0;
  if (len == 1) len = 0; // the root
  path[len++] = '/';
  size_t name = strlen(place->name) - (place->trailing_slash ? 1 : 0);
  memcpy(path + len, place->name, name);
  path[len + name] = 0;
  return len + name;
}

int place_make(struct tracee *tracee, const struct place *place, int flags, mode_t mode, int *error) {
  mode_t own;
  *error = 0;
  if (!tracee_wear_umask(tracee, &own)) return -1;
  int fd = -1;
  if (tracee_confirm(tracee)) {
    fd = (int)syscall(SYS_openat, place->folder, place->name, flags | O_CLOEXEC | O_NOCTTY, mode);
    *error = fd < 0 ? errno : 0;
  }
  umask(own);
  return fd;
}
