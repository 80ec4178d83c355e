// Lists of the system calls that the filter refuses, and of those that it passes to the guest.
#ifndef GLOVEBOX_FILTER_LISTS_H
#define GLOVEBOX_FILTER_LISTS_H

#include <stddef.h>
#include <stdint.h>

#define NEW_NAMESPACES \
  (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

extern const uint32_t refused_calls[];
extern const size_t refused_calls_count;
// Calls that the filter answers with ENOSYS, as if the kernel did not have them.
extern const uint32_t unknown_calls[];
extern const size_t unknown_calls_count;
// Protocols that an AF_INET or AF_INET6 socket may have.
extern const uint32_t plain_protocols[];
extern const size_t plain_protocols_count;
extern const uint32_t told_calls[];
extern const size_t told_calls_count;

#endif
