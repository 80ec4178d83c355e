// Each check is one statement that must be true in every sandbox (invariants 1, 2 and 4).
#ifndef GLOVEBOX_SELFTEST_CHECKS_H
#define GLOVEBOX_SELFTEST_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

struct selftest_check {
  const char *name;
  // Says in `detail` what it found. What it can't find out has not passed.
  bool (*run)(char *detail, size_t size);
};

extern const struct selftest_check selftest_checks[];
extern const size_t selftest_checks_count;

// The checks of the network are in a file of their own.
bool check_only_loopback(char *detail, size_t size);
bool check_no_route(char *detail, size_t size);
bool check_no_connection(char *detail, size_t size);
bool check_no_resolver(char *detail, size_t size);

// Reads a small file as text; false when it can't be read or is larger than that.
bool read_small(const char *path, char *text, size_t size);

#endif
