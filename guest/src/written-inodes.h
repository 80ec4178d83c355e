// The set of files below the workspace that were written in this sandbox, by device and inode, so that they are still known
// after a folder above them is renamed.
#ifndef GLOVEBOX_WRITTEN_INODES_H
#define GLOVEBOX_WRITTEN_INODES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "keyed-hash.h"

#define WRITTEN_INODES_MAX (1u << 20)

struct file_id {
  dev_t device;
  ino_t inode;
};

struct written_inodes {
  struct hash_key key;
  uint64_t *hashes; // open addressing, 0 is empty
  uint32_t capacity;
  uint32_t used;
  bool full; // from then on every file counts as written
};

struct file_id file_id_of(const struct stat *st);
void written_inodes_init(struct written_inodes *inodes);
void written_inodes_add(struct written_inodes *inodes, struct file_id id);
bool written_inodes_has(const struct written_inodes *inodes, struct file_id id);

#endif
