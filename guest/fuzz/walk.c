// Walking a path name by name, against the kernel itself: in a folder full of symlinks with targets of the attacker's,
// the walk must end where openat ends. The input is texts that end in NUL: targets of the links a, b, c..., then a path.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "give-up.h"
#include "tracee-walk.h"

#define LINKS 6

static int folder = -1;
static struct tracee_cache cache;
static char place[PATH_BYTES_MAX];
static char longest[NAME_MAX + 1]; // a folder whose name has all bytes that a name may have, with a file `n` in it

static void remove_folder(void) {
  char inside[NAME_MAX + 3];
  snprintf(inside, sizeof inside, "%s/n", longest);
  unlinkat(folder, inside, 0);
  unlinkat(folder, longest, AT_REMOVEDIR);
  unlinkat(folder, "dir/deep", AT_REMOVEDIR);
  unlinkat(folder, "dir", AT_REMOVEDIR);
  unlinkat(folder, "file", 0);
  rmdir(place);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  tracee_prepare();
  tracee_cache_init(&cache);
  const char *parent = getenv("TMPDIR");
  snprintf(place, sizeof place, "%s/glovebox-walk-XXXXXX", parent == NULL ? "/tmp" : parent);
  if (mkdtemp(place) == NULL) abort();
  folder = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
  atexit(remove_folder);
  if (folder < 0 || mkdirat(folder, "dir", 0700) != 0 || mkdirat(folder, "dir/deep", 0700) != 0) abort();
  close(openat(folder, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  memset(longest, 'n', NAME_MAX);
  if (mkdirat(folder, longest, 0700) != 0) abort();
  char inside[NAME_MAX + 3];
  snprintf(inside, sizeof inside, "%s/n", longest);
  close(openat(folder, inside, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  return 0;
}

// Descriptors are numbered by who is asked, and /dev and /proc/self/task lead to them.
static bool depends_on_who_asks(const char *text) {
  return strstr(text, "fd") != NULL || strstr(text, "dev") != NULL || strstr(text, "task") != NULL || strstr(text, "map_files") != NULL;
}

static void compare(const char *path, bool follow) {
  struct tracee tracee = {.tid = getpid(), .cache = &cache};
  int walked = tracee_walk(&tracee, folder, path, follow);
  int opened = openat(folder, path, O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
  if (opened < 0) {
    MUST(walked < 0);
  } else {
    struct stat one, other;
    MUST(walked >= 0 && fstat(walked, &one) == 0 && fstat(opened, &other) == 0);
    MUST(one.st_dev == other.st_dev && one.st_ino == other.st_ino);
  }
  if (walked >= 0) close(walked);
  if (opened >= 0) close(opened);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  char name[2] = "a";
  char *text = malloc(len + 1);
  memcpy(text, data, len);
  text[len] = 0;
  const char *at = text;
  bool alike = true;
  int made = 0;
  for (; made < LINKS && at + strlen(at) < text + len; made++) {
    name[0] = (char)('a' + made);
    alike = alike && !depends_on_who_asks(at);
    symlinkat(at, folder, name);
    at += strlen(at) + 1;
  }
  if (strlen(at) < PATH_BYTES_MAX && at[0] != 0) {
    struct tracee tracee = {.tid = getpid(), .cache = &cache};
    if (alike && !depends_on_who_asks(at)) {
      compare(at, true);
      compare(at, false);
    } else {
      int fd = tracee_walk(&tracee, folder, at, true);
      if (fd >= 0) close(fd);
    }
  }
  while (made-- > 0) {
    name[0] = (char)('a' + made);
    unlinkat(folder, name, 0);
  }
  free(text);
  return 0;
}
