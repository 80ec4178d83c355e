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

// What is worth remembering from call to call. One for each thread of the guest that serves calls, so that nobody closes
// what another one uses. A folder of /proc belongs to one process for good: that of a process that is gone is empty, also
// when its number is taken again.
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

// The umask of a process, valid as long as no thread may have changed it.
struct known_umask {
  bool known;
  mode_t mask;
};

struct tracee {
  pid_t tid;
  int listener;
  uint64_t call; // the notification's id
  struct tracee_cache *cache;
  struct known_umask *umask; // NULL: to be looked up each time
  struct {
    int dirfd;
    int fd;
  } bases[BASES_MAX]; // where its relative paths start; looked at once in a call
  unsigned bases_used;
  bool acts;      // the guest may do the call in the place of this process
  bool confirmed; // the process was still waiting when the deed was begun
  // Set if the guest could not inspect something that the process itself can: the record then has a gap, which is counted.
  bool unsure;
};

// Call it once, before any thread starts.
void tracee_prepare(void);
void tracee_cache_init(struct tracee_cache *cache);
void tracee_cache_free(struct tracee_cache *cache);

// Whether the process still waits in its call. What was read of it before then was its own: its number had not been
// taken by another one.
bool tracee_confirm(struct tracee *tracee);

// Reads a string of at most PATH_BYTES_MAX - 1 bytes. Returns its length, -ENAMETOOLONG or -EFAULT (as the kernel would
// answer), or another error, with `unsure`, when only the guest can't read it.
int tracee_read_string(struct tracee *tracee, uint64_t address, char text[PATH_BYTES_MAX]);
bool tracee_read(struct tracee *tracee, uint64_t address, void *data, size_t len);

struct lookup {
  bool follow;      // the last component, if it is a symlink
  uint64_t resolve; // RESOLVE_* of the process's own openat2
};

// Opens with O_PATH what the process would reach by this name. `dirfd` is the process's. Returns a descriptor or -errno.
int tracee_lookup(struct tracee *tracee, int dirfd, const char *path, struct lookup how);
// As tracee_lookup, with a descriptor of ours for relative paths to start from.
int tracee_lookup_from(struct tracee *tracee, int base, const char *path, struct lookup how);
// The process's working directory (AT_FDCWD) or one of its descriptors, to start from; tracee_end_call closes it.
int tracee_base(struct tracee *tracee, int dirfd);
void tracee_end_call(struct tracee *tracee);
// A copy of one of the process's descriptors. An undumpable process's can't be reached through /proc by a guest without
// CAP_DAC_READ_SEARCH, but CAP_SYS_PTRACE lets it take a copy. Returns a descriptor or -errno.
int tracee_copy_descriptor(struct tracee *tracee, int number);
// A file of the process's folder in /proc.
int tracee_open_fact(struct tracee *tracee, const char *name, int flags);
// A pidfd of the very thread, kept; -1 where there is none. `renewed`: the kept one is of a thread that is gone.
int tracee_pidfd(struct tracee *tracee, bool renewed);
// Sets the guest's umask to the process's; `own` is what to set it back to. Called with the table of processes locked:
// all threads of the guest have one umask. false, with `unsure`: it is not known.
bool tracee_wear_umask(struct tracee *tracee, mode_t *own);
// Whether `fd`, on that device, is of a file system that holds files, not of one that tells of the machine.
bool tracee_is_plain(struct tracee *tracee, int fd, dev_t device);

// Canonical path of an O_PATH descriptor of ours; 0 when it has none (pipes, sockets).
size_t path_of(int fd, char path[PATH_BYTES_MAX]);
// A path that leads the guest to one of its own descriptors.
void own_descriptor_path(int fd, char path[64]);
// Opens what an O_PATH descriptor of ours stands for. Returns a descriptor or -1.
int reopen(int fd, int flags);

#endif
