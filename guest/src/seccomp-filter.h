// The system call filter of every process in a step: it refuses calls, and passes others to the guest.
#ifndef GLOVEBOX_SECCOMP_FILTER_H
#define GLOVEBOX_SECCOMP_FILTER_H

#include <stdbool.h>

enum filter_mode {
  FILTER_REFUSE, // refuses, tells nothing
  FILTER_RECORD, // refuses, and tells opens, changes of names, connects and priorities of others to a listener
};

// Needs no_new_privs. `stay_dumpable`: no process may hide its memory, for a guest that holds no CAP_SYS_PTRACE.
// Returns the listener (FILTER_RECORD) or 0 (FILTER_REFUSE), or -1 with errno: then nothing may be run.
int install_filter(enum filter_mode mode, bool stay_dumpable);

// Whether the kernel (Linux 5.19) lets only a kill interrupt a call once the guest has it. Where another signal could, the
// call would be made again, and what the guest did for it would be done twice.
bool filter_waits_killably(void);

#endif
