// Adds the results of notified calls to the process that made them, until they are reported.
#ifndef GLOVEBOX_LIST_DEED_H
#define GLOVEBOX_LIST_DEED_H

#include "deed.h"
#include "processes.h"

// Called with the table of processes locked. `process`: NULL if the caller is unknown, which is counted as a gap.
void list_deed(struct processes *all, struct process *process, struct tracee *tracee, const struct deed *deed);

#endif
