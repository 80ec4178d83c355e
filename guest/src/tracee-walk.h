// Looks up a path name by name, as the traced process would, with that process's /proc/self. Slow, for rare paths only.
#ifndef GLOVEBOX_TRACEE_WALK_H
#define GLOVEBOX_TRACEE_WALK_H

#include "tracee.h"

// `base` is where relative paths start. Returns an O_PATH descriptor or -errno.
int tracee_walk(struct tracee *tracee, int base, const char *path, bool follow);

#endif
