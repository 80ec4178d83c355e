// Computes content digests: of each executable once, and of the files that a process wrote, when it ends.
#ifndef GLOVEBOX_FILE_DIGEST_H
#define GLOVEBOX_FILE_DIGEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sha256.h"

#define DIGEST_FILE_MAX (1u << 30) // a larger executable has no digest

struct file_digest {
  uint64_t size;
  uint8_t sha256[SHA256_BYTES];
};

// Computes the digest of a regular file of at most `max` bytes. Returns false if it is larger or can't be read.
bool file_digest(int fd, uint64_t max, struct file_digest *digest);

struct known_digests;
struct known_digests *known_digests_new(void);
// The executable of a process that stands at its exec stop. The answer is remembered by device, inode, size and both
// times. The time of change can't be set by anyone inside, unlike that of modification; a file that changed just now is
// not remembered, as a second change in the same moment would not show. false: it can't be read, or is too large.
bool executable_digest(struct known_digests *known, pid_t pid, struct file_digest *digest);

#endif
