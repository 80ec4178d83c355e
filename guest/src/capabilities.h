#ifndef GLOVEBOX_CAPABILITIES_H
#define GLOVEBOX_CAPABILITIES_H

#include <linux/capability.h>
#include <stdbool.h>

bool holds_ptrace_capability(void);
// Drops all capabilities permanently.
bool drop_capabilities(void);

// Each thread has its own capabilities. A thread without any has the same rights over processes of the step as these
// processes have over each other.
struct worn_capabilities {
  struct __user_cap_data_struct data[2];
};
bool wear_no_capabilities(struct worn_capabilities *own);
void wear_own_capabilities(const struct worn_capabilities *own);

#endif
