#include "wake.h"

#include <pthread.h>
#include <string.h>

static void wake(int number) { (void)number; }

static void change_mask(int how) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, WAKE_SIGNAL);
  pthread_sigmask(how, &set, NULL);
}

void wake_prepare(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = wake;
  sigaction(WAKE_SIGNAL, &action, NULL);
  change_mask(SIG_BLOCK);
}

void be_wakeable(void) { change_mask(SIG_UNBLOCK); }
