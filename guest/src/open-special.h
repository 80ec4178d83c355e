// Opens what is no plain file: of /proc and its like, terminals and other devices, pipes.
#ifndef GLOVEBOX_OPEN_SPECIAL_H
#define GLOVEBOX_OPEN_SPECIAL_H

#include "deed.h"

// `fd` is an O_PATH descriptor of ours for what `path` led to. `flags` are those that the process asked for.
void open_special(struct tracee *tracee, int fd, const struct stat *st, uint64_t flags, struct deed *deed);

#endif
