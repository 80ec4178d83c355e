// Handles calls that name no file: the guest inspects their registers or target address, and the kernel does them.
#ifndef GLOVEBOX_SEE_H
#define GLOVEBOX_SEE_H

#include "deed.h"

void see_connect(struct tracee *tracee, uint64_t address, uint64_t len, struct deed *deed);
// Handles a call that sets the priority of a thread or a process group.
void see_priority(int who, bool group, struct deed *deed);

#endif
