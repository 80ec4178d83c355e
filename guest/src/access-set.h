// The set of files that one process accessed, collected until they are sent. Memory is bounded, the number of paths is not: an
// entry waits in wire format until the set is flushed, and a keyed hash remains to recognise repeated accesses. The host
// bounds the record of the whole run.
#ifndef GLOVEBOX_ACCESS_SET_H
#define GLOVEBOX_ACCESS_SET_H

#include <stdbool.h>

#include "keyed-hash.h"
#include "messages.h"

#define ACCESS_FLUSH_PATHS 1000u
#define ACCESS_FLUSH_BYTES (64u << 10)

// Shared by all sets: the hash key, and the memory limit for all hashes together.
struct access_budget {
  struct hash_key key;
  size_t hash_bytes;
};

struct access_set {
  uint64_t *hashes; // open addressing, 0 is empty
  uint32_t capacity;
  uint32_t used;
  uint8_t *pending;
  uint32_t pending_bytes;
  uint32_t pending_capacity;
  uint32_t pending_paths;
  uint32_t omitted;
};

void access_budget_init(struct access_budget *budget);
enum access_added { ACCESS_KNOWN, ACCESS_OMITTED, ACCESS_NEW, ACCESS_NEW_AND_FULL };
// NEW_AND_FULL: the caller should flush the set. `second` is the target of a rename or a link, else empty.
enum access_added access_add(struct access_set *set, struct access_budget *budget, enum access_kind kind, struct bytes path, struct bytes second);
bool access_is_empty(const struct access_set *set);
// Forgets the pending entries after they were sent.
void access_sent(struct access_set *set);
// Forgets all hashes, so that the next program in the same process is listed from the start.
void access_forget(struct access_set *set, struct access_budget *budget);
void access_free(struct access_set *set, struct access_budget *budget);

#endif
