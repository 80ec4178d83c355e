// Drops the rights that every process except the guest must lose before it runs a program.
#ifndef GLOVEBOX_RESTRICT_H
#define GLOVEBOX_RESTRICT_H

#include <stdbool.h>

// All return false with errno set on failure; the caller must then not go on.
bool reset_signals(void);
// Closes every descriptor from `first` on.
bool close_from(int first);
// All of the above, no_new_privs and the refusing filter, for helpers of the guest that touch what a step could write.
bool restrict_helper(int keep_first);

#endif
