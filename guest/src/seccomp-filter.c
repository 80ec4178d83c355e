// Built instruction by instruction from tables. Numbers that are not listed are allowed without a comparison of
// arguments, which lets the kernel answer them from its per-number cache.
#include "seccomp-filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch.h"
#include "filter-limits.h"
#include "filter-lists.h"
#include "filter-program.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#ifndef TIOCLINUX
#define TIOCLINUX 0x541C
#endif

static void refuse_foreign_abi(struct program *to) {
  emit(to, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
  emit(to, BPF_JMP | BPF_JEQ | BPF_K, ARCH_AUDIT, 1, 0);
  answer(to, SECCOMP_RET_KILL_PROCESS);
  load_nr(to);
  // A tracer sets -1 to skip a call, and programs that probe the kernel use it. The kernel itself answers ENOSYS.
  answer_if_equal(to, 0xffffffffu, SECCOMP_RET_ALLOW);
  if (ARCH_FOREIGN_BIT != 0) answer_if_any_bit(to, ARCH_FOREIGN_BIT, SECCOMP_RET_KILL_PROCESS);
  emit(to, BPF_JMP | BPF_JGT | BPF_K, ARCH_LAST_KNOWN_CALL, 0, 1);
  answer(to, UNKNOWN);
}

static void check_clone(struct program *to) {
  // The flags of clone3 are in memory, which a filter can't read. If it answers ENOSYS, C libraries use clone.
  answer_if_equal(to, __NR_clone3, UNKNOWN);
  // CLONE_UNTRACED would hide the child from the tracer.
  unsigned short clone = begin_call(to, __NR_clone);
  load_arg(to, 0, false);
  answer_if_any_bit(to, NEW_NAMESPACES | CLONE_UNTRACED, REFUSE);
  end_call(to, clone);
  unsigned short unshare = begin_call(to, __NR_unshare);
  load_arg(to, 0, false);
  answer_if_any_bit(to, NEW_NAMESPACES | CLONE_NEWTIME, REFUSE);
  end_call(to, unshare);
}

static void check_ioctl(struct program *to) {
  unsigned short begin = begin_call(to, __NR_ioctl);
  load_arg(to, 1, false);
  answer_if_equal(to, TIOCSTI, REFUSE); // puts input into another process's terminal (CVE-2017-5226)
  answer_if_equal(to, TIOCLINUX, REFUSE);
  check_pools_of_ioctl(to);
  end_call(to, begin);
}

// Allows AF_UNIX, AF_INET and AF_INET6 without raw or packet sockets, and AF_NETLINK only for routes, which libc reads.
// Other protocols than TCP and UDP have separate memory limits, and opening a socket makes the kernel load their modules.
static void check_socket(struct program *to, uint32_t nr) {
  unsigned short begin = begin_call(to, nr);
  load_arg(to, 0, false);
  answer_if_equal(to, AF_UNIX, SECCOMP_RET_ALLOW);
  emit(to, BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 4);
  load_arg(to, 2, false);
  emit(to, BPF_JMP | BPF_JEQ | BPF_K, NETLINK_ROUTE, 0, 1);
  answer(to, SECCOMP_RET_ALLOW);
  answer(to, REFUSE);
  emit(to, BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0);
  emit(to, BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0);
  answer(to, REFUSE);
  load_arg(to, 1, false);
  emit(to, BPF_ALU | BPF_AND | BPF_K, 0xf, 0, 0); // without SOCK_NONBLOCK and SOCK_CLOEXEC
  emit(to, BPF_JMP | BPF_JEQ | BPF_K, SOCK_STREAM, 2, 0);
  emit(to, BPF_JMP | BPF_JEQ | BPF_K, SOCK_DGRAM, 1, 0);
  answer(to, REFUSE);
  load_arg(to, 2, false);
  for (size_t i = 0; i < plain_protocols_count; i++) answer_if_equal(to, plain_protocols[i], SECCOMP_RET_ALLOW);
  answer(to, FAIL_WITH(EPROTONOSUPPORT));
  end_call(to, begin);
}

// If core_pattern starts with `|`, the kernel pipes a core dump to a program that runs as root on the host. A limit of 0
// does not prevent that, but a limit of 1 does. The child has that limit, and the filter refuses to change it.
static void refuse_core_limit(struct program *to) {
  load_arg(to, 1, false);
  emit(to, BPF_JMP | BPF_JEQ | BPF_K, RLIMIT_CORE, 0, 6);
  for (int half = 0; half < 2; half++) {
    load_arg(to, 2, half == 1);
    emit(to, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    answer(to, REFUSE);
  }
}

// The guest has the same user id as the steps. A step could therefore lower the guest's limits (such as open files) and
// blind the recorder, so a process may read the limits of other processes, but not set them.
static void check_prlimit(struct program *to) {
#ifdef __NR_setrlimit
  unsigned short old = begin_call(to, __NR_setrlimit);
  load_arg(to, 0, false);
  answer_if_equal(to, RLIMIT_CORE, REFUSE);
  end_call(to, old);
#endif
  unsigned short begin = begin_call(to, __NR_prlimit64);
  refuse_core_limit(to);
  load_arg(to, 0, false);
  emit(to, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
  answer(to, SECCOMP_RET_ALLOW);
  for (int half = 0; half < 2; half++) {
    load_arg(to, 2, half == 1);
    emit(to, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    answer(to, REFUSE);
  }
  end_call(to, begin);
}

static void check_prctl(struct program *to, bool stay_dumpable) {
  unsigned short begin = begin_call(to, __NR_prctl);
  check_pools_of_prctl(to);
  load_arg(to, 0, false);
  if (stay_dumpable) answer_if_equal(to, PR_SET_DUMPABLE, REFUSE);
  end_call(to, begin);
}

// The guest's first threads have the lowest numbers of the namespace, and no other process gets these numbers.
static uint32_t last_guest_thread(void) {
  uint32_t last = 1;
  while (syscall(SYS_tgkill, 1, last + 1, 0) == 0) last++;
  return last;
}

// Answers a call by whom it is about, a 32-bit number, and 0 for the caller. See see-priority.c. `last_refused`: 0 where
// the guest is told and looks itself.
static void check_whom(struct program *to, int arg, uint32_t last_refused) {
  load_arg(to, arg, false);
  answer_if_equal(to, 0, SECCOMP_RET_ALLOW);
  if (last_refused == 0) return answer(to, SECCOMP_RET_USER_NOTIF);
  emit(to, BPF_JMP | BPF_JGT | BPF_K, last_refused, 1, 0);
  answer(to, REFUSE);
}

static void check_priorities(struct program *to, enum filter_mode mode) {
  uint32_t last_refused = mode == FILTER_RECORD ? 0 : last_guest_thread();
  static const uint32_t of_threads[] = {__NR_sched_setscheduler, __NR_sched_setparam, __NR_sched_setattr, __NR_sched_setaffinity};
  for (size_t i = 0; i < sizeof of_threads / sizeof of_threads[0]; i++) {
    unsigned short begin = begin_call(to, of_threads[i]);
    check_whom(to, 0, last_refused);
    end_call(to, begin);
  }
  // A sandbox has one user, and the guest is one of that user's processes.
  static const struct { uint32_t nr, user; } of_many[] = {{__NR_setpriority, PRIO_USER}, {__NR_ioprio_set, IOPRIO_OF_USER}};
  for (size_t i = 0; i < sizeof of_many / sizeof of_many[0]; i++) {
    unsigned short begin = begin_call(to, of_many[i].nr);
    load_arg(to, 0, false);
    answer_if_equal(to, of_many[i].user, REFUSE);
    check_whom(to, 1, last_refused);
    end_call(to, begin);
  }
}

// Opening a folder with O_DIRECTORY, or a file with O_PATH, is not listed as an access. The flags are in a register, so they
// can't change after the filter has read them. With O_CREAT older kernels make a file in spite of O_DIRECTORY.
static void tell_open(struct program *to, uint32_t nr, int flags) {
  unsigned short begin = begin_call(to, nr);
  load_arg(to, flags, false);
  answer_if_any_bit(to, O_PATH, SECCOMP_RET_ALLOW);
  emit(to, BPF_ALU | BPF_AND | BPF_K, O_DIRECTORY | O_CREAT, 0, 0);
  answer_if_equal(to, O_DIRECTORY, SECCOMP_RET_ALLOW);
  answer(to, SECCOMP_RET_USER_NOTIF);
  end_call(to, begin);
}

static void tell_addressed_sendto(struct program *to) {
  unsigned short begin = begin_call(to, __NR_sendto);
  for (int half = 0; half < 2; half++) {
    load_arg(to, 4, half == 1);
    emit(to, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    answer(to, SECCOMP_RET_USER_NOTIF);
  }
  end_call(to, begin);
}

static void tell_calls(struct program *to) {
  tell_open(to, __NR_openat, 2);
#if ARCH_HAS_LEGACY_CALLS
  tell_open(to, __NR_open, 1);
#endif
  for (size_t i = 0; i < told_calls_count; i++) answer_if_equal(to, told_calls[i], SECCOMP_RET_USER_NOTIF);
  tell_addressed_sendto(to);
}

static void build(struct program *to, enum filter_mode mode, bool stay_dumpable) {
  refuse_foreign_abi(to);
  load_nr(to);
  if (mode == FILTER_RECORD) tell_calls(to);
  for (size_t i = 0; i < refused_calls_count; i++) answer_if_equal(to, refused_calls[i], REFUSE);
  for (size_t i = 0; i < unknown_calls_count; i++) answer_if_equal(to, unknown_calls[i], UNKNOWN);
  check_clone(to);
  check_ioctl(to);
  check_socket(to, __NR_socket);
  check_socket(to, __NR_socketpair);
  check_prlimit(to);
  check_shared_pools(to, mode == FILTER_RECORD);
  check_prctl(to, stay_dumpable);
  check_priorities(to, mode);
  answer(to, SECCOMP_RET_ALLOW);
}

// Without a program the kernel checks the flags first, and refuses those that it does not know.
bool filter_waits_killably(void) {
  unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL) != 0 && errno == EFAULT;
}

int install_filter(enum filter_mode mode, bool stay_dumpable) {
  struct program program = {.len = 0};
  build(&program, mode, stay_dumpable);
  if (program.overflow) {
    errno = E2BIG;
    return -1;
  }
  struct sock_fprog filter = {program.len, program.code};
  if (mode == FILTER_REFUSE) return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
  // With killable waiting a signal (Go uses signals to preempt) does not restart a call that was already reported.
  unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  long listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
  if (listener < 0 && errno == EINVAL) {
    listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
  }
  return (int)listener;
}
