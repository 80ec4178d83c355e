#include "restrict.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "seccomp-filter.h"

static bool set_capabilities(const struct __user_cap_data_struct data[2]) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  return syscall(SYS_capset, &header, data) == 0;
}

bool holds_ptrace_capability(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct data[2] = {{0, 0, 0}, {0, 0, 0}};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  return (data[0].effective >> CAP_SYS_PTRACE) & 1;
}

bool drop_capabilities(void) {
  // Dropping from the bounding set needs CAP_SETPCAP, which the guest lacks where it holds next to nothing anyway;
  // no_new_privs is what makes the bounding set irrelevant.
  for (int cap = 0; cap <= 63; cap++) prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return false;
  const struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
  return set_capabilities(none);
}

bool reset_signals(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < _NSIG; number++) {
    if (number == SIGKILL || number == SIGSTOP) continue;
    sigaction(number, &action, NULL);
  }
  sigset_t none;
  sigemptyset(&none);
  return sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

bool close_from(int first) { return syscall(SYS_close_range, (unsigned)first, ~0u, 0u) == 0; }

bool restrict_helper(int keep_first) {
  if (!close_from(keep_first) || !reset_signals() || !drop_capabilities()) return false;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  return install_filter(FILTER_REFUSE, false) >= 0;
}
