// Each check is one statement that must be true in every sandbox (invariants 1, 2 and 4).
#ifndef GLOVEBOX_SELFTEST_CHECKS_H
#define GLOVEBOX_SELFTEST_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

struct selftest_check {
  const char *name;
  // Writes its finding into `detail`. A check that cannot be decided fails.
  bool (*run)(char *detail, size_t size);
};

extern const struct selftest_check selftest_checks[];
extern const size_t selftest_checks_count;

// The checks of the network are in a file of their own.
bool check_only_loopback(char *detail, size_t size);
bool check_no_route(char *detail, size_t size);
bool check_no_connection(char *detail, size_t size);
bool check_no_resolver(char *detail, size_t size);

// Reads a small file as text. Returns false if it can't be read or is larger than `size`.
bool read_small(const char *path, char *text, size_t size);

#endif
