// Checks the isolation of the sandbox from inside, with the rights of a step, before any step runs.
#ifndef GLOVEBOX_SELFTEST_H
#define GLOVEBOX_SELFTEST_H

#include "link.h"

void send_selftest(struct link *link);

#endif
