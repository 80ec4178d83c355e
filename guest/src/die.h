// Ends the guest after a fatal error. This fails closed: when PID 1 ends, the kernel kills every process in the sandbox.
#ifndef GLOVEBOX_DIE_H
#define GLOVEBOX_DIE_H

_Noreturn void die(const char *what);
// Like die, with the text of errno.
_Noreturn void die_errno(const char *what);
// Allocates or ends the guest: without memory it cannot record, and nothing may run unrecorded.
void *must_alloc(void *old, unsigned long size);

#endif
