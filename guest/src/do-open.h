#ifndef GLOVEBOX_DO_OPEN_H
#define GLOVEBOX_DO_OPEN_H

#include "deed.h"

// What an open is asked for, from registers or from an openat2 structure that was read once.
struct open_request {
  int dirfd;
  uint64_t path;
  uint64_t flags;
  uint64_t mode;
  uint64_t resolve;
};

void do_open(struct tracee *tracee, const struct open_request *request, struct deed *deed);

#endif
