#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "die.h"
#include "deed.h"
#include "process-reports.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

#define WAKE_SIGNAL (SIGRTMIN + 1)

static void wake(int number) { (void)number; }

static void set_wakeable(int how) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, WAKE_SIGNAL);
  pthread_sigmask(how, &set, NULL);
}

void notifiers_prepare(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = wake;
  sigaction(WAKE_SIGNAL, &action, NULL);
  set_wakeable(SIG_BLOCK);
}

// A step can send the signal too, and as often as it likes: whatever it interrupts is done again.
static int persistent_ioctl(int fd, unsigned long request, void *argument) {
  int result;
  do result = ioctl(fd, request, argument);
  while (result != 0 && errno == EINTR);
  return result;
}

static void add_connect(struct processes *all, struct process *process, const struct deed *seen) {
  for (uint32_t i = 0; i < process->connects_used; i++) {
    struct connect_seen *old = &process->connects[i];
    bool same = old->family == seen->family && old->port == seen->port && old->len == seen->address_len;
    if (same && memcmp(old->address, seen->address, old->len) == 0) {
      old->times++;
      return;
    }
  }
  if (process->connects_total >= CONNECTS_TOTAL_MAX) {
    all->coverage->capped_connects++;
    return;
  }
  if (process->connects == NULL) process->connects = must_alloc(NULL, CONNECTS_MAX * sizeof *process->connects);
  if (process->connects_used == CONNECTS_MAX) report_gathered(all, process);
  struct connect_seen *entry = &process->connects[process->connects_used++];
  process->connects_total++;
  *entry = (struct connect_seen){.family = seen->family, .port = seen->port, .len = seen->address_len, .times = 1};
  memcpy(entry->address, seen->address, seen->address_len);
}

static void add_files(struct processes *all, struct process *process, const struct deed *seen) {
  struct bytes path = {(const uint8_t *)seen->path, seen->path_len};
  struct bytes second = {(const uint8_t *)seen->second, seen->second_len};
  const struct bytes none = {NULL, 0};
  static const enum access_kind plain[] = {ACCESS_READ, ACCESS_WRITTEN, ACCESS_CREATED, ACCESS_REMOVED, ACCESS_ATTEMPTED};
  bool full = false;
  for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
    if (!(seen->kinds & KIND(plain[i]))) continue;
    enum access_added added = access_add(&process->files, &all->budget, plain[i], path, none);
    if (plain[i] == ACCESS_WRITTEN && added == ACCESS_OMITTED) process->written.omitted++;
    else if (plain[i] == ACCESS_WRITTEN && added != ACCESS_KNOWN) written_add(&process->written, path);
    full |= added == ACCESS_NEW_AND_FULL;
  }
  if (seen->kinds & KIND(ACCESS_RENAMED)) {
    full |= access_add(&process->files, &all->budget, ACCESS_RENAMED, path, second) == ACCESS_NEW_AND_FULL;
    written_add(&process->written, second);
    if (seen->exchanged) {
      full |= access_add(&process->files, &all->budget, ACCESS_RENAMED, second, path) == ACCESS_NEW_AND_FULL;
      written_add(&process->written, path);
    }
  }
  if (full) report_gathered(all, process);
}

static void add(struct processes *all, struct tracee *tracee, const struct deed *deed) {
  struct thread *thread = processes_find(all, tracee->tid);
  if (tracee->unsure || thread == NULL) all->coverage->unread_calls++;
  if (thread == NULL) return;
  if (deed->family != 0) add_connect(all, thread->process, deed);
  if (deed->kinds != 0) add_files(all, thread->process, deed);
}

// What is known of the caller, and what its call changes in that. Called with the table locked.
static void look_at_caller(struct processes *all, struct tracee *tracee, int call) {
  struct thread *thread = processes_find(all, tracee->tid);
  if (thread != NULL) processes_umask_settled(all, thread);
  if (call == __NR_umask) processes_umask_unsettled(all, thread);
  // What a process restricts itself by (Landlock) would not hold for the guest.
  tracee->acts = all->coverage->acts && thread != NULL && !thread->process->restricts_itself;
  tracee->umask = thread == NULL ? NULL : processes_umask(all, thread->process);
  if (thread != NULL && call == __NR_landlock_restrict_self) thread->process->restricts_itself = true;
}

