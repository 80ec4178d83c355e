// Process and guest share one root and one mount table (the filter refuses every call that could change this). A path
// therefore means the same to both, except for the working directory, descriptors, and /proc/self. The first two are
// read from /proc/TID. Symlinks can lead to the third (/dev/fd, /dev/stdin, one that a step made), so a lookup tries the
// cheap ways first: a path without symlinks cannot lead there; a path with symlinks but without a magic link leads there
// only if its result is in /proc or missing; any other path is walked name by name.
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

// A thread can have its own table of descriptors. Before Linux 6.9 a pidfd reaches only the leader's table.
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

// A cached pidfd of the thread needs one call. Where that is forbidden (an engine denies ptrace to its containers), the
// descriptor is opened through /proc.
static int copy_quickly(struct tracee *tracee, int dirfd) {
  int fd = -1;
  for (int tries = 0; tries < 2 && fd < 0; tries++) {
    int thread = tracee_pidfd(tracee, tries == 1);
    if (thread < 0) return -EOPNOTSUPP;
    fd = (int)syscall(SYS_pidfd_getfd, thread, dirfd, 0);
    if (fd < 0 && errno != ESRCH) return -errno; // ESRCH: the pidfd belongs to an ended thread whose number was reused
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
    // A process that restricts its own lookup (openat2) can't have followed a magic link or left its folder.
    bool restricted = (how.resolve & ~(uint64_t)RESOLVE_NO_XDEV) != 0;
    if (!restricted && (fd < 0 || leads_into_proc(fd))) {
      if (fd >= 0) close(fd);
      fd = tracee_walk(tracee, base, path, how.follow);
    }
  }
  if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM) tracee->unsure = true;
  return fd;
}
