// SipHash-2-4 (Aumasson and Bernstein, 2012): a hash whose collisions nobody can construct without the key.
#ifndef GLOVEBOX_KEYED_HASH_H
#define GLOVEBOX_KEYED_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_key {
  uint64_t k0, k1;
};

uint64_t keyed_hash(const struct hash_key *key, const uint8_t *data, size_t len);

#endif
