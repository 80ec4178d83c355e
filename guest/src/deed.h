// The result of a notified call. The guest does the call itself for the process that waits in it: it opens, creates or
// removes exactly the file that it looked up. So no concurrent change by another thread or process can make the record
// differ from the action. A call that names a file is never left to the kernel, which would read the name again, except in
// the cases that `left` counts.
#ifndef GLOVEBOX_DEED_H
#define GLOVEBOX_DEED_H

#include "tracee.h"
#include "written-inodes.h"

#define KIND(kind) (1u << (kind))
#define FULL_PATH_MAX (PATH_BYTES_MAX + 256u + 2u)

enum answer {
  ANSWER_CONTINUE, // the kernel does it
  ANSWER_FAIL,     // with `error`
  ANSWER_DONE,     // returns 0
  ANSWER_OPENED,   // returns a copy of `fd`, which the receiver of the deed closes
  ANSWER_GIVEN,    // returns `given`, the number of that copy
  ANSWER_LATER,    // `fd` is a named pipe, to be opened with `flags`; opening waits for its other end
};

struct deed {
  enum answer answer;
  int error;
  int fd;
  int flags;
  bool cloexec;
  bool made;      // the file at `path` did not exist before: without a descriptor for it, it is taken away again
  bool truncates; // once the descriptor was given: a process without one to spare must not lose its file
  int given;
  unsigned kinds; // KIND(...) of what happened to `path`; 0: nothing that is listed
  bool linked;    // `path` was made for a file that was there before, as `second` unless that is empty
  bool exchanged; // a rename in both directions
  struct file_id id, second_id; // of a file that was written, linked or renamed, and of the other one that it was exchanged with
  size_t path_len, second_len;
  char path[FULL_PATH_MAX];
  char second[FULL_PATH_MAX];
  enum net_family family; // 0: no connect
  uint16_t port;
  uint16_t address_len;
  uint8_t address[108];
};

void deed_clear(struct deed *deed);
void deed_fail(struct deed *deed, int error);
// The guest lacks a resource (descriptors, memory): the kernel does the call, and the gap is counted.
void deed_unsure(struct tracee *tracee, struct deed *deed);
// The kernel does the call, and the requested path is listed as attempted, since the kernel may reach another file.
void deed_attempt(struct tracee *tracee, int dirfd, const char *path, struct deed *deed);
// Sets the deed's path to the requested name, made absolute. Returns false if the deed already has its answer.
bool deed_name(struct tracee *tracee, int dirfd, const char *path, struct deed *deed);

#endif
