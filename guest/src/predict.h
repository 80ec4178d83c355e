// What the kernel will do with a call that waits: recorded before it happens, never enforced.
#ifndef GLOVEBOX_PREDICT_H
#define GLOVEBOX_PREDICT_H

#include <linux/seccomp.h>

#include "tracee.h"

#define KIND(kind) (1u << (kind))
#define FULL_PATH_MAX (PATH_BYTES_MAX + 256u + 2u)

struct prediction {
  unsigned kinds; // KIND(...) of what happens to `path`; 0: no file is touched
  bool exchanged; // a rename in both directions
  size_t path_len, second_len;
  char path[FULL_PATH_MAX];
  char second[FULL_PATH_MAX];
  enum net_family family; // 0: no connect
  uint16_t port;
  uint16_t address_len;
  uint8_t address[108];
};

void predict(struct tracee *tracee, const struct seccomp_data *call, struct prediction *out);

void predict_open(struct tracee *tracee, int dirfd, uint64_t path, uint64_t flags, uint64_t resolve, struct prediction *out);
void predict_truncate(struct tracee *tracee, uint64_t path, struct prediction *out);
void predict_remove(struct tracee *tracee, int dirfd, uint64_t path, bool directory, struct prediction *out);
void predict_create(struct tracee *tracee, int dirfd, uint64_t path, bool directory, struct prediction *out);
void predict_link(struct tracee *tracee, const struct seccomp_data *call, bool at, struct prediction *out);

struct name_at {
  int dirfd;
  uint64_t path;
};
void predict_rename(struct tracee *tracee, struct name_at from, struct name_at to, unsigned flags, struct prediction *out);
void predict_connect(struct tracee *tracee, uint64_t address, uint64_t len, struct prediction *out);

#endif
