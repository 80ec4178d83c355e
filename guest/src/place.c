#include "place.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

bool may_access(int fd, int mode) { return syscall(SYS_faccessat2, fd, "", mode, AT_EMPTY_PATH | AT_EACCESS) == 0; }

bool place_find(struct tracee *tracee, int dirfd, const char *path, struct place *place) {
  place->folder = -1;
  size_t len = strlen(path);
  size_t end = len;
  while (end > 0 && path[end - 1] == '/') end--;
  size_t start = end;
  while (start > 0 && path[start - 1] != '/') start--;
  size_t name_len = end - start;
  if (name_len == 0 || name_len >= sizeof place->name) return false;
  memcpy(place->name, path + start, name_len);
  place->name[name_len] = 0;
  if (strcmp(place->name, ".") == 0 || strcmp(place->name, "..") == 0) return false;
  place->trailing_slash = end < len;
  char folder[PATH_BYTES_MAX];
  if (start >= sizeof folder) return false;
  memcpy(folder, path, start);
  memcpy(folder + start, start == 0 ? "." : "", start == 0 ? 2 : 1);
  int fd = tracee_lookup(tracee, dirfd, folder, (struct lookup){.follow = true, .resolve = 0});
  if (fd < 0) return false;
  place->folder = fd;
  return true;
}

void place_close(struct place *place) {
  if (place->folder >= 0) close(place->folder);
  place->folder = -1;
}

size_t place_path(const struct place *place, char *path) {
  size_t len = path_of(place->folder, path);
  if (len == 0) return 0;
  if (len == 1) len = 0; // the root
  path[len++] = '/';
  size_t name = strlen(place->name);
  memcpy(path + len, place->name, name + 1);
  return len + name;
}

bool place_is_changeable(const struct place *place) { return may_access(place->folder, W_OK | X_OK); }
