#include "do-call.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "arch.h"
#include "do-contents.h"
#include "do-names.h"
#include "do-open.h"
#include "see.h"

#define OPEN_MODE 07777u

// Requires unknown fields at the end of a structure to be zero, like copy_struct_from_user in the kernel. Returns 0 or an
// errno. It reads page by page, so that the first problem decides, as in the kernel.
static int check_tail(struct tracee *tracee, uint64_t address, uint64_t len) {
  uint8_t part[512];
  while (len > 0) {
    uint64_t want = sizeof part - address % sizeof part;
    if (want > len) want = len;
    if (!tracee_read(tracee, address, part, want)) return EFAULT;
    for (uint64_t i = 0; i < want; i++) {
      if (part[i] != 0) return E2BIG;
    }
    address += want;
    len -= want;
  }
  return 0;
}

static void do_openat2(struct tracee *tracee, const uint64_t a[6], struct deed *deed) {
  struct open_how how;
  memset(&how, 0, sizeof how);
  if (a[3] < sizeof how) return deed_fail(deed, EINVAL);
  if (a[3] > (uint64_t)getpagesize()) return deed_fail(deed, E2BIG);
  int error = check_tail(tracee, a[2] + sizeof how, a[3] - sizeof how);
  if (error == 0 && !tracee_read(tracee, a[2], &how, sizeof how)) error = EFAULT;
  if (tracee->unsure) return deed_unsure(tracee, deed);
  if (error != 0) return deed_fail(deed, error);
  bool makes = (how.flags & O_CREAT) || (how.flags & O_TMPFILE) == O_TMPFILE;
  if (how.flags >> 32 || how.mode & ~(uint64_t)OPEN_MODE || (how.mode != 0 && !makes)) return deed_fail(deed, EINVAL);
  // RESOLVE_CACHED fails when the kernel would have to wait; the caller then asks again without it.
  const struct open_request request = {(int)a[0], a[1], how.flags, how.mode, how.resolve & ~(uint64_t)RESOLVE_CACHED};
  do_open(tracee, &request, deed);
}

static void do_legacy(struct tracee *tracee, const struct seccomp_data *call, struct deed *deed) {
#if ARCH_HAS_LEGACY_CALLS
  const __u64 *a = call->args;
  const struct name_at name = {AT_FDCWD, a[0]};
  const struct name_at second = {AT_FDCWD, a[1]};
  const struct open_request opened = {AT_FDCWD, a[0], (uint32_t)a[1], (uint32_t)a[2] & OPEN_MODE, 0};
  const struct open_request created = {AT_FDCWD, a[0], O_CREAT | O_WRONLY | O_TRUNC, (uint32_t)a[1] & OPEN_MODE, 0};
  switch (call->nr) {
    case __NR_open: do_open(tracee, &opened, deed); break;
    case __NR_creat: do_open(tracee, &created, deed); break;
    case __NR_unlink: do_remove(tracee, name, 0, deed); break;
    case __NR_rmdir: do_remove(tracee, name, AT_REMOVEDIR, deed); break;
    case __NR_mkdir: do_mkdir(tracee, name, (mode_t)a[1], deed); break;
    case __NR_mknod: do_mknod(tracee, name, (mode_t)a[1], a[2], deed); break;
    case __NR_symlink: do_symlink(tracee, a[0], second, deed); break;
    case __NR_link: do_link(tracee, name, second, 0, deed); break;
    case __NR_rename: do_rename(tracee, name, second, 0, deed); break;
    default: break;
  }
#else
  (void)tracee;
  (void)call;
  (void)deed;
#endif
}

bool call_names_files(const struct seccomp_data *call) {
  switch (call->nr) {
    case __NR_fallocate:
    case __NR_umask:
    case __NR_connect:
    case __NR_sendto:
    case __NR_sched_setscheduler:
    case __NR_sched_setparam:
    case __NR_sched_setattr:
    case __NR_sched_setaffinity:
    case __NR_setpriority:
    case __NR_ioprio_set: return false;
    default: return true;
  }
}

