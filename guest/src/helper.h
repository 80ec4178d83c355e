// Runs a short-lived child of the guest, restricted like a step, to read files that a step could have written.
#ifndef GLOVEBOX_HELPER_H
#define GLOVEBOX_HELPER_H

#include <stddef.h>
#include <stdint.h>

// Runs `work` in a restricted child and passes what it writes to its descriptor to `each`, until it ends, but at most
// `max` bytes. Returns its exit code, or -1 when it could not be restricted, was killed or wrote too much.
int run_helper(void (*work)(int output, const void *argument), const void *argument, size_t max,
               void (*each)(void *state, const uint8_t *data, size_t len), void *state);

#endif
