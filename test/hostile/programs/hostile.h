// What the programs of the battery share: each tries one thing, by name, and says what came of it.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdio.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct attempt {
  const char *name;
  void (*run)(int argc, char **argv);
};

// One line: `what: refused (EPERM)` or `what: GOT THROUGH (3)`.
static inline void tried(const char *what, long result) {
  if (result < 0) printf("%s: refused (%s)\n", what, strerrorname_np(errno));
  else printf("%s: GOT THROUGH (%ld)\n", what, result);
  fflush(stdout);
}

// For what is no failure of a call, e.g. a value that was read.
static inline void found(const char *what, int got_through) {
  printf("%s: %s\n", what, got_through ? "GOT THROUGH" : "refused");
  fflush(stdout);
}

static inline int dispatch(const struct attempt *attempts, int argc, char **argv) {
  for (const struct attempt *at = attempts; argc > 1 && at->name != NULL; at++) {
    if (strcmp(at->name, argv[1]) != 0) continue;
    at->run(argc - 2, argv + 2);
    return 0;
  }
  fprintf(stderr, "no such attempt\n");
  return 99;
}
