// The files that one process touched, each once, gathered until they are sent. Bounded in memory, not in paths: an entry
// waits in wire format until the set is flushed, and only a keyed hash of it is kept to know it again. The host bounds the
// record of a run as a whole.
#ifndef GLOVEBOX_ACCESS_SET_H
#define GLOVEBOX_ACCESS_SET_H

#include <stdbool.h>

#include "keyed-hash.h"
#include "messages.h"

#define ACCESS_FLUSH_PATHS 1000u
#define ACCESS_FLUSH_BYTES (64u << 10)

// Shared by all sets: the key, and the memory that hashes may take in sum.
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
// NEW_AND_FULL: the set wants to be flushed. `second` is the target of a rename or a link, else empty.
enum access_added access_add(struct access_set *set, struct access_budget *budget, enum access_kind kind, struct bytes path, struct bytes second);
bool access_is_empty(const struct access_set *set);
// Forgets what is pending; it was sent.
void access_sent(struct access_set *set);
// Forgets what was seen, so that another program in the same process is listed from the start.
void access_forget(struct access_set *set, struct access_budget *budget);
void access_free(struct access_set *set, struct access_budget *budget);

#endif
