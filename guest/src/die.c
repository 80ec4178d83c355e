#include "die.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void die(const char *what) {
  dprintf(STDERR_FILENO, "glovebox-guest: %s\n", what);
  _exit(1);
}

_Noreturn void die_errno(const char *what) {
  dprintf(STDERR_FILENO, "glovebox-guest: %s: %s\n", what, strerror(errno));
  _exit(1);
}

void *must_alloc(void *old, unsigned long size) {
  void *memory = realloc(old, size);
  if (memory == NULL) die("out of memory");
  return memory;
}
