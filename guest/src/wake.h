// The signal that interrupts a waiting call of a guest thread.
#ifndef GLOVEBOX_WAKE_H
#define GLOVEBOX_WAKE_H

#include <signal.h>

// A step can also send this signal to the guest, any number of times, so every interrupted call is repeated.
#define WAKE_SIGNAL (SIGRTMIN + 1)

// Once, before any thread: it is blocked in all.
void wake_prepare(void);
// Unblocks the signal in the calling thread.
void be_wakeable(void);

#endif
