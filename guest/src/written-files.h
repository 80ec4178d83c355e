// The files below the workspace that a process wrote, for their digests when it ends. Bounded: what is over is counted.
#ifndef GLOVEBOX_WRITTEN_FILES_H
#define GLOVEBOX_WRITTEN_FILES_H

#include <stdint.h>
#include <sys/types.h>

#include "link.h"

#define WRITTEN_BYTES_MAX (2u << 20)
#define DIGEST_WRITTEN_MAX (64u << 20)       // bytes of one file
#define DIGEST_PROCESS_MAX (512ull << 20)    // bytes of all files of one process

struct written_files {
  char *paths; // each ends in NUL
  uint32_t len;
  uint32_t capacity;
  uint32_t omitted;
};

// A path may be given more than once; its digest is sent once.
void written_add(struct written_files *written, struct bytes path);
// Sends what each file holds now. Files that are gone, or are no regular files any more, are passed over; those that are
// too large or can't be read are counted with the omitted. Nobody else may use `written` meanwhile.
void written_report(struct written_files *written, struct link *link, uint32_t step, pid_t pid);
void written_free(struct written_files *written);

#endif
