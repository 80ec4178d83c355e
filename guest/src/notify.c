#include "notify.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "answer-call.h"
#include "die.h"
#include "do-call.h"
#include "list-deed.h"
#include "wake.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

// What is known of the caller, and what its call changes in that. Called with the table locked. The process, which stays on the
// record until processes_unpin; NULL where nobody knows it.
static struct process *look_at_caller(struct processes *all, struct tracee *tracee, int call) {
  struct thread *thread = processes_find(all, tracee->tid);
  if (thread != NULL) processes_umask_settled(all, thread);
  if (call == __NR_umask) processes_umask_unsettled(all, thread);
  tracee->acts = all->coverage->acts;
  tracee->umask = thread == NULL ? NULL : processes_umask(all, thread->process);
  return thread == NULL ? NULL : processes_pin(thread->process);
}

// A call that names a file is left to the kernel only if coverage counts it.
static void settle(const struct seccomp_data *call, const struct tracee *tracee, struct deed *deed) {
  bool counted = tracee->unsure || deed->kinds & KIND(ACCESS_ATTEMPTED);
  if (deed->answer == ANSWER_CONTINUE && call_names_files(call) && !counted) deed_fail(deed, EINTR); // whoever asked is gone
}

// Returns false if the call is answered later.
static bool serve_call(struct notifiers *notifiers, struct tracee *tracee, const struct seccomp_data *call, struct deed *deed) {
  struct processes *all = notifiers->processes;
  bool changes = call_may_change(call);
  pthread_mutex_lock(&all->lock);
  struct process *process = look_at_caller(all, tracee, call->nr);
  if (!changes) pthread_mutex_unlock(&all->lock);
  do_call(tracee, call, deed);
  settle(call, tracee, deed);
  bool later = deed->answer == ANSWER_LATER && waiting_opens_add(&notifiers->waiting, tracee, deed);
  if (deed->answer == ANSWER_OPENED) hand_over(tracee, deed);
  if (!changes) pthread_mutex_lock(&all->lock);
  if (!later) list_deed(all, process, tracee, deed);
  if (process != NULL) processes_unpin(all, process);
  pthread_mutex_unlock(&all->lock);
  return !later;
}

// Blocks until the next call. Returns false if there will be no more calls.
static bool receive(struct notifiers *notifiers, struct seccomp_notif *call, size_t size) {
  for (;;) {
    memset(call, 0, size); // the kernel insists
    if (ioctl(notifiers->listener, SECCOMP_IOCTL_NOTIF_RECV, call) == 0) return true;
    if (notifiers->stopping) return false;
    if (errno == ENOENT) {
      // The caller died, or (Linux 6.11) no process is left that could make a call.
      struct pollfd poll_for = {notifiers->listener, POLLIN, 0};
      if (poll(&poll_for, 1, 0) > 0 && (poll_for.revents & POLLHUP)) return false;
    } else if (errno != EINTR) {
      die_errno("the seccomp listener broke");
    }
  }
}

static void *serve(void *argument) {
  struct notifiers *notifiers = argument;
  struct seccomp_notif_sizes sizes;
  if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) != 0) die_errno("seccomp sizes");
  size_t size = sizes.seccomp_notif > sizeof(struct seccomp_notif) ? sizes.seccomp_notif : sizeof(struct seccomp_notif);
  struct seccomp_notif *call = must_alloc(NULL, size);
  struct deed *deed = must_alloc(NULL, sizeof *deed);
  struct tracee_cache cache;
  tracee_cache_init(&cache);
  be_wakeable();
  while (receive(notifiers, call, size)) {
    struct tracee tracee = {.tid = (pid_t)call->pid, .listener = notifiers->listener, .call = call->id, .cache = &cache};
    bool served = serve_call(notifiers, &tracee, &call->data, deed);
    tracee_end_call(&tracee);
    if (served) answer_call(&tracee, deed);
  }
  tracee_cache_free(&cache);
  free(call);
  free(deed);
  notifiers->running--;
  return NULL;
}

static unsigned notifier_count(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  unsigned half = (unsigned)CPU_COUNT(&set) / 2;
  return half < 1 ? 1 : half > NOTIFIERS_MAX ? NOTIFIERS_MAX : half;
}

void notifiers_start(struct notifiers *notifiers, struct processes *processes, int listener) {
  notifiers->listener = listener;
  notifiers->processes = processes;
  waiting_opens_init(&notifiers->waiting, processes);
  notifiers->stopping = false;
  notifiers->count = notifier_count();
  notifiers->running = notifiers->count;
  // Halves the cost of a told call where the kernel has it (6.6): caller and guest take turns on one processor.
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
  for (unsigned i = 0; i < notifiers->count; i++) {
    if (pthread_create(&notifiers->threads[i], NULL, serve, notifiers) != 0) die("cannot start a thread");
  }
}

void notifiers_stop(struct notifiers *notifiers) {
  notifiers->stopping = true;
  while (notifiers->running > 0) {
    for (unsigned i = 0; i < notifiers->count; i++) pthread_kill(notifiers->threads[i], WAKE_SIGNAL);
    if (notifiers->running > 0) usleep(200);
  }
  for (unsigned i = 0; i < notifiers->count; i++) pthread_join(notifiers->threads[i], NULL);
  waiting_opens_stop(&notifiers->waiting);
  close(notifiers->listener);
}
