// A told call, done by the guest in the place of the process that waits in it. What the guest looked up is what it
// opens, makes or removes, so that nothing that another thread or process changes meanwhile can make the record differ
// from what was done. Only where the guest can't stand in (a terminal, a pipe, a file of /proc) does the call continue in
// the kernel; what was asked is then listed as attempted.
#ifndef GLOVEBOX_DEED_H
#define GLOVEBOX_DEED_H

#include <linux/seccomp.h>

#include "tracee.h"

#define KIND(kind) (1u << (kind))
#define FULL_PATH_MAX (PATH_BYTES_MAX + 256u + 2u)

enum answer {
  ANSWER_CONTINUE, // the kernel does it
  ANSWER_FAIL,     // with `error`
  ANSWER_DONE,     // returns 0
  ANSWER_OPENED,   // returns a copy of `fd`, which the receiver of the deed closes
  ANSWER_GIVEN,    // returns `given`, the number of that copy
};

struct deed {
  enum answer answer;
  int error;
  int fd;
  bool cloexec;
  bool made;      // the file at `path` did not exist before: without a descriptor for it, it is taken away again
  bool truncates; // once the descriptor was given: a process without one to spare must not lose its file
  int given;
  unsigned kinds; // KIND(...) of what happened to `path`; 0: nothing that is listed
  bool exchanged; // a rename in both directions
  size_t path_len, second_len;
  char path[FULL_PATH_MAX];
  char second[FULL_PATH_MAX];
  enum net_family family; // 0: no connect
  uint16_t port;
  uint16_t address_len;
  uint8_t address[108];
};

// Whether the call may change a file or a name. It is then done with the table of processes locked, so that its process
// can't be taken off the record between the deed and its listing.
bool call_may_change(const struct seccomp_data *call);
void do_call(struct tracee *tracee, const struct seccomp_data *call, struct deed *deed);

// What an open is asked for, from registers or from an openat2 structure that was read once.
struct open_request {
  int dirfd;
  uint64_t path;
  uint64_t flags;
  uint64_t mode;
  uint64_t resolve;
  bool flags_in_memory;
};
void do_open(struct tracee *tracee, const struct open_request *request, struct deed *deed);
void do_truncate(struct tracee *tracee, uint64_t path, uint64_t length, struct deed *deed);

// Reserves room in a file of a file system in memory, whose size is its limit; elsewhere that is refused, see
// check_reservations of filter-limits.c.
void do_allocate(struct tracee *tracee, int number, int mode, uint64_t offset, uint64_t len, struct deed *deed);

struct name_at {
  int dirfd;
  uint64_t path;
};
void do_remove(struct tracee *tracee, struct name_at name, int flags, struct deed *deed);
void do_mkdir(struct tracee *tracee, struct name_at name, mode_t mode, struct deed *deed);
void do_mknod(struct tracee *tracee, struct name_at name, mode_t mode, uint64_t device, struct deed *deed);
void do_symlink(struct tracee *tracee, uint64_t target, struct name_at name, struct deed *deed);
void do_link(struct tracee *tracee, struct name_at from, struct name_at to, int flags, struct deed *deed);
void do_rename(struct tracee *tracee, struct name_at from, struct name_at to, unsigned flags, struct deed *deed);

void see_connect(struct tracee *tracee, uint64_t address, uint64_t len, struct deed *deed);
// A call that sets how much of the machine a thread, or a process group, gets.
void see_priority(int who, bool group, struct deed *deed);

void deed_fail(struct deed *deed, int error);
// The guest itself lacked something (descriptors, memory): the kernel decides, and the gap is counted.
void deed_unsure(struct tracee *tracee, struct deed *deed);
// The kernel decides, and what it was asked for is listed as attempted.
void deed_attempt(struct tracee *tracee, int dirfd, const char *path, struct deed *deed);
// As deed_attempt, when an O_PATH descriptor of ours stands for what the path led to.
void deed_attempt_at(struct tracee *tracee, int fd, int dirfd, const char *path, struct deed *deed);

#endif
