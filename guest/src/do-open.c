#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "arch.h"
#include "deed.h"
#include "place.h"

#define LINKS_MAX 40
#define ROUNDS_MAX 8
#define DELETED " (deleted)"
#define MEMORY_DEVICES 1u
// What openat2 takes; open itself passes over what it does not know.
#define OPEN_FLAGS                                                                                                        \
  (O_ACCMODE | O_APPEND | O_ASYNC | O_CLOEXEC | O_DIRECT | O_DIRECTORY | O_DSYNC | O_NOATIME | O_NOCTTY | \
   O_NOFOLLOW | O_NONBLOCK | O_SYNC)

static bool ran_out(int error) { return error == EMFILE || error == ENFILE || error == ENOMEM; }

// The kernel marks the path of a file whose name is gone; the mark is not part of the name, unless a file is named so.
static size_t file_path(int fd, const struct stat *st, char *path) {
  size_t len = path_of(fd, path);
  size_t mark = sizeof DELETED - 1;
  if (len <= mark || memcmp(path + len - mark, DELETED, mark) != 0) return len;
  struct stat named;
  bool real = fstatat(AT_FDCWD, path, &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_dev == st->st_dev && named.st_ino == st->st_ino;
  return real ? len : len - mark;
}

// null, zero, full, random and urandom: opening them has no effect and knows no caller.
static bool is_memory_device(const struct stat *st) {
  unsigned number = minor(st->st_rdev);
  return S_ISCHR(st->st_mode) && major(st->st_rdev) == MEMORY_DEVICES && (number == 3 || number == 5 || (number >= 7 && number <= 9));
}

// A terminal and a pipe know who opens them, opening a pipe waits, and files of /proc are about whoever asks.
static bool can_stand_in(struct tracee *tracee, int fd, const struct stat *st) {
  if (!tracee->acts || tracee->foreign) return false;
  if (is_memory_device(st)) return true;
  return (S_ISREG(st->st_mode) || S_ISDIR(st->st_mode)) && tracee_is_plain(tracee, fd, st->st_dev);
}

static void take_opened(struct deed *deed, int fd, uint64_t flags) {
  deed->answer = ANSWER_OPENED;
  deed->fd = fd;
  deed->cloexec = (flags & O_CLOEXEC) != 0;
}

// Whether the kernel would call a file by this name just so: absolute, nothing empty, no dots. Symlinks are the caller's care.
static bool is_canonical(const char *path) {
  if (path[0] != '/' || path[1] == 0) return false;
  for (const char *at = path; *at != 0;) {
    const char *name = at + 1;
    size_t len = strcspn(name, "/");
    if (len == 0 || (len == 1 && name[0] == '.') || (len == 2 && name[0] == '.' && name[1] == '.')) return false;
    at = name + len;
  }
  return true;
}

static size_t opened_path(int fd, const struct stat *st, const char *asked, char *path) {
  if (!is_canonical(asked)) return file_path(fd, st, path);
  size_t len = strlen(asked);
  memcpy(path, asked, len + 1);
  return len;
}

// Most opens are of a file or folder that is there, to read it, and no symlink on the way: it is opened at once, without
// waiting for anything, and kept if it is what was looked at. false: nothing happened, and the careful way decides.
static bool open_plainly(struct tracee *tracee, const struct open_request *request, const char *path, struct deed *deed) {
  const uint64_t unusual = O_CREAT | O_TRUNC | O_EXCL | O_ACCMODE;
  if (!tracee->acts || request->flags & unusual || request->resolve != 0) return false;
  int base = path[0] == '/' ? AT_FDCWD : tracee_base(tracee, request->dirfd);
  if (base < 0 && base != AT_FDCWD) return false;
  struct stat seen, st;
  if (fstatat(base, path, &seen, AT_SYMLINK_NOFOLLOW) != 0) return false;
  if (!S_ISREG(seen.st_mode) && !S_ISDIR(seen.st_mode)) return false;
  struct open_how how = {
      .flags = (request->flags & OPEN_FLAGS) | ARCH_LARGEFILE | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
  int fd = (int)syscall(SYS_openat2, base, path, &how, sizeof how);
  if (fd < 0) return false;
  bool same = fstat(fd, &st) == 0 && st.st_dev == seen.st_dev && st.st_ino == seen.st_ino && can_stand_in(tracee, fd, &st);
  size_t len = !same ? 0 : S_ISREG(st.st_mode) ? opened_path(fd, &st, path, deed->path) : 1;
  bool waits = (request->flags & O_NONBLOCK) == 0;
  if (len == 0 || (waits && fcntl(fd, F_SETFL, (int)request->flags & ~O_NONBLOCK) != 0)) {
    close(fd);
    return false;
  }
  take_opened(deed, fd, request->flags);
  if (S_ISREG(st.st_mode)) {
    deed->path_len = len;
    deed->kinds = KIND(ACCESS_READ);
  }
  return true;
}

static void open_existing(struct tracee *tracee, const struct open_request *request, const char *path, int fd, struct deed *deed) {
  uint64_t flags = request->flags;
  struct stat st;
  if (fstat(fd, &st) != 0) return deed_unsure(tracee, deed);
  if (tracee->foreign) return deed_attempt_at(tracee, fd, request->dirfd, path, deed);
  if ((flags & O_CREAT) && (flags & O_EXCL)) return deed_fail(deed, EEXIST);
  if (S_ISLNK(st.st_mode)) return deed_fail(deed, ELOOP);
  if ((flags & O_CREAT) && S_ISDIR(st.st_mode)) return deed_fail(deed, EISDIR);
  if (!can_stand_in(tracee, fd, &st)) return deed_attempt_at(tracee, fd, request->dirfd, path, deed);
  size_t len = S_ISREG(st.st_mode) ? file_path(fd, &st, deed->path) : 1;
  if (len == 0) return deed_fail(deed, ENAMETOOLONG); // what can't be named on the record is not opened
  if ((flags & O_TRUNC) && !tracee_confirm(tracee)) return;
  // Through its own descriptor: the same file, whatever its name means by now.
  unsigned access = (unsigned)flags & O_ACCMODE;
  uint64_t passed = flags & ~(uint64_t)(O_CREAT | O_EXCL | O_NOFOLLOW);
  bool truncates = (flags & O_TRUNC) && S_ISREG(st.st_mode) && (access == O_WRONLY || access == O_RDWR);
  int opened = reopen(fd, (int)(truncates ? passed & ~(uint64_t)O_TRUNC : passed));
  // What would be refused is refused with the kernel's own reason for all of it.
  if (opened < 0 && truncates) opened = reopen(fd, (int)passed);
  if (opened < 0) return ran_out(errno) ? deed_unsure(tracee, deed) : deed_fail(deed, errno);
  take_opened(deed, opened, flags);
  deed->truncates = truncates;
  if (!S_ISREG(st.st_mode)) return;
  bool writes = access != O_RDONLY || (flags & O_TRUNC);
  deed->path_len = len;
  deed->kinds = (access != O_WRONLY ? KIND(ACCESS_READ) : 0) | (writes ? KIND(ACCESS_WRITTEN) : 0);
}

// Where a missing name would be made: where it stands, or where a dangling symlink of that name points to.
static int find_missing(struct tracee *tracee, int dirfd, const char *path, bool follow, struct place *place) {
  int error = place_find(tracee, dirfd, path, place);
  for (int links = 0; error == 0; links++) {
    char link[PATH_BYTES_MAX];
    ssize_t len = place->trailing_slash ? -1 : readlinkat(place->folder, place->name, link, sizeof link - 1);
    if (len < 0) return 0;
    link[len] = 0;
    int folder = place->folder;
    error = follow && links < LINKS_MAX ? place_find_from(tracee, folder, link, place) : ELOOP;
    if (error != 0) place->folder = -1;
    close(folder);
  }
  return error;
}

// Names that end in a slash are never made, nor opened as if they could be (but for the root, `.` and `..`).
static bool ends_as_folder(struct tracee *tracee, int dirfd, const char *path, uint64_t resolve, struct deed *deed) {
  size_t len = strlen(path);
  if (path[len - 1] != '/') return false;
  if (resolve != 0) {
    deed_attempt(tracee, dirfd, path, deed);
    return true;
  }
  struct place place;
  int error = place_find(tracee, dirfd, path, &place);
  bool dots = error == 0 && (strcmp(place.name, "./") == 0 || strcmp(place.name, "../") == 0 || strcmp(place.name, "/") == 0);
  place_close(&place);
  if (dots) return false;
  if (tracee->unsure) deed_unsure(tracee, deed);
  else if (tracee->foreign || !tracee->acts) deed_attempt(tracee, dirfd, path, deed);
  else deed_fail(deed, error != 0 ? error : EISDIR);
  return true;
}

// Returns false when somebody made the name meanwhile, so that the whole is looked at again.
static bool make_file(struct tracee *tracee, const struct open_request *request, const char *path, bool follow, struct deed *deed) {
  struct place place;
  int error = find_missing(tracee, request->dirfd, path, follow, &place);
  if (error != 0) {
    if (tracee->unsure || ran_out(error)) deed_unsure(tracee, deed);
    else deed_fail(deed, error);
    return true;
  }
  bool again = false;
  size_t len = place_path(&place, deed->path);
  if (!tracee->acts || tracee->foreign) {
    deed_attempt(tracee, request->dirfd, path, deed);
  } else if (len == 0 || len >= PATH_BYTES_MAX) {
    deed_fail(deed, ENAMETOOLONG); // what can't be named on the record, or opened again, is not made
  } else {
    uint64_t flags = (request->flags & ~(uint64_t)O_DIRECTORY) | O_CREAT | O_EXCL | O_NOFOLLOW;
    int opened = place_make(tracee, &place, (int)flags, (mode_t)request->mode, &error);
    if (opened >= 0) {
      take_opened(deed, opened, request->flags);
      deed->made = true;
      bool writes = (request->flags & O_ACCMODE) != O_RDONLY || (request->flags & O_TRUNC);
      deed->path_len = len;
      deed->kinds = KIND(ACCESS_CREATED) | (writes ? KIND(ACCESS_WRITTEN) : 0);
    } else if (error == EEXIST && !(request->flags & O_EXCL)) {
      again = true;
    } else if (tracee->unsure || ran_out(error)) {
      deed_unsure(tracee, deed);
    } else if (error != 0) {
      deed_fail(deed, error);
    }
  }
  place_close(&place);
  return !again;
}

void do_open(struct tracee *tracee, const struct open_request *request, struct deed *deed) {
  uint64_t flags = request->flags;
  char path[PATH_BYTES_MAX];
  int len = tracee_read_string(tracee, request->path, path);
  if (tracee->unsure) return deed_unsure(tracee, deed);
  if (len <= 0) return deed_fail(deed, len == 0 ? ENOENT : -len);
  // No content is behind either: a place only, and a new file that has no name.
  if (flags & O_PATH || (flags & O_TMPFILE) == O_TMPFILE) {
    // But in memory the flags can change until the kernel reads them.
    if (request->flags_in_memory) deed_attempt(tracee, request->dirfd, path, deed);
    return;
  }
  bool creates = (flags & O_CREAT) != 0;
  // Kernels differ in what these mean together.
  if (creates && (flags & O_DIRECTORY)) return deed_attempt(tracee, request->dirfd, path, deed);
  if (creates && ends_as_folder(tracee, request->dirfd, path, request->resolve, deed)) return;
  if (open_plainly(tracee, request, path, deed)) return;
  bool follow = !(flags & O_NOFOLLOW) && !(creates && (flags & O_EXCL));
  for (int rounds = 0; rounds < ROUNDS_MAX; rounds++) {
    int fd = tracee_lookup(tracee, request->dirfd, path, (struct lookup){.follow = follow, .resolve = request->resolve});
    if (fd >= 0) {
      open_existing(tracee, request, path, fd, deed);
      close(fd);
      return;
    }
    if (tracee->unsure) return deed_unsure(tracee, deed);
    if (tracee->foreign) return deed_attempt(tracee, request->dirfd, path, deed);
    // Also where the guest may not act: left to the kernel, the name could lead to a file by then, and nothing be listed.
    if (fd != -ENOENT || !creates) return deed_fail(deed, -fd);
    // A missing name below restrictions of the process's own is left to the kernel that made them.
    if (request->resolve != 0) return deed_attempt(tracee, request->dirfd, path, deed);
    if (make_file(tracee, request, path, follow, deed)) return;
  }
  deed_attempt(tracee, request->dirfd, path, deed);
}

void do_truncate(struct tracee *tracee, uint64_t address, uint64_t length, struct deed *deed) {
  char path[PATH_BYTES_MAX];
  int len = tracee_read_string(tracee, address, path);
  if (tracee->unsure) return deed_unsure(tracee, deed);
  if (len <= 0) return deed_fail(deed, len == 0 ? ENOENT : -len);
  int fd = tracee_lookup(tracee, AT_FDCWD, path, (struct lookup){.follow = true, .resolve = 0});
  if (tracee->unsure) deed_unsure(tracee, deed);
  else if (fd < 0) tracee->foreign ? deed_attempt(tracee, AT_FDCWD, path, deed) : deed_fail(deed, -fd);
  if (fd < 0) return;
  struct stat st;
  if (tracee->unsure || fstat(fd, &st) != 0) {
    deed_unsure(tracee, deed);
  } else if (!can_stand_in(tracee, fd, &st)) {
    deed_attempt_at(tracee, fd, AT_FDCWD, path, deed);
  } else if (tracee_confirm(tracee)) {
    char link[64];
    own_descriptor_path(fd, link);
    deed->path_len = file_path(fd, &st, deed->path);
    if (S_ISREG(st.st_mode) && deed->path_len == 0) {
      deed_fail(deed, ENAMETOOLONG);
    } else if (truncate(link, (off_t)length) != 0) {
      deed_fail(deed, errno);
    } else {
      deed->answer = ANSWER_DONE;
      deed->kinds = KIND(ACCESS_WRITTEN);
    }
  }
  close(fd);
}
