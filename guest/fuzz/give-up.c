// Stands in for src/die.c and for _exit (the Makefile renames it) in fuzz targets.
#include "give-up.h"

#include <stdio.h>
#include <stdlib.h>

#include "die.h"

jmp_buf given_up;

_Noreturn void die(const char *what) {
  (void)what;
  longjmp(given_up, 1);
}

_Noreturn void die_errno(const char *what) { die(what); }

_Noreturn void fuzz_exit(int status);
_Noreturn void fuzz_exit(int status) {
  (void)status;
  longjmp(given_up, 1);
}

// Without `die`: a target that asks for absurd amounts of memory is a finding, not the end of an execution.
void *must_alloc(void *old, unsigned long size) {
  void *memory = realloc(old, size);
  if (memory == NULL) broken("memory", __FILE__, __LINE__);
  return memory;
}

_Noreturn void broken(const char *what, const char *file, int line) {
  fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
  abort();
}
