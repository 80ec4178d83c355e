#include "access-set.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "die.h"

#define HASH_BYTES_MAX (64u << 20)
#define ENTRY_MAX (1u + 2u * (4u + 2u * PATH_BYTES_MAX))

void access_budget_init(struct access_budget *budget) {
  budget->hash_bytes = 0;
  if (getrandom(&budget->key, sizeof budget->key, 0) != sizeof budget->key) die_errno("getrandom");
}

static bool insert(uint64_t *hashes, uint32_t capacity, uint64_t hash) {
  uint32_t at = (uint32_t)hash & (capacity - 1);
  while (hashes[at] != 0) {
    if (hashes[at] == hash) return false;
    at = (at + 1) & (capacity - 1);
  }
  hashes[at] = hash;
  return true;
}

static void resize(struct access_set *set, struct access_budget *budget, uint32_t capacity) {
  uint64_t *grown = must_alloc(NULL, capacity * sizeof *grown);
  memset(grown, 0, capacity * sizeof *grown);
  for (uint32_t i = 0; i < set->capacity; i++) {
    if (set->hashes[i] != 0) insert(grown, capacity, set->hashes[i]);
  }
  budget->hash_bytes += (capacity - set->capacity) * sizeof *grown;
  free(set->hashes);
  set->hashes = grown;
  set->capacity = capacity;
}

static void make_room(struct access_set *set, struct access_budget *budget) {
  if (set->capacity != 0 && set->used * 4 < set->capacity * 3) return;
  uint32_t wanted = set->capacity == 0 ? 64 : set->capacity * 2;
  if (set->capacity == 0 || budget->hash_bytes + wanted * sizeof(uint64_t) <= HASH_BYTES_MAX) {
    resize(set, budget, wanted);
    return;
  }
  // Over the budget no access is lost: the hashes are forgotten, and paths may be listed twice.
  memset(set->hashes, 0, set->capacity * sizeof *set->hashes);
  set->used = 0;
}

static void append(struct access_set *set, const struct writer *entry) {
  uint32_t needed = set->pending_bytes + (uint32_t)entry->len;
  if (needed > set->pending_capacity) {
    uint32_t capacity = set->pending_capacity == 0 ? 1024 : set->pending_capacity;
    while (capacity < needed) capacity *= 2;
    set->pending = must_alloc(set->pending, capacity);
    set->pending_capacity = capacity;
  }
  memcpy(set->pending + set->pending_bytes, entry->data, entry->len);
  set->pending_bytes = needed;
  set->pending_paths++;
}

enum access_added access_add(struct access_set *set, struct access_budget *budget, enum access_kind kind, struct bytes path, struct bytes second) {
  uint8_t memory[ENTRY_MAX];
  struct writer entry = {memory, 0, sizeof memory, false};
  if (kind == ACCESS_RENAMED || kind == ACCESS_LINKED) encode_pair(&entry, kind, path, second);
  else encode_path(&entry, kind, path);
  if (entry.overflow) {
    set->omitted++;
    return ACCESS_OMITTED;
  }
  uint64_t hash = keyed_hash(&budget->key, entry.data, entry.len);
  if (hash == 0) hash = 1;
  make_room(set, budget);
  if (!insert(set->hashes, set->capacity, hash)) return ACCESS_KNOWN;
  set->used++;
  append(set, &entry);
  bool full = set->pending_paths >= ACCESS_FLUSH_PATHS || set->pending_bytes >= ACCESS_FLUSH_BYTES;
  return full ? ACCESS_NEW_AND_FULL : ACCESS_NEW;
}

bool access_is_empty(const struct access_set *set) { return set->pending_paths == 0 && set->omitted == 0; }

void access_sent(struct access_set *set) {
  set->pending_bytes = 0;
  set->pending_paths = 0;
  set->omitted = 0;
}

void access_forget(struct access_set *set, struct access_budget *budget) {
  budget->hash_bytes -= set->capacity * sizeof *set->hashes;
  free(set->hashes);
  set->hashes = NULL;
  set->capacity = 0;
  set->used = 0;
}

void access_free(struct access_set *set, struct access_budget *budget) {
  access_forget(set, budget);
  free(set->pending);
  set->pending = NULL;
  set->pending_capacity = 0;
}
