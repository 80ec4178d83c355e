// Calls that change the content of a file without opening it.
#ifndef GLOVEBOX_DO_CONTENTS_H
#define GLOVEBOX_DO_CONTENTS_H

#include "deed.h"

void do_truncate(struct tracee *tracee, uint64_t path, uint64_t length, struct deed *deed);
// Reserves room in a file of a file system in memory, whose size is its limit; elsewhere that is refused, see
// check_reservations of filter-limits.c.
void do_allocate(struct tracee *tracee, int number, int mode, uint64_t offset, uint64_t len, struct deed *deed);

#endif
