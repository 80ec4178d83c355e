#include "deed.h"

#include <string.h>

void deed_clear(struct deed *deed) {
  // The paths are long, and their lengths say what counts of them.
  deed->answer = ANSWER_CONTINUE;
  deed->error = 0;
  deed->fd = -1;
  deed->flags = 0;
  deed->cloexec = false;
  deed->made = false;
  deed->truncates = false;
  deed->given = -1;
  deed->kinds = 0;
  deed->linked = false;
  deed->exchanged = false;
  deed->path_len = 0;
  deed->second_len = 0;
  deed->family = 0;
  memset(&deed->id, 0, sizeof deed->id);
  memset(&deed->second_id, 0, sizeof deed->second_id);
}

void deed_fail(struct deed *deed, int error) {
  deed->answer = ANSWER_FAIL;
  deed->error = error;
}

void deed_unsure(struct tracee *tracee, struct deed *deed) {
  tracee->unsure = true;
  deed->answer = ANSWER_CONTINUE;
}

bool deed_name(struct tracee *tracee, int dirfd, const char *path, struct deed *deed) {
  size_t base_len = 0;
  if (path[0] != '/') {
    int base = tracee_base(tracee, dirfd);
    base_len = base < 0 ? 0 : path_of(base, deed->path);
    if (tracee->unsure || (base >= 0 && base_len == 0)) {
      deed_unsure(tracee, deed);
      return false;
    }
    if (base < 0) {
      deed_fail(deed, -base);
      return false;
    }
    deed->path[base_len++] = '/';
  }
  size_t len = strlen(path);
  if (base_len + len >= sizeof deed->path) len = sizeof deed->path - base_len - 1;
  memcpy(deed->path + base_len, path, len);
  deed->path[base_len + len] = 0;
  deed->path_len = base_len + len;
  return true;
}

void deed_attempt(struct tracee *tracee, int dirfd, const char *path, struct deed *deed) {
  deed->answer = ANSWER_CONTINUE;
  if (deed_name(tracee, dirfd, path, deed)) deed->kinds = KIND(ACCESS_ATTEMPTED);
}
