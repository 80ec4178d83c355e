// Inspects a process from outside while it waits in a system call: its memory and its view of paths.
#ifndef GLOVEBOX_TRACEE_H
#define GLOVEBOX_TRACEE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "messages.h"

#define CACHED_PROCESSES 64u
#define CACHED_DEVICES 8u
#define BASES_MAX 3u

// A cache from call to call. Each serving thread of the guest has its own, so that no thread closes a descriptor that
// another one uses. An open folder of /proc belongs to one process for ever: after that process has ended it is empty, even
// if the number is reused.
struct tracee_cache {
  struct {
    pid_t tid;
    int folder;
    int thread; // a pidfd of it; -1 where the kernel makes none for threads
  } processes[CACHED_PROCESSES];
  struct {
    dev_t device;
    bool known;
    bool plain;
  } devices[CACHED_DEVICES];
};

// The umask of a process. Valid until a thread may have changed it.
struct known_umask {
  bool known;
  mode_t mask;
};

struct tracee {
  pid_t tid;
  int listener;
  uint64_t call; // the notification's id
  struct tracee_cache *cache;
  struct known_umask *umask; // NULL: read it for each call
  struct {
    int dirfd;
    int fd;
  } bases[BASES_MAX]; // start of its relative paths; opened once per call
  unsigned bases_used;
  bool acts;      // the guest may do the call on behalf of this process
  bool confirmed; // the process was still waiting when the guest began the call
  // Set if the guest could not read something that the process itself can. The record then has a gap, and it is counted.
  bool unsure;
};

// Call it once, before any thread starts.
void tracee_prepare(void);
void tracee_cache_init(struct tracee_cache *cache);
void tracee_cache_free(struct tracee_cache *cache);

// Whether the process still waits in its call. If so, everything read before came from this process: its number was not
// reused in between.
bool tracee_confirm(struct tracee *tracee);

// Reads a string of at most PATH_BYTES_MAX - 1 bytes. Returns its length, -ENAMETOOLONG or -EFAULT (as the kernel would
// answer). Any other error sets `unsure`: the process can read the string, and the guest can't.
int tracee_read_string(struct tracee *tracee, uint64_t address, char text[PATH_BYTES_MAX]);
bool tracee_read(struct tracee *tracee, uint64_t address, void *data, size_t len);

struct lookup {
  bool follow;      // the last component, if it is a symlink
  uint64_t resolve; // RESOLVE_* of the process's own openat2
};

// Opens with O_PATH what the process would reach by this name. `dirfd` is the process's. Returns a descriptor or -errno.
int tracee_lookup(struct tracee *tracee, int dirfd, const char *path, struct lookup how);
// As tracee_lookup; relative paths start from `base`, one of the guest's descriptors.
int tracee_lookup_from(struct tracee *tracee, int base, const char *path, struct lookup how);
// The process's working directory (AT_FDCWD) or one of its descriptors, to start from; tracee_end_call closes it.
int tracee_base(struct tracee *tracee, int dirfd);
void tracee_end_call(struct tracee *tracee);
// A copy of one of the process's descriptors. An undumpable process's can't be reached through /proc by a guest without
// CAP_DAC_READ_SEARCH, but CAP_SYS_PTRACE lets it take a copy. Returns a descriptor or -errno.
int tracee_copy_descriptor(struct tracee *tracee, int number);
// A file of the process's folder in /proc.
int tracee_open_fact(struct tracee *tracee, const char *name, int flags);
// The cached pidfd of this thread; -1 if the kernel has none. `renewed`: the cached one belongs to an ended thread.
int tracee_pidfd(struct tracee *tracee, bool renewed);
// Sets the guest's umask to the process's, and `own` to the guest's previous one. The caller holds the lock of the process
// table, because all threads of the guest share one umask. Returns false and sets `unsure` if the umask is unknown.
bool tracee_wear_umask(struct tracee *tracee, mode_t *own);
// Whether `fd`, on that device, is on a file system that stores files (not one like /proc, which describes the machine).
bool tracee_is_plain(struct tracee *tracee, int fd, dev_t device);

// Canonical path of one of the guest's O_PATH descriptors; 0 if it has none (pipes, sockets).
size_t path_of(int fd, char path[PATH_BYTES_MAX]);
// A path that leads the guest to one of its own descriptors.
void own_descriptor_path(int fd, char path[64]);
// Opens the file behind one of the guest's O_PATH descriptors. Returns a descriptor or -1.
int reopen(int fd, int flags);

#endif
