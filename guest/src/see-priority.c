// The guest has the user id of the steps, and where it holds no capability that they lack, the kernel lets them slow it
// down: the record would lag, and a limit that the guest enforces would come late.
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "see.h"

// `who` was a register and can't change any more, so that the call may go on once it was looked at.
void see_priority(int who, bool group, struct deed *deed) {
  bool ours = group ? who == getpgrp() : syscall(SYS_tgkill, getpid(), who, 0) == 0;
  if (ours) return deed_fail(deed, EPERM);
  // A number that nobody has may be that of the guest's next thread by the time that the kernel looks.
  if (!group && who > 0 && syscall(SYS_tkill, who, 0) != 0 && errno == ESRCH) deed_fail(deed, ESRCH);
}
