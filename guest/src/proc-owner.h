// Tells which process a path below /proc belongs to.
#ifndef GLOVEBOX_PROC_OWNER_H
#define GLOVEBOX_PROC_OWNER_H

#include "tracee.h"

enum proc_owner {
  OWNER_NONE,   // it tells of the machine, or is not below /proc
  OWNER_CALLER, // the process that calls
  OWNER_OTHER,  // another one of the step
  OWNER_GUEST,
};

// `path` is canonical, as path_of gives it.
enum proc_owner owner_in_proc(struct tracee *tracee, const char *path);

#endif
