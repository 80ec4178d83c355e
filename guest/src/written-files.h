// The files below the workspace that a process wrote, for their digests when it ends. The list is bounded; files over the
// limit are counted.
#ifndef GLOVEBOX_WRITTEN_FILES_H
#define GLOVEBOX_WRITTEN_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "messages.h"

#define WORKSPACE "/workspace/"
#define WRITTEN_BYTES_MAX (2u << 20)

struct written_files {
  char *paths; // each ends in NUL
  uint32_t len;
  uint32_t capacity;
  uint32_t omitted;
  bool passed_on; // it has forked since: a child can have a descriptor, and write when this process is gone
};

bool is_in_workspace(struct bytes path);
// A path may be given more than once, and may be that of a folder which got another name with what was written in it.
void written_add(struct written_files *written, struct bytes path);
// The paths, each once, in order: a process that lives long writes the same file again and again, and each mark lists it
// anew. Returns how many; the caller frees the list.
uint32_t written_paths(const struct written_files *written, const char ***list);
void written_free(struct written_files *written);

#endif
