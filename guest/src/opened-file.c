#include "opened-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>

#define DELETED " (deleted)"
#define MEMORY_DEVICES 1u

bool ran_out(int error) { return error == EMFILE || error == ENFILE || error == ENOMEM; }

size_t file_path(int fd, const struct stat *st, char path[PATH_BYTES_MAX]) {
  size_t len = path_of(fd, path);
  size_t mark = sizeof DELETED - 1;
  if (len <= mark || memcmp(path + len - mark, DELETED, mark) != 0) return len;
  struct stat named; // a file may be named so
  bool real = fstatat(AT_FDCWD, path, &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_dev == st->st_dev && named.st_ino == st->st_ino;
  return real ? len : len - mark;
}

// null, zero, full, random and urandom: opening them has no effect and knows no caller.
static bool is_memory_device(const struct stat *st) {
  unsigned number = minor(st->st_rdev);
  return S_ISCHR(st->st_mode) && major(st->st_rdev) == MEMORY_DEVICES && (number == 3 || number == 5 || (number >= 7 && number <= 9));
}

bool is_plain_file(struct tracee *tracee, int fd, const struct stat *st) {
  if (is_memory_device(st)) return true;
  return (S_ISREG(st->st_mode) || S_ISDIR(st->st_mode)) && tracee_is_plain(tracee, fd, st->st_dev);
}

unsigned kinds_of_open(uint64_t flags) {
  unsigned access = (unsigned)flags & O_ACCMODE;
  bool writes = access != O_RDONLY || (flags & O_TRUNC);
  return (access != O_WRONLY ? KIND(ACCESS_READ) : 0) | (writes ? KIND(ACCESS_WRITTEN) : 0);
}

void take_opened(struct deed *deed, int fd, uint64_t flags) {
  deed->answer = ANSWER_OPENED;
  deed->fd = fd;
  deed->cloexec = (flags & O_CLOEXEC) != 0;
}
