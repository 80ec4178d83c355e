#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "place.h"

#define LINKS_MAX 40
#define DELETED " (deleted)"

// Folders, devices and pipes are not files whose contents the record is about.
static bool is_file(const struct stat *st) { return S_ISREG(st->st_mode) || S_ISFIFO(st->st_mode) || S_ISBLK(st->st_mode); }

// The kernel marks the path of a file without a name; the mark is not part of the name.
static size_t file_path(int fd, const struct stat *st, char *path) {
  size_t len = path_of(fd, path);
  size_t mark = sizeof DELETED - 1;
  if (len > mark && st->st_nlink == 0 && memcmp(path + len - mark, DELETED, mark) == 0) len -= mark;
  return len;
}

static void existing(int fd, int mode, unsigned kinds, struct prediction *out) {
  struct stat st;
  if (fstat(fd, &st) != 0 || !is_file(&st) || !may_access(fd, mode)) return;
  out->path_len = file_path(fd, &st, out->path);
  if (out->path_len > 0) out->kinds = kinds;
}

// A missing name: created where it stands, or where a dangling symlink of that name points to.
static void missing(struct tracee *tracee, int dirfd, const char *path, bool follow, unsigned kinds, struct prediction *out) {
  struct place place;
  char target[FULL_PATH_MAX + PATH_BYTES_MAX];
  if (!place_find(tracee, dirfd, path, &place)) return;
  for (int links = 0; links <= LINKS_MAX; links++) {
    char link[PATH_BYTES_MAX];
    ssize_t len = place.trailing_slash ? -1 : readlinkat(place.folder, place.name, link, sizeof link - 1);
    if (len < 0) break;
    if (!follow || links == LINKS_MAX) {
      place_close(&place);
      return;
    }
    link[len] = 0;
    size_t folder = link[0] == '/' ? 0 : path_of(place.folder, target);
    if (folder > 0) target[folder++] = '/';
    memcpy(target + folder, link, (size_t)len + 1);
    place_close(&place);
    if (strlen(target) >= PATH_BYTES_MAX || !place_find(tracee, AT_FDCWD, target, &place)) return;
  }
  if (!place.trailing_slash && place_is_changeable(&place)) {
    out->path_len = place_path(&place, out->path);
    if (out->path_len > 0) out->kinds = kinds;
  }
  place_close(&place);
}

void predict_open(struct tracee *tracee, int dirfd, uint64_t address, uint64_t flags, uint64_t resolve, struct prediction *out) {
  if (flags & O_PATH || (flags & O_TMPFILE) == O_TMPFILE) return;
  char path[PATH_BYTES_MAX];
  if (tracee_read_string(tracee, address, path) <= 0) return;
  unsigned access = (unsigned)flags & O_ACCMODE;
  bool reads = access != O_WRONLY;
  bool writes = access != O_RDONLY || (flags & O_TRUNC);
  bool exclusive = (flags & O_CREAT) && (flags & O_EXCL);
  bool follow = !(flags & O_NOFOLLOW) && !exclusive;
  int fd = tracee_lookup(tracee, dirfd, path, (struct lookup){.follow = follow, .resolve = resolve});
  if (fd >= 0) {
    unsigned kinds = (reads ? KIND(ACCESS_READ) : 0) | (writes ? KIND(ACCESS_WRITTEN) : 0);
    if (!exclusive && !(flags & O_DIRECTORY)) existing(fd, (reads ? R_OK : 0) | (writes ? W_OK : 0), kinds, out);
    close(fd);
  } else if (fd == -ENOENT && (flags & O_CREAT) && !(flags & O_DIRECTORY)) {
    missing(tracee, dirfd, path, follow, KIND(ACCESS_CREATED) | (writes ? KIND(ACCESS_WRITTEN) : 0), out);
  }
}

void predict_truncate(struct tracee *tracee, uint64_t address, struct prediction *out) {
  char path[PATH_BYTES_MAX];
  if (tracee_read_string(tracee, address, path) <= 0) return;
  int fd = tracee_lookup(tracee, AT_FDCWD, path, (struct lookup){.follow = true, .resolve = 0});
  if (fd < 0) return;
  existing(fd, W_OK, KIND(ACCESS_WRITTEN), out);
  close(fd);
}
