// The guest looks around in the sandbox as a step would, before any step runs.
#ifndef GLOVEBOX_SELFTEST_H
#define GLOVEBOX_SELFTEST_H

#include "link.h"

void send_selftest(struct link *link);

#endif