// If the guest cannot do calls for processes, the record is incomplete, which is counted. Of two names it lists the first.
static void attempt_call(struct tracee *tracee, const struct seccomp_data *call, struct deed *deed) {
  int dirfd = AT_FDCWD;
  __u64 address = call->args[0];
  switch (call->nr) {
#if ARCH_HAS_LEGACY_CALLS
    case __NR_open:
    case __NR_creat:
    case __NR_unlink:
    case __NR_rmdir:
    case __NR_mkdir:
    case __NR_mknod:
    case __NR_link:
    case __NR_rename:
#endif
    case __NR_truncate: break;
#if ARCH_HAS_LEGACY_CALLS
    case __NR_symlink: address = call->args[1]; break;
#endif
    case __NR_symlinkat:
      dirfd = (int)call->args[1];
      address = call->args[2];
      break;
    default:
      dirfd = (int)call->args[0];
      address = call->args[1];
      break;
  }
  char path[PATH_BYTES_MAX];
  int len = tracee_read_string(tracee, address, path);
  if (tracee->unsure) deed_unsure(tracee, deed);
  else if (len <= 0) deed_fail(deed, len == 0 ? ENOENT : -len);
  else deed_attempt(tracee, dirfd, path, deed);
}

void do_call(struct tracee *tracee, const struct seccomp_data *call, struct deed *deed) {
  deed_clear(deed);
  if (!tracee->acts && call_names_files(call)) return attempt_call(tracee, call, deed);
  uint64_t a[6];
  for (int i = 0; i < 6; i++) a[i] = call->args[i];
  const struct name_at name = {(int)a[0], a[1]};
  const struct open_request opened = {(int)a[0], a[1], (uint32_t)a[2], (uint32_t)a[3] & OPEN_MODE, 0};
  switch (call->nr) {
    case __NR_openat: do_open(tracee, &opened, deed); break;
    case __NR_openat2: do_openat2(tracee, a, deed); break;
    case __NR_truncate: do_truncate(tracee, a[0], a[1], deed); break;
    case __NR_unlinkat: do_remove(tracee, name, (int)a[2], deed); break;
    case __NR_mkdirat: do_mkdir(tracee, name, (mode_t)a[2], deed); break;
    case __NR_mknodat: do_mknod(tracee, name, (mode_t)a[2], a[3], deed); break;
    case __NR_symlinkat: do_symlink(tracee, a[0], (struct name_at){(int)a[1], a[2]}, deed); break;
    case __NR_linkat: do_link(tracee, name, (struct name_at){(int)a[2], a[3]}, (int)a[4], deed); break;
#ifdef __NR_renameat
    case __NR_renameat: do_rename(tracee, name, (struct name_at){(int)a[2], a[3]}, 0, deed); break;
#endif
    case __NR_renameat2: do_rename(tracee, name, (struct name_at){(int)a[2], a[3]}, (unsigned)a[4], deed); break;
    case __NR_fallocate: do_allocate(tracee, (int)a[0], (int)a[1], a[2], a[3], deed); break;
    case __NR_connect: see_connect(tracee, a[1], a[2], deed); break;
    case __NR_sendto: see_connect(tracee, a[4], a[5], deed); break;
    case __NR_sched_setscheduler:
    case __NR_sched_setparam:
    case __NR_sched_setattr:
    case __NR_sched_setaffinity: see_priority((int)a[0], false, deed); break;
    case __NR_setpriority: see_priority((int)a[1], (int)a[0] == PRIO_PGRP, deed); break;
    case __NR_ioprio_set: see_priority((int)a[1], (int)a[0] == IOPRIO_OF_GROUP, deed); break;
    default: do_legacy(tracee, call, deed); break;
  }
}

static bool flags_may_change(uint64_t flags) { return (flags & (O_CREAT | O_TRUNC)) != 0; }

bool call_may_change(const struct seccomp_data *call) {
  switch (call->nr) {
    case __NR_openat: return flags_may_change(call->args[2]);
#if ARCH_HAS_LEGACY_CALLS
    case __NR_open: return flags_may_change(call->args[1]);
#endif
    case __NR_umask: return true;
    default: return call_names_files(call);
  }
}
