// Lists what deeds came to with the process that they were done for, until it is reported.
#ifndef GLOVEBOX_LIST_DEED_H
#define GLOVEBOX_LIST_DEED_H

#include "deed.h"
#include "processes.h"

// Called with the table of processes locked. `process`: NULL where nobody knows who called, which is counted.
void list_deed(struct processes *all, struct process *process, struct tracee *tracee, const struct deed *deed);

#endif
