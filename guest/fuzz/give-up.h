// How the guest gives up inside a fuzz target: PID 1 would exit, here the execution ends and the next one begins.
#ifndef GLOVEBOX_FUZZ_GIVE_UP_H
#define GLOVEBOX_FUZZ_GIVE_UP_H

#include <setjmp.h>

extern jmp_buf given_up;

// True at first, false once the guest gave up.
#define UNTIL_GIVEN_UP (setjmp(given_up) == 0)

// Ends the fuzzing with a report: the property does not hold.
#define MUST(holds)                                                       \
  do {                                                                    \
    if (!(holds)) broken(#holds, __FILE__, __LINE__);                     \
  } while (0)
_Noreturn void broken(const char *what, const char *file, int line);

#endif
