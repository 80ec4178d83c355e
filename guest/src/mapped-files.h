// Files that the kernel mapped into a process by itself when it executed a program: the program's loader, say.
#ifndef GLOVEBOX_MAPPED_FILES_H
#define GLOVEBOX_MAPPED_FILES_H

#include <stdbool.h>
#include <sys/types.h>

#include "messages.h"

// Calls `each` with the path of each mapped file, perhaps more than once. The process stands at its exec stop. false: they can't
// be read.
bool each_mapped_file(pid_t pid, void (*each)(void *state, const char *path), void *state);

#endif
