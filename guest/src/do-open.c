#include "do-open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch.h"
#include "make-file.h"
#include "open-special.h"
#include "opened-file.h"

#define ROUNDS_MAX 8
// The flags that openat2 accepts; open ignores unknown flags.
#define OPEN_FLAGS                                                                                                        \
  (O_ACCMODE | O_APPEND | O_ASYNC | O_CLOEXEC | O_DIRECT | O_DIRECTORY | O_DSYNC | O_NOATIME | O_NOCTTY | \
   O_NOFOLLOW | O_NONBLOCK | O_SYNC)

// Whether the path is canonical apart from symlinks: absolute, without empty names and dots. The caller checks symlinks.
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

// The fast way for most opens, which read an existing file or folder without a symlink on the way. It opens the file at
// once, without waiting, and keeps it if it is the file that was inspected. Returns false if it did nothing; then the
// careful way decides.
static bool open_plainly(struct tracee *tracee, const struct open_request *request, const char *path, struct deed *deed) {
  const uint64_t unusual = O_CREAT | O_TRUNC | O_EXCL | O_ACCMODE;
  if (request->flags & unusual || request->resolve != 0) return false;
  int base = path[0] == '/' ? AT_FDCWD : tracee_base(tracee, request->dirfd);
  if (base < 0 && base != AT_FDCWD) return false;
  struct stat seen, st;
  if (fstatat(base, path, &seen, AT_SYMLINK_NOFOLLOW) != 0) return false;
  if (!S_ISREG(seen.st_mode) && !S_ISDIR(seen.st_mode)) return false;
  struct open_how how = {
      .flags = (request->flags & OPEN_FLAGS) | ARCH_LARGEFILE | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
  int fd = (int)syscall(SYS_openat2, base, path, &how, sizeof how);
  if (fd < 0) return false;
  bool same = fstat(fd, &st) == 0 && st.st_dev == seen.st_dev && st.st_ino == seen.st_ino && is_plain_file(tracee, fd, &st);
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
  if ((flags & O_CREAT) && (flags & O_EXCL)) return deed_fail(deed, EEXIST);
  if (S_ISLNK(st.st_mode)) return deed_fail(deed, ELOOP);
  if ((flags & O_CREAT) && S_ISDIR(st.st_mode)) return deed_fail(deed, EISDIR);
  if ((flags & O_DIRECTORY) && !S_ISDIR(st.st_mode)) return deed_fail(deed, ENOTDIR);
  bool plain = is_plain_file(tracee, fd, &st);
  deed->path_len = file_path(fd, &st, deed->path);
  if (plain && S_ISREG(st.st_mode) && deed->path_len == 0) return deed_fail(deed, ENAMETOOLONG); // what can't be named on the record is not opened
  // A file without a path, such as an unnamed pipe, is listed under the requested name.
  if (!plain && deed->path_len == 0 && !deed_name(tracee, request->dirfd, path, deed)) return;
  if (!plain) return open_special(tracee, fd, &st, flags, deed);
  if ((flags & O_TRUNC) && !tracee_confirm(tracee)) return;
  // Through its own descriptor: the same file, whatever its name means by now.
  unsigned access = (unsigned)flags & O_ACCMODE;
  uint64_t passed = flags & ~(uint64_t)(O_CREAT | O_EXCL | O_NOFOLLOW);
  bool truncates = (flags & O_TRUNC) && S_ISREG(st.st_mode) && (access == O_WRONLY || access == O_RDWR);
  int opened = reopen(fd, (int)(truncates ? passed & ~(uint64_t)O_TRUNC : passed));
  // If the open is refused, use the kernel's error for the open with all flags.
  if (opened < 0 && truncates) opened = reopen(fd, (int)passed);
  if (opened < 0) return ran_out(errno) ? deed_unsure(tracee, deed) : deed_fail(deed, errno);
  take_opened(deed, opened, flags);
  deed->truncates = truncates;
  deed->id = file_id_of(&st);
  if (S_ISREG(st.st_mode)) deed->kinds = kinds_of_open(flags);
}

void do_open(struct tracee *tracee, const struct open_request *request, struct deed *deed) {
  uint64_t flags = request->flags;
  char path[PATH_BYTES_MAX];
  int len = tracee_read_string(tracee, request->path, path);
  if (tracee->unsure) return deed_unsure(tracee, deed);
  if (len <= 0) return deed_fail(deed, len == 0 ? ENOENT : -len);
  // Told of openat2 alone. No content is behind it, but its flags stay in memory until the kernel reads them, and it can't
  // be handed over: seccomp takes no such descriptor.
  if (flags & O_PATH) return deed_attempt(tracee, request->dirfd, path, deed);
  bool creates = (flags & O_CREAT) != 0;
  if (creates && (flags & O_DIRECTORY)) return deed_fail(deed, EINVAL); // older kernels make a file
  if ((flags & O_TMPFILE) == O_TMPFILE) return make_unnamed(tracee, request, path, deed);
  if (creates && ends_as_folder(tracee, request, path, deed)) return;
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
    if (fd != -ENOENT || !creates) return deed_fail(deed, -fd);
    bool settled = request->resolve != 0 ? make_restricted(tracee, request, path, deed) : make_file(tracee, request, path, follow, deed);
    if (settled) return;
  }
  deed_fail(deed, EAGAIN); // another process keeps creating and removing the name
}
