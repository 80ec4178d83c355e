#include "open-special.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "capabilities.h"
#include "opened-file.h"
#include "proc-owner.h"

#define TERMINALS 136u

// Files of the guest's folder in /proc that every process may read. The guest could open more of them, so only these pass.
static const char *const SHOWN_OF_GUEST[] = {
    "", "autogroup", "cgroup", "cmdline", "comm", "cpuset", "gid_map", "limits", "loginuid", "mountinfo", "mounts", "oom_adj", "oom_score",
    "oom_score_adj", "projid_map", "sched", "schedstat", "sessionid", "setgroups", "stat", "statm", "status", "task", "uid_map", "wchan",
};

// What follows /proc/PID/, or /proc/PID/task/TID/.
static const char *name_in_proc(const char *path) {
  const char *name = strchr(path + strlen("/proc/"), '/');
  if (name == NULL) return "";
  const char *thread = strncmp(name, "/task/", 6) == 0 ? strchr(name + 6, '/') : NULL;
  return (thread == NULL ? name : thread) + 1;
}

static bool is_shown_of_guest(const char *name) {
  for (size_t i = 0; i < sizeof SHOWN_OF_GUEST / sizeof SHOWN_OF_GUEST[0]; i++) {
    if (strcmp(name, SHOWN_OF_GUEST[i]) == 0) return true;
  }
  return false;
}

static int refused(int error) {
  errno = error;
  return -1;
}

// Opens a file of another process with the caller's rights. Its memory is refused: see refused_calls.
static int open_of_other(int fd, const char *name, int flags) {
  struct worn_capabilities own;
  if (strcmp(name, "mem") == 0 || !wear_no_capabilities(&own)) return refused(EACCES);
  int opened = reopen(fd, flags);
  int error = errno;
  wear_own_capabilities(&own);
  errno = error;
  return opened;
}

static int open_telling(struct tracee *tracee, int fd, int flags) {
  char path[PATH_BYTES_MAX];
  enum proc_owner owner = path_of(fd, path) == 0 ? OWNER_NONE : owner_in_proc(tracee, path);
  switch (owner) {
    case OWNER_GUEST: return (flags & O_ACCMODE) == O_RDONLY && is_shown_of_guest(name_in_proc(path)) ? reopen(fd, flags) : refused(EACCES);
    case OWNER_OTHER: return open_of_other(fd, name_in_proc(path), flags);
    case OWNER_CALLER:
    case OWNER_NONE: break;
  }
  return reopen(fd, flags);
}

// The number of the terminal that the process is controlled by, 0 without one: field 7 of stat. The name before it may hold
// anything, but no field after it a parenthesis.
static unsigned long terminal_of(struct tracee *tracee) {
  char text[512];
  int fd = tracee_open_fact(tracee, "stat", O_RDONLY);
  ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[len > 0 ? len : 0] = 0;
  const char *at = strrchr(text, ')');
  char state;
  int parent, group, session;
  unsigned long number = 0;
  if (at == NULL || sscanf(at + 1, " %c %d %d %d %lu", &state, &parent, &group, &session, &number) != 5) return 0;
  return number;
}

// /dev/tty is a different terminal for each process. The guest has none, so the open fails as for a process without one.
static int open_own_terminal(struct tracee *tracee, int fd, int flags) {
  int opened = reopen(fd, flags);
  if (opened >= 0 || errno != ENXIO) return opened;
  unsigned long number = terminal_of(tracee);
  unsigned device = (unsigned)(number >> 8) & 0xfffu;
  if (device != TERMINALS) return refused(ENXIO);
  char path[32];
  snprintf(path, sizeof path, "/dev/pts/%lu", (number & 0xff) | ((number >> 12) & 0xfff00));
  opened = open(path, flags | O_CLOEXEC | O_NOCTTY);
  return opened < 0 && errno == ENOENT ? refused(ENXIO) : opened;
}

static int without_waiting(int fd, int flags) {
  int opened = reopen(fd, flags | O_NONBLOCK);
  if (opened < 0 || flags & O_NONBLOCK || fcntl(opened, F_SETFL, flags) == 0) return opened;
  int error = errno;
  close(opened);
  return refused(error);
}

static bool waits_for_other_end(int fd, int flags) {
  struct statfs fs;
  int access = flags & O_ACCMODE;
  bool named = fstatfs(fd, &fs) == 0 && fs.f_type != PIPEFS_MAGIC;
  return named && !(flags & O_NONBLOCK) && (access == O_RDONLY || access == O_WRONLY);
}

static void finish(struct tracee *tracee, int opened, const struct stat *st, uint64_t flags, struct deed *deed) {
  if (opened < 0) return ran_out(errno) ? deed_unsure(tracee, deed) : deed_fail(deed, errno);
  take_opened(deed, opened, flags);
  if (!S_ISDIR(st->st_mode)) deed->kinds = kinds_of_open(flags);
}

// Opening a pipe for writing waits for a reader, and opening it for reading waits for a writer.
static void open_pipe(struct tracee *tracee, int fd, const struct stat *st, int flags, struct deed *deed) {
  bool waits = waits_for_other_end(fd, flags);
  bool reads = (flags & O_ACCMODE) == O_RDONLY;
  int opened = !waits ? reopen(fd, flags) : reads ? refused(ENXIO) : without_waiting(fd, flags);
  if (opened >= 0 || !waits || errno != ENXIO) return finish(tracee, opened, st, (unsigned)flags, deed);
  deed->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (deed->fd < 0) return deed_unsure(tracee, deed);
  deed->answer = ANSWER_LATER;
  deed->flags = flags;
  deed->cloexec = (flags & O_CLOEXEC) != 0;
  deed->kinds = kinds_of_open((unsigned)flags);
}

void open_special(struct tracee *tracee, int fd, const struct stat *st, uint64_t asked, struct deed *deed) {
  int flags = (int)(asked & ~(uint64_t)(O_CREAT | O_EXCL | O_NOFOLLOW));
  if (S_ISFIFO(st->st_mode)) return open_pipe(tracee, fd, st, flags, deed);
  bool own_terminal = S_ISCHR(st->st_mode) && st->st_rdev == makedev(5, 0);
  int opened = own_terminal ? open_own_terminal(tracee, fd, flags) : S_ISCHR(st->st_mode) ? without_waiting(fd, flags) : open_telling(tracee, fd, flags);
  finish(tracee, opened, st, (unsigned)flags, deed);
}
