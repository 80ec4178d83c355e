// SHA-256 (FIPS 180-4), with the processor's own instructions where it has them.
#ifndef GLOVEBOX_SHA256_H
#define GLOVEBOX_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32u

struct sha256 {
  uint32_t state[8];
  uint64_t len;
  uint8_t block[64];
};

void sha256_init(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const uint8_t *data, size_t len);
void sha256_end(struct sha256 *hash, uint8_t digest[SHA256_BYTES]);

#endif
