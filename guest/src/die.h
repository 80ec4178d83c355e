// The guest's only way to give up. It fails closed: when PID 1 ends, the kernel ends everything in the sandbox.
#ifndef GLOVEBOX_DIE_H
#define GLOVEBOX_DIE_H

_Noreturn void die(const char *what);
// With the text of errno.
_Noreturn void die_errno(const char *what);
// Memory or nothing: without memory there is no record, and without a record there is no run.
void *must_alloc(void *old, unsigned long size);

#endif
