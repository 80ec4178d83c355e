// Answers a notified system call to the process that waits in it.
#ifndef GLOVEBOX_ANSWER_CALL_H
#define GLOVEBOX_ANSWER_CALL_H

#include "deed.h"

// The caller gets its own descriptor while it still waits, and the guest's is closed before the caller goes on: a lock, or
// a program that is open for writing, must not live on in the guest.
void hand_over(struct tracee *tracee, struct deed *deed);
// Resumes the caller; does nothing if the caller is gone.
void answer_call(const struct tracee *tracee, const struct deed *deed);

#endif
