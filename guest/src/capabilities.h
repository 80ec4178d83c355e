#ifndef GLOVEBOX_CAPABILITIES_H
#define GLOVEBOX_CAPABILITIES_H

#include <linux/capability.h>
#include <stdbool.h>

bool holds_ptrace_capability(void);
// For good.
bool drop_capabilities(void);

// Threads have capabilities of their own. While one wears none, the kernel allows it towards processes of the step what it
// allows each of them towards the others.
struct worn_capabilities {
  struct __user_cap_data_struct data[2];
};
bool wear_no_capabilities(struct worn_capabilities *own);
void wear_own_capabilities(const struct worn_capabilities *own);

#endif
