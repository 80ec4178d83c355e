// Calls that create, remove and rename names.
#ifndef GLOVEBOX_DO_NAMES_H
#define GLOVEBOX_DO_NAMES_H

#include "deed.h"

struct name_at {
  int dirfd;
  uint64_t path;
};

void do_remove(struct tracee *tracee, struct name_at name, int flags, struct deed *deed);
void do_mkdir(struct tracee *tracee, struct name_at name, mode_t mode, struct deed *deed);
void do_mknod(struct tracee *tracee, struct name_at name, mode_t mode, uint64_t device, struct deed *deed);
void do_symlink(struct tracee *tracee, uint64_t target, struct name_at name, struct deed *deed);
void do_link(struct tracee *tracee, struct name_at from, struct name_at to, int flags, struct deed *deed);
void do_rename(struct tracee *tracee, struct name_at from, struct name_at to, unsigned flags, struct deed *deed);

#endif
