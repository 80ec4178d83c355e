// Looking at a process from outside while it waits in a system call: its memory and its view of paths.
#ifndef GLOVEBOX_TRACEE_H
#define GLOVEBOX_TRACEE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "messages.h"

struct tracee {
  pid_t tid;
  // Set when something could not be looked at that the process itself can: the record then has a gap, and says so.
  bool unsure;
};

// Reads a string of at most PATH_BYTES_MAX - 1 bytes. Returns its length, -ENAMETOOLONG or -EFAULT (as the kernel will
// answer), or another error when only the guest can't read it.
int tracee_read_string(struct tracee *tracee, uint64_t address, char text[PATH_BYTES_MAX]);
bool tracee_read(struct tracee *tracee, uint64_t address, void *data, size_t len);

struct lookup {
  bool follow;      // the last component, if it is a symlink
  uint64_t resolve; // RESOLVE_* of the process's own openat2
};

// Opens with O_PATH what the process would reach by this name. `dirfd` is the process's. Returns a descriptor or -errno.
int tracee_lookup(struct tracee *tracee, int dirfd, const char *path, struct lookup how);
// The process's working directory (AT_FDCWD) or one of its descriptors, opened with O_PATH.
int tracee_base(struct tracee *tracee, int dirfd);
// Canonical path of an O_PATH descriptor of ours; 0 when it has none (pipes, sockets).
size_t path_of(int fd, char path[PATH_BYTES_MAX]);

#endif
