#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tracee.h"

#define PAGE 4096u
#define FIRST_TRY 256u

// For kernels and sandboxes that refuse process_vm_readv.
static ssize_t read_through_proc(pid_t tid, uint64_t address, void *data, size_t len) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mem", tid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t got = pread(fd, data, len, (off_t)address);
  int error = errno;
  close(fd);
  errno = error == EIO ? EFAULT : error;
  return got;
}

// At most one page, so that a read gets all of it or nothing.
static ssize_t read_in_page(struct tracee *tracee, uint64_t address, void *data, size_t len) {
  struct iovec local = {data, len};
  struct iovec remote = {(void *)(uintptr_t)address, len};
  ssize_t got = process_vm_readv(tracee->tid, &local, 1, &remote, 1, 0);
  if (got < 0 && errno != EFAULT) got = read_through_proc(tracee->tid, address, data, len);
  if (got < 0 && errno != EFAULT) tracee->unsure = true;
  return got;
}

static size_t left_in_page(uint64_t address) { return PAGE - (size_t)(address & (PAGE - 1)); }

int tracee_read_string(struct tracee *tracee, uint64_t address, char text[PATH_BYTES_MAX]) {
  size_t len = 0;
  while (len < PATH_BYTES_MAX) {
    size_t want = left_in_page(address + len);
    if (len == 0 && want > FIRST_TRY) want = FIRST_TRY;
    if (want > PATH_BYTES_MAX - len) want = PATH_BYTES_MAX - len;
    ssize_t got = read_in_page(tracee, address + len, text + len, want);
    if (got <= 0) return got < 0 ? -errno : -EFAULT;
    char *end = memchr(text + len, 0, (size_t)got);
    if (end != NULL) return (int)(end - text);
    len += (size_t)got;
  }
  return -ENAMETOOLONG;
}

bool tracee_read(struct tracee *tracee, uint64_t address, void *data, size_t len) {
  uint8_t *to = data;
  while (len > 0) {
    size_t want = left_in_page(address) < len ? left_in_page(address) : len;
    ssize_t got = read_in_page(tracee, address, to, want);
    if (got <= 0) return false;
    to += got;
    address += (uint64_t)got;
    len -= (size_t)got;
  }
  return true;
}
