// Opens special files: those of /proc and similar file systems, terminals and other devices, and pipes.
#ifndef GLOVEBOX_OPEN_SPECIAL_H
#define GLOVEBOX_OPEN_SPECIAL_H

#include "deed.h"

// `fd` is the guest's O_PATH descriptor of the file. `flags` are those that the process requested.
void open_special(struct tracee *tracee, int fd, const struct stat *st, uint64_t flags, struct deed *deed);

#endif
