// Dispatches notified calls by their numbers: it decides which calls the guest does, and passes their arguments.
#ifndef GLOVEBOX_DO_CALL_H
#define GLOVEBOX_DO_CALL_H

#include <linux/seccomp.h>

#include "deed.h"

// Whether the call may change a file or a name. It is then done with the table of processes locked, so that its process
// can't be taken off the record between the deed and its listing.
bool call_may_change(const struct seccomp_data *call);
// Whether the kernel, if the call is left to it, reads the name of a file (or flags that decide what is opened) out of the
// memory of the process once more.
bool call_names_files(const struct seccomp_data *call);
void do_call(struct tracee *tracee, const struct seccomp_data *call, struct deed *deed);

#endif
