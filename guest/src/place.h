// A name in a folder that is about to be created, removed or renamed.
#ifndef GLOVEBOX_PLACE_H
#define GLOVEBOX_PLACE_H

#include "deed.h"

struct place {
  int folder; // O_PATH descriptor of ours, or -1
  bool trailing_slash;
  char name[256 + 1]; // as it was given, with one of its trailing slashes
};

// Finds the folder in which the last name of `path` stands, as the process would with these RESOLVE_*. Returns 0 or an errno;
// on 0 the caller closes the place.
int place_find(struct tracee *tracee, int dirfd, const char *path, uint64_t resolve, struct place *place);
// Like place_find, with the guest's descriptor as the start of a relative path.
int place_find_from(struct tracee *tracee, int base, const char *path, struct place *place);
void place_close(struct place *place);
const char *place_name(const struct place *place);
// Writes the canonical path of the place into `path`, which has FULL_PATH_MAX bytes. Returns its length; 0 if it has none.
size_t place_path(const struct place *place, char *path);
// Makes and opens a file there, with the umask of the process. Returns the descriptor or -1 with `error`, which is 0 when
// the process is gone.
int place_make(struct tracee *tracee, const struct place *place, int flags, mode_t mode, int *error);

#endif
