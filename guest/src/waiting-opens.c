#include "waiting-opens.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "answer-call.h"
#include "die.h"
#include "list-deed.h"
#include "opened-file.h"
#include "process-facts.h"
#include "wake.h"

#define LOOK_EVERY_NS 50000000 // at who waits
#define STACK_BYTES (256u << 10)
#define RESTART 512 // ERESTARTSYS: the kernel handles the signal, and makes the call again or says EINTR

struct waiting_open {
  struct waiting_opens *all;
  struct waiting_open *next;
  pthread_t thread;
  struct tracee tracee;
  struct tracee_cache cache;
  struct deed deed;
};

void waiting_opens_init(struct waiting_opens *waiting, struct processes *processes) {
  memset(waiting, 0, sizeof *waiting);
  pthread_mutex_init(&waiting->lock, NULL);
  waiting->processes = processes;
}

// Returns 0 where no timer could be had.
static bool start_timer(timer_t *timer) {
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = WAKE_SIGNAL;
  event._sigev_un._tid = gettid();
  const struct itimerspec every = {{0, LOOK_EVERY_NS}, {0, LOOK_EVERY_NS}};
  return timer_create(CLOCK_MONOTONIC, &event, timer) == 0 && timer_settime(*timer, 0, &every, NULL) == 0;
}

// Opens the pipe. Returns a descriptor, or -1 with the error that the call has; -1 and 0: who called is gone.
static int open_it(struct waiting_open *open, int *error) {
  timer_t timer;
  *error = EAGAIN;
  if (!start_timer(&timer)) return -1;
  int fd = -1;
  for (;;) {
    fd = reopen(open->deed.fd, open->deed.flags);
    *error = errno;
    if (fd >= 0 || *error != EINTR) break;
    *error = 0;
    if (open->all->stopping || !tracee_confirm(&open->tracee)) break;
    *error = RESTART;
    if (has_signal(open->tracee.tid)) break;
  }
  timer_delete(timer);
  return fd;
}

static void take_off(struct waiting_open *open) {
  struct waiting_opens *all = open->all;
  pthread_mutex_lock(&all->lock);
  struct waiting_open **at = &all->first;
  while (*at != open) at = &(*at)->next;
  *at = open->next;
  all->count--;
  pthread_mutex_unlock(&all->lock);
  free(open);
}

static void finish(struct waiting_open *open, int fd, int error) {
  struct processes *all = open->all->processes;
  struct tracee *tracee = &open->tracee;
  struct deed *deed = &open->deed;
  close(deed->fd);
  if (fd < 0) {
    deed_fail(deed, error);
  } else {
    take_opened(deed, fd, (unsigned)deed->flags);
    pthread_mutex_lock(&all->lock);
    struct thread *thread = processes_find(all, tracee->tid);
    hand_over(tracee, deed);
    if (tracee->confirmed) list_deed(all, thread == NULL ? NULL : thread->process, tracee, deed);
    pthread_mutex_unlock(&all->lock);
  }
  answer_call(tracee, deed);
}

static void *run(void *argument) {
  struct waiting_open *open = argument;
  pthread_detach(pthread_self());
  tracee_cache_init(&open->cache);
  open->tracee.cache = &open->cache;
  be_wakeable();
  int error;
  int fd = open_it(open, &error);
  finish(open, fd, error);
  take_off(open);
  return NULL;
}

bool waiting_opens_add(struct waiting_opens *waiting, const struct tracee *tracee, struct deed *deed) {
  struct waiting_open *open = must_alloc(NULL, sizeof *open);
  open->all = waiting;
  open->tracee = *tracee;
  open->tracee.bases_used = 0;
  open->tracee.confirmed = false;
  open->deed = *deed;
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, STACK_BYTES);
  pthread_mutex_lock(&waiting->lock);
  bool begun = waiting->count < WAITING_OPENS_MAX && pthread_create(&open->thread, &small, run, open) == 0;
  if (begun) {
    open->next = waiting->first;
    waiting->first = open;
    waiting->count++;
  }
  pthread_mutex_unlock(&waiting->lock);
  pthread_attr_destroy(&small);
  if (begun) return true;
  free(open);
  close(deed->fd);
  deed->kinds = 0;
  deed_fail(deed, ENFILE);
  return false;
}

void waiting_opens_stop(struct waiting_opens *waiting) {
  waiting->stopping = true;
  for (unsigned left = 1; left > 0;) {
    pthread_mutex_lock(&waiting->lock);
    left = waiting->count;
    for (struct waiting_open *open = waiting->first; open != NULL; open = open->next) pthread_kill(open->thread, WAKE_SIGNAL);
    pthread_mutex_unlock(&waiting->lock);
    if (left > 0) usleep(200);
  }
}
