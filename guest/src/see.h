// Calls that name no file: their registers, or the address they send to, are looked at, and the kernel does them.
#ifndef GLOVEBOX_SEE_H
#define GLOVEBOX_SEE_H

#include "deed.h"

void see_connect(struct tracee *tracee, uint64_t address, uint64_t len, struct deed *deed);
// A call that sets how much of the machine a thread, or a process group, gets.
void see_priority(int who, bool group, struct deed *deed);

#endif
