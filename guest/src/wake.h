// The signal that gets a thread of the guest out of a call in which it waits.
#ifndef GLOVEBOX_WAKE_H
#define GLOVEBOX_WAKE_H

#include <signal.h>

// A step can send it to the guest, too, and as often as it likes: whatever it interrupts is done again.
#define WAKE_SIGNAL (SIGRTMIN + 1)

// Once, before any thread: it is blocked in all.
void wake_prepare(void);
// From here on it gets the calling thread.
void be_wakeable(void);

#endif
