// Filter rules for calls that use a pool which the whole machine, or all runs of one account, share and no cgroup counts.
#ifndef GLOVEBOX_FILTER_LIMITS_H
#define GLOVEBOX_FILTER_LIMITS_H

#include "filter-program.h"

// Calls that nothing else is checked of. `told`: there is a listener, which may do some of it.
void check_shared_pools(struct program *to, bool told);

// Within the checks of the call that each is named after.
void check_pools_of_ioctl(struct program *to);
void check_pools_of_prctl(struct program *to);

#endif