static void take_away_again(const struct deed *deed) {
  struct stat made, named;
  bool same = fstat(deed->fd, &made) == 0 && fstatat(AT_FDCWD, deed->path, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
              made.st_dev == named.st_dev && made.st_ino == named.st_ino;
  if (same) unlink(deed->path);
}

// The caller gets its own descriptor while it still waits, and the guest's is closed before the caller goes on: a lock, or
// a program that is open for writing, must not live on in the guest.
static void hand_over(const struct tracee *tracee, struct deed *deed) {
  struct seccomp_notif_addfd add = {
      .id = tracee->call, .flags = 0, .srcfd = (unsigned)deed->fd, .newfd_flags = deed->cloexec ? (unsigned)O_CLOEXEC : 0u};
  int given;
  do given = ioctl(tracee->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
  while (given < 0 && errno == EINTR);
  int error = errno;
  if (given < 0) {
    if (deed->made) take_away_again(deed);
    deed->kinds = 0;
    deed_fail(deed, error);
  } else {
    if (deed->truncates && ftruncate(deed->fd, 0) != 0) deed->kinds = KIND(ACCESS_ATTEMPTED);
    deed->answer = ANSWER_GIVEN;
    deed->given = given;
  }
  close(deed->fd);
}

static void serve_call(struct processes *all, struct tracee *tracee, const struct seccomp_data *call, struct deed *deed) {
  bool changes = call_may_change(call);
  pthread_mutex_lock(&all->lock);
  look_at_caller(all, tracee, call->nr);
  if (!changes) pthread_mutex_unlock(&all->lock);
  do_call(tracee, call, deed);
  if (deed->answer == ANSWER_OPENED) hand_over(tracee, deed);
  if (!changes) pthread_mutex_lock(&all->lock);
  bool listed = deed->kinds != 0 || deed->family != 0 || tracee->unsure;
  // What was read of a thread that is gone may be another's: its number can be taken by now.
  if (listed && (tracee->confirmed || tracee_confirm(tracee))) add(all, tracee, deed);
  pthread_mutex_unlock(&all->lock);
}

static void give_answer(int listener, const struct deed *deed, struct seccomp_notif_resp *answer) {
  switch (deed->answer) {
    case ANSWER_CONTINUE: answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE; break;
    case ANSWER_FAIL: answer->error = -deed->error; break;
    case ANSWER_GIVEN: answer->val = deed->given; break;
    case ANSWER_DONE: break;
    case ANSWER_OPENED: die("an opened file was not handed over");
  }
  if (persistent_ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, answer) != 0 && errno != ENOENT) {
    die_errno("the seccomp listener does not take answers");
  }
}

// Blocks for the next call. false: there will be none.
static bool receive(struct notifiers *notifiers, struct seccomp_notif *call, size_t size) {
  for (;;) {
    memset(call, 0, size); // the kernel insists
    if (ioctl(notifiers->listener, SECCOMP_IOCTL_NOTIF_RECV, call) == 0) return true;
    if (notifiers->stopping) return false;
    if (errno == ENOENT) {
      // Either the caller died, or (Linux 6.11) nobody is left that could call.
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
  size_t answer_size = sizes.seccomp_notif_resp > sizeof(struct seccomp_notif_resp) ? sizes.seccomp_notif_resp : sizeof(struct seccomp_notif_resp);
  struct seccomp_notif *call = must_alloc(NULL, size);
  struct seccomp_notif_resp *answer = must_alloc(NULL, answer_size);
  struct deed *deed = must_alloc(NULL, sizeof *deed);
  struct tracee_cache cache;
  tracee_cache_init(&cache);
  set_wakeable(SIG_UNBLOCK);
  while (receive(notifiers, call, size)) {
    struct tracee tracee = {.tid = (pid_t)call->pid, .listener = notifiers->listener, .call = call->id, .cache = &cache};
    serve_call(notifiers->processes, &tracee, &call->data, deed);
    tracee_end_call(&tracee);
    memset(answer, 0, answer_size);
    answer->id = call->id;
    give_answer(notifiers->listener, deed, answer);
  }
  tracee_cache_free(&cache);
  free(call);
  free(answer);
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
  close(notifiers->listener);
}
