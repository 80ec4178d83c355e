#include "tracer.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "process-facts.h"
#include "process-reports.h"

#define OPTIONS (PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)

bool tracer_attach(struct processes *all, pid_t pid) {
  if (ptrace(PTRACE_SEIZE, pid, NULL, OPTIONS) != 0) return false;
  pthread_mutex_lock(&all->lock);
  struct process *process = processes_add(all, pid, 1, NULL);
  process->cwd = read_cwd(pid);
  pthread_mutex_unlock(&all->lock);
  return true;
}

// As PID 1, -1 means every process of this pid namespace but the caller, in one go: nothing can be born meanwhile.
void kill_everything(void) { kill(-1, SIGKILL); }

static bool same_process(pid_t tgid, pid_t tid) { return tgkill(tgid, tid, 0) == 0; }

// The kernel's event names the new task before or after that task's own first stop; whichever comes first registers it.
// After it may be long after: the task can be dead and buried by then, and must not be registered again. A mark that
// stays because the parent was killed before its event costs nothing: who gets the number next registers at its stop.
static void on_birth(struct processes *all, struct thread *parent_thread, pid_t tid) {
  bool seen = processes_was_seen(all, tid);
  struct thread *known = processes_find(all, tid);
  if (parent_thread == NULL) return;
  struct process *parent = parent_thread->process;
  bool thread_of_parent = known != NULL ? known->process == parent : same_process(parent->tgid, tid);
  if (!thread_of_parent && parent->written.len > 0) parent->written.passed_on = true;
  if (seen || known != NULL) return;
  if (thread_of_parent) {
    processes_add_thread(all, parent, tid);
    return;
  }
  struct process *child = processes_add(all, tid, parent->tgid, parent->program);
  child->cwd = read_cwd(tid);
}

// A first stop whose birth was not told: the parent's event is still to come, or the parent was killed before it.
static void on_stranger(struct processes *all, pid_t tid) {
  pid_t parent_pid = 0;
  pid_t tgid = read_tgid(tid, &parent_pid);
  if (tgid == 0) return; // gone; its exit will be seen
  processes_seen_early(all, tid);
  struct thread *leader = processes_find(all, tgid);
  if (leader != NULL && tgid != tid) {
    processes_add_thread(all, leader->process, tid);
    return;
  }
  struct thread *parent = processes_find(all, parent_pid);
  struct process *child = processes_add(all, tgid, parent_pid, parent == NULL ? NULL : parent->process->program);
  child->cwd = read_cwd(tgid);
  if (tgid != tid) processes_add_thread(all, child, tid);
}

static void on_exec(struct processes *all, pid_t tgid) {
  // The thread that called exec has the leader's number by now, whichever it had, and the others are gone.
  struct thread *thread = processes_find(all, tgid);
  if (thread == NULL) {
    on_stranger(all, tgid);
    thread = processes_find(all, tgid);
  }
  if (thread == NULL) return;
  processes_await_unpinned(all, thread->process);
  processes_keep_leader(all, thread->process);
  report_exec(all, thread->process);
}

static void on_event(struct processes *all, pid_t tid, int event) {
  unsigned long message = 0;
  struct thread *thread = processes_find(all, tid);
  switch (event) {
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
      if (ptrace(PTRACE_GETEVENTMSG, tid, NULL, &message) == 0) on_birth(all, thread, (pid_t)message);
      break;
    case PTRACE_EVENT_EXEC: on_exec(all, tid); break;
    default: break;
  }
}

static bool stops_the_group(int number) {
  return number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

static void on_stop(struct processes *all, pid_t tid, int status) {
  int event = status >> 16;
  int number = WSTOPSIG(status);
  pthread_mutex_lock(&all->lock);
  if (processes_find(all, tid) == NULL && event != PTRACE_EVENT_EXEC) on_stranger(all, tid);
  if (event != 0 && event != PTRACE_EVENT_STOP) on_event(all, tid, event);
  pthread_mutex_unlock(&all->lock);
  if (event == PTRACE_EVENT_STOP && stops_the_group(number)) {
    // Stopped by job control until SIGCONT.
    ptrace(PTRACE_LISTEN, tid, NULL, NULL);
    return;
  }
  // Without an event it is a signal on its way to the process, which gets it.
  ptrace(PTRACE_CONT, tid, NULL, event == 0 ? (unsigned long)number : 0ul);
}

static void on_exit_of(struct processes *all, pid_t tid, int status, const struct rusage *usage) {
  pthread_mutex_lock(&all->lock);
  struct thread *thread = processes_find(all, tid);
  if (thread == NULL) processes_seen_early(all, tid);
  if (thread != NULL && thread->process->tgid == tid) {
    processes_await_unpinned(all, thread->process);
    report_exit(all, thread->process, status, usage);
    processes_remove(all, thread->process);
  } else {
    processes_remove_thread(all, tid);
  }
  pthread_mutex_unlock(&all->lock);
}

// Inspects a dead process before it is reaped, since its parent learns of its end only then. Returns the pid to wait for,
// or -1 for any.
static pid_t before_reaping(struct processes *all) {
  siginfo_t info;
  info.si_pid = 0;
  if (waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOWAIT | __WALL) != 0 || info.si_pid == 0) return -1;
  if (info.si_code != CLD_EXITED && info.si_code != CLD_KILLED && info.si_code != CLD_DUMPED) return info.si_pid;
  pthread_mutex_lock(&all->lock);
  struct thread *thread = processes_find(all, info.si_pid);
  if (thread != NULL && thread->process->tgid == info.si_pid) {
    processes_await_unpinned(all, thread->process);
    report_end(all, thread->process);
  }
  pthread_mutex_unlock(&all->lock);
  return info.si_pid;
}

struct main_exit tracer_run(struct processes *all, pid_t main, const atomic_bool *kill_asked) {
  struct main_exit result = {0, 0};
  bool ended = false;
  if (*kill_asked) kill_everything();
  for (;;) {
    int status;
    struct rusage usage;
    pid_t next = all != NULL ? before_reaping(all) : -1;
    pid_t tid = wait4(next, &status, __WALL, &usage);
    if (tid < 0 && errno == EINTR) continue;
    if (tid < 0 && errno == ECHILD) break;
    if (tid < 0) die_errno("wait4");
    bool gone = WIFEXITED(status) || WIFSIGNALED(status);
    if (gone && tid == main) {
      result = (struct main_exit){status, now_us()};
      ended = true;
      kill_everything();
    }
    if (all != NULL && gone) on_exit_of(all, tid, status, &usage);
    if (all != NULL && !gone) on_stop(all, tid, status);
    if (ended && !gone) kill_everything();
  }
  if (!ended) die("the step's main process is unaccounted for");
  return result;
}
