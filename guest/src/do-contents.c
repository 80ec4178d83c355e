#include "do-contents.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "opened-file.h"

static void truncate_found(struct tracee *tracee, int fd, uint64_t length, struct deed *deed) {
  struct stat st;
  if (fstat(fd, &st) != 0) return deed_unsure(tracee, deed);
  deed->path_len = file_path(fd, &st, deed->path);
  if (S_ISREG(st.st_mode) && deed->path_len == 0) return deed_fail(deed, ENAMETOOLONG);
  char link[64];
  own_descriptor_path(fd, link);
  if (!tracee_confirm(tracee)) return;
  if (truncate(link, (off_t)length) != 0) return deed_fail(deed, errno);
  deed->answer = ANSWER_DONE;
  deed->id = file_id_of(&st);
  deed->kinds = KIND(ACCESS_WRITTEN);
}

void do_truncate(struct tracee *tracee, uint64_t address, uint64_t length, struct deed *deed) {
  char path[PATH_BYTES_MAX];
  int len = tracee_read_string(tracee, address, path);
  if (tracee->unsure) return deed_unsure(tracee, deed);
  if (len <= 0) return deed_fail(deed, len == 0 ? ENOENT : -len);
  int fd = tracee_lookup(tracee, AT_FDCWD, path, (struct lookup){.follow = true, .resolve = 0});
  if (tracee->unsure) deed_unsure(tracee, deed);
  else if (fd < 0) deed_fail(deed, -fd);
  else truncate_found(tracee, fd, length, deed);
  if (fd >= 0) close(fd);
}

void do_allocate(struct tracee *tracee, int number, int mode, uint64_t offset, uint64_t len, struct deed *deed) {
  deed_fail(deed, EOPNOTSUPP);
  int fd = tracee_copy_descriptor(tracee, number);
  struct statfs fs;
  if (fd < 0) {
    if (fd == -EBADF) deed_fail(deed, EBADF);
    return;
  }
  // This is a copy of the process's descriptor: even if the process replaces its own, this file is on a memory file system.
  if (fstatfs(fd, &fs) == 0 && fs.f_type == TMPFS_MAGIC && tracee_confirm(tracee)) {
    if (fallocate(fd, mode, (off_t)offset, (off_t)len) == 0) deed->answer = ANSWER_DONE;
    else deed_fail(deed, errno);
  }
  close(fd);
}
