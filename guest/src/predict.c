#include "predict.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>

#include "arch.h"

static void predict_openat2(struct tracee *tracee, const uint64_t a[6], struct prediction *out) {
  struct open_how how;
  memset(&how, 0, sizeof how);
  if (a[3] < sizeof how || !tracee_read(tracee, a[2], &how, sizeof how)) return;
  // RESOLVE_CACHED fails when the kernel would have to wait; the caller then asks again without it.
  predict_open(tracee, (int)a[0], a[1], how.flags, how.resolve & ~(uint64_t)RESOLVE_CACHED, out);
}

static void predict_legacy(struct tracee *tracee, const struct seccomp_data *call, struct prediction *out) {
#if ARCH_HAS_LEGACY_CALLS
  const __u64 *a = call->args;
  switch (call->nr) {
    case __NR_open: predict_open(tracee, AT_FDCWD, a[0], (uint32_t)a[1], 0, out); break;
    case __NR_creat: predict_open(tracee, AT_FDCWD, a[0], O_CREAT | O_WRONLY | O_TRUNC, 0, out); break;
    case __NR_unlink: predict_remove(tracee, AT_FDCWD, a[0], false, out); break;
    case __NR_rmdir: predict_remove(tracee, AT_FDCWD, a[0], true, out); break;
    case __NR_mkdir: predict_create(tracee, AT_FDCWD, a[0], true, out); break;
    case __NR_mknod: predict_create(tracee, AT_FDCWD, a[0], false, out); break;
    case __NR_symlink: predict_create(tracee, AT_FDCWD, a[1], false, out); break;
    case __NR_link: predict_link(tracee, call, false, out); break;
    case __NR_rename:
      predict_rename(tracee, (struct name_at){AT_FDCWD, a[0]}, (struct name_at){AT_FDCWD, a[1]}, 0, out);
      break;
    default: break;
  }
#else
  (void)tracee;
  (void)call;
  (void)out;
#endif
}

void predict(struct tracee *tracee, const struct seccomp_data *call, struct prediction *out) {
  out->kinds = 0;
  out->exchanged = false;
  out->family = 0;
  uint64_t a[6];
  for (int i = 0; i < 6; i++) a[i] = call->args[i];
  int dirfd = (int)a[0];
  switch (call->nr) {
    case __NR_openat: predict_open(tracee, dirfd, a[1], (uint32_t)a[2], 0, out); break;
    case __NR_openat2: predict_openat2(tracee, a, out); break;
    case __NR_truncate: predict_truncate(tracee, a[0], out); break;
    case __NR_unlinkat: predict_remove(tracee, dirfd, a[1], ((int)a[2] & AT_REMOVEDIR) != 0, out); break;
    case __NR_mkdirat: predict_create(tracee, dirfd, a[1], true, out); break;
    case __NR_mknodat: predict_create(tracee, dirfd, a[1], false, out); break;
    case __NR_symlinkat: predict_create(tracee, (int)a[1], a[2], false, out); break;
    case __NR_linkat: predict_link(tracee, call, true, out); break;
#ifdef __NR_renameat
    case __NR_renameat:
      predict_rename(tracee, (struct name_at){dirfd, a[1]}, (struct name_at){(int)a[2], a[3]}, 0, out);
      break;
#endif
    case __NR_renameat2:
      predict_rename(tracee, (struct name_at){dirfd, a[1]}, (struct name_at){(int)a[2], a[3]}, (unsigned)a[4], out);
      break;
    case __NR_connect: predict_connect(tracee, a[1], a[2], out); break;
    case __NR_sendto: predict_connect(tracee, a[4], a[5], out); break;
    default: predict_legacy(tracee, call, out); break;
  }
}
