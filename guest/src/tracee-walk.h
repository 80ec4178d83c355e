// Looks up a path like another process, name by name, with that process's /proc/self. It is the slow, careful way.
#ifndef GLOVEBOX_TRACEE_WALK_H
#define GLOVEBOX_TRACEE_WALK_H

#include "tracee.h"

// `base` is where relative paths start. Returns an O_PATH descriptor or -errno.
int tracee_walk(struct tracee *tracee, int base, const char *path, bool follow);

#endif
