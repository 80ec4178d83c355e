// A name in a folder: where something is about to be created, removed or renamed.
#ifndef GLOVEBOX_PLACE_H
#define GLOVEBOX_PLACE_H

#include "predict.h"

struct place {
  int folder; // O_PATH descriptor of ours, or -1
  char name[256];
  bool trailing_slash;
};

// Finds the folder in which the last name of `path` stands, as the process would. The caller closes it.
bool place_find(struct tracee *tracee, int dirfd, const char *path, struct place *place);
void place_close(struct place *place);
// Canonical path of the place in `path`, which has FULL_PATH_MAX bytes. Returns its length, 0 when it has none.
size_t place_path(const struct place *place, char *path);
// Whether the process may add and remove names there (it has the guest's user id, and neither has a capability over files).
bool place_is_changeable(const struct place *place);
bool may_access(int fd, int mode);

#endif
