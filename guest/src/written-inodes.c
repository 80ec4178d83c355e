#include "written-inodes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "die.h"

struct file_id file_id_of(const struct stat *st) {
  struct file_id id;
  memset(&id, 0, sizeof id); // padding is hashed, too
  id.device = st->st_dev;
  id.inode = st->st_ino;
  return id;
}

void written_inodes_init(struct written_inodes *inodes) {
  memset(inodes, 0, sizeof *inodes);
  if (getrandom(&inodes->key, sizeof inodes->key, 0) != sizeof inodes->key) die_errno("getrandom");
}

static uint64_t hash_of(const struct written_inodes *inodes, struct file_id id) {
  uint64_t hash = keyed_hash(&inodes->key, (const uint8_t *)&id, sizeof id);
  return hash == 0 ? 1 : hash;
}

// Where the hash is, or could be put.
static uint32_t find(const struct written_inodes *inodes, uint64_t hash) {
  uint32_t at = (uint32_t)hash & (inodes->capacity - 1);
  while (inodes->hashes[at] != 0 && inodes->hashes[at] != hash) at = (at + 1) & (inodes->capacity - 1);
  return at;
}

static void grow(struct written_inodes *inodes) {
  struct written_inodes grown = *inodes;
  grown.capacity = inodes->capacity == 0 ? 1024 : inodes->capacity * 2;
  grown.hashes = must_alloc(NULL, grown.capacity * sizeof *grown.hashes);
  memset(grown.hashes, 0, grown.capacity * sizeof *grown.hashes);
  for (uint32_t i = 0; i < inodes->capacity; i++) {
    if (inodes->hashes[i] != 0) grown.hashes[find(&grown, inodes->hashes[i])] = inodes->hashes[i];
  }
  free(inodes->hashes);
  *inodes = grown;
}

void written_inodes_add(struct written_inodes *inodes, struct file_id id) {
  if (inodes->full) return;
  if (inodes->used * 2 >= inodes->capacity) {
    inodes->full = inodes->capacity >= WRITTEN_INODES_MAX;
    if (inodes->full) return;
    grow(inodes);
  }
  uint64_t hash = hash_of(inodes, id);
  uint32_t at = find(inodes, hash);
  if (inodes->hashes[at] == 0) inodes->used++;
  inodes->hashes[at] = hash;
}

bool written_inodes_has(const struct written_inodes *inodes, struct file_id id) {
  if (inodes->full || inodes->capacity == 0) return inodes->full;
  uint64_t hash = hash_of(inodes, id);
  return inodes->hashes[find(inodes, hash)] == hash;
}
