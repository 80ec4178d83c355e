#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "deed.h"

void do_allocate(struct tracee *tracee, int number, int mode, uint64_t offset, uint64_t len, struct deed *deed) {
  deed_fail(deed, EOPNOTSUPP);
  int fd = tracee_copy_descriptor(tracee, number);
  struct statfs fs;
  if (fd < 0) {
    if (fd == -EBADF) deed_fail(deed, EBADF);
    return;
  }
  // A copy of what the process has: whatever it puts in its place meanwhile, this one is in memory.
  if (fstatfs(fd, &fs) == 0 && fs.f_type == TMPFS_MAGIC && tracee_confirm(tracee)) {
    if (fallocate(fd, mode, (off_t)offset, (off_t)len) == 0) deed->answer = ANSWER_DONE;
    else deed_fail(deed, errno);
  }
  close(fd);
}
