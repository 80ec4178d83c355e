// Process and guest share one root and one mount table (the filter refuses all that could part them), so that a path
// means the same to both, but for three things: the working directory, descriptors, and /proc/self. The first two are
// taken from /proc/TID. The third hides behind symlinks (/dev/fd, /dev/stdin, one that a step made), so lookups go
// from cheap to careful: without symlinks the path cannot lead there; with symlinks but no magic link it leads there
// only if the result is in /proc or missing; what is left is walked name by name.
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process-facts.h"
#include "tracee.h"
#include "tracee-walk.h"

static int open_how(int base, const char *path, struct lookup how, uint64_t resolve) {
  struct open_how open_how = {
      .flags = O_PATH | O_CLOEXEC | (how.follow ? 0u : (unsigned)O_NOFOLLOW), .mode = 0, .resolve = how.resolve | resolve};
  int fd = (int)syscall(SYS_openat2, base, path, &open_how, sizeof open_how);
  return fd < 0 ? -errno : fd;
}

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

// A thread can have descriptors of its own. Before Linux 6.9 only the leader's can be had.
static int open_thread(struct tracee *tracee) {
  int thread = (int)syscall(SYS_pidfd_open, tracee->tid, PIDFD_THREAD);
  if (thread >= 0 || errno != EINVAL) return thread;
  pid_t parent;
  pid_t tgid = read_tgid(tracee->tid, &parent);
  bool alike = tgid == tracee->tid || syscall(SYS_kcmp, tracee->tid, tgid, KCMP_FILES, 0, 0) == 0;
  if (alike) return (int)syscall(SYS_pidfd_open, tgid, 0);
  errno = EACCES;
  return -1;
}

int tracee_copy_descriptor(struct tracee *tracee, int number) {
  int process = open_thread(tracee);
  if (process < 0) return -errno;
  int fd = (int)syscall(SYS_pidfd_getfd, process, number, 0);
  int error = errno;
  close(process);
  return fd < 0 ? -error : fd;
}

// With a pidfd of the thread itself, which is kept, one call does. What is not allowed so (an engine that keeps ptrace from
// its containers) goes through /proc.
static int copy_quickly(struct tracee *tracee, int dirfd) {
  int fd = -1;
  for (int tries = 0; tries < 2 && fd < 0; tries++) {
    int thread = tracee_pidfd(tracee, tries == 1);
    if (thread < 0) return -EOPNOTSUPP;
    fd = (int)syscall(SYS_pidfd_getfd, thread, dirfd, 0);
    if (fd < 0 && errno != ESRCH) return -errno; // ESRCH: of a thread that is gone, and whose number this one has
  }
  return fd < 0 ? -ESRCH : fd;
}

static int find_base(struct tracee *tracee, int dirfd) {
  if (dirfd != AT_FDCWD) {
    int copy = copy_quickly(tracee, dirfd);
    if (copy >= 0 || copy == -EBADF) return copy;
  }
  char name[32];
  if (dirfd == AT_FDCWD) memcpy(name, "cwd", 4);
  else snprintf(name, sizeof name, "fd/%d", dirfd);
  int fd = tracee_open_fact(tracee, name, O_PATH);
  if (fd >= 0) return fd;
  int error = errno;
  if (error == EACCES && dirfd != AT_FDCWD) {
    fd = tracee_copy_descriptor(tracee, dirfd);
    if (fd >= 0 || fd == -EBADF) return fd;
  }
  if (dirfd != AT_FDCWD && error == ENOENT) return -EBADF;
  tracee->unsure = true;
  return -error;
}

int tracee_base(struct tracee *tracee, int dirfd) {
  for (unsigned i = 0; i < tracee->bases_used; i++) {
    if (tracee->bases[i].dirfd == dirfd) return tracee->bases[i].fd;
  }
  int fd = find_base(tracee, dirfd);
  if (fd < 0) return fd;
  if (tracee->bases_used == BASES_MAX) close(tracee->bases[--tracee->bases_used].fd);
  tracee->bases[tracee->bases_used].dirfd = dirfd;
  tracee->bases[tracee->bases_used++].fd = fd;
  return fd;
}

void tracee_end_call(struct tracee *tracee) {
  while (tracee->bases_used > 0) close(tracee->bases[--tracee->bases_used].fd);
}

static bool starts_with(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

static bool leads_into_proc(int fd) {
  char path[PATH_BYTES_MAX];
  size_t len = path_of(fd, path);
  return len == 0 || starts_with(path, "/proc/");
}

int tracee_lookup(struct tracee *tracee, int dirfd, const char *path, struct lookup how) {
  bool needs_base = path[0] != '/' || (how.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) != 0;
  int base = needs_base ? tracee_base(tracee, dirfd) : AT_FDCWD;
  if (needs_base && base < 0) return base;
  return tracee_lookup_from(tracee, base, path, how);
}

int tracee_lookup_from(struct tracee *tracee, int base, const char *path, struct lookup how) {
  int fd = open_how(base, path, how, RESOLVE_NO_SYMLINKS);
  if (fd == -ELOOP && !(how.resolve & RESOLVE_NO_SYMLINKS)) {
    fd = open_how(base, path, how, RESOLVE_NO_MAGICLINKS);
    // With restrictions of its own the process can't have passed a magic link or left its folder.
    bool restricted = (how.resolve & ~(uint64_t)RESOLVE_NO_XDEV) != 0;
    if (!restricted && (fd < 0 || leads_into_proc(fd))) {
      if (fd >= 0) close(fd);
      fd = tracee_walk(tracee, base, path, how.follow);
    }
  }
  if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM) tracee->unsure = true;
  return fd;
}
