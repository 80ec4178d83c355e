// The inner loop of SHA-256, in portable C and with the processor's instructions.
#ifndef GLOVEBOX_SHA256_BLOCKS_H
#define GLOVEBOX_SHA256_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const uint32_t SHA256_CONSTANTS[64];

void sha256_blocks_portable(uint32_t state[8], const uint8_t *data, size_t blocks);
// Whether this processor has instructions for it, and sha256_blocks_native may be called.
bool sha256_is_native(void);
void sha256_blocks_native(uint32_t state[8], const uint8_t *data, size_t blocks);

#endif
