#include "capabilities.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "die.h"

static bool set_capabilities(const struct __user_cap_data_struct data[2]) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  return syscall(SYS_capset, &header, data) == 0;
}

static bool get_capabilities(struct __user_cap_data_struct data[2]) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  return syscall(SYS_capget, &header, data) == 0;
}

bool holds_ptrace_capability(void) {
  struct __user_cap_data_struct data[2] = {{0, 0, 0}, {0, 0, 0}};
  return get_capabilities(data) && ((data[0].effective >> CAP_SYS_PTRACE) & 1);
}

bool drop_capabilities(void) {
  // Dropping from the bounding set needs CAP_SETPCAP, which the guest lacks where it holds next to nothing anyway;
  // no_new_privs is what makes the bounding set irrelevant.
  for (int cap = 0; cap <= 63; cap++) prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return false;
  const struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
  return set_capabilities(none);
}

bool wear_no_capabilities(struct worn_capabilities *own) {
  if (!get_capabilities(own->data)) return false;
  struct worn_capabilities none = *own;
  none.data[0].effective = none.data[1].effective = 0;
  return set_capabilities(none.data);
}

void wear_own_capabilities(const struct worn_capabilities *own) {
  if (!set_capabilities(own->data)) die_errno("capset");
}
