// Uses parts of the kernel that have allowed sandbox escapes before.
#include "hostile.h"

#if defined(__x86_64__)
#include <asm/ldt.h>
#endif
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <linux/capability.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/wait.h>

#define NONE int argc, char **argv
#define UNUSED (void)argc, (void)argv

static void io_uring(NONE) {
  UNUSED;
  char parameters[512] = {0};
  tried("setup", syscall(SYS_io_uring_setup, 8, parameters));
  tried("enter", syscall(SYS_io_uring_enter, 0, 1, 0, 0, NULL, 0));
  tried("register", syscall(SYS_io_uring_register, 0, 0, NULL, 0));
}

static void bpf(NONE) {
  UNUSED;
  uint32_t map[32] = {2, 4, 4, 1};
  tried("map", syscall(SYS_bpf, 0, map, sizeof map));
  uint32_t program[32] = {1, 1};
  tried("program", syscall(SYS_bpf, 5, program, sizeof program));
  tried("object by path", syscall(SYS_bpf, 7, map, sizeof map));
}

static void perf(NONE) {
  UNUSED;
  uint32_t attributes[32] = {0, sizeof attributes};
  tried("of itself", syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0));
  tried("of a processor", syscall(SYS_perf_event_open, attributes, -1, 0, -1, 0));
  tried("of the guest", syscall(SYS_perf_event_open, attributes, 1, -1, -1, 0));
}

static void keys(NONE) {
  UNUSED;
  tried("session keyring", syscall(SYS_keyctl, 0, -3, 0));
  tried("user keyring", syscall(SYS_keyctl, 11, -4, NULL, 0));
  tried("add", syscall(SYS_add_key, "user", "glovebox", "x", 1, -4));
  tried("request", syscall(SYS_request_key, "user", "glovebox", NULL, -4));
}

static void memory(NONE) {
  UNUSED;
  tried("userfaultfd", syscall(SYS_userfaultfd, 0));
  tried("userfaultfd for user faults", syscall(SYS_userfaultfd, 1));
  tried("userfaultfd device", open("/dev/userfaultfd", O_RDWR));
  tried("memfd_secret", syscall(447, 0));
}

static void handles(NONE) {
  UNUSED;
  struct {
    struct file_handle handle;
    unsigned char bytes[128];
  } handle = {.handle.handle_bytes = 128};
  int mount_id;
  // Giving a handle is harmless, opening one would walk around every mount (shocker, 2014).
  name_to_handle_at(AT_FDCWD, "/workspace", &handle.handle, &mount_id, 0);
  tried("open by handle", open_by_handle_at(AT_FDCWD, &handle.handle, O_RDONLY));
  memset(handle.bytes, 0, sizeof handle.bytes);
  handle.handle.handle_bytes = 8;
  handle.handle.handle_type = 1;
  handle.bytes[0] = 2;
  tried("open inode 2", open_by_handle_at(open("/workspace", O_RDONLY), &handle.handle, O_RDONLY));
}

static void fanotify(NONE) {
  UNUSED;
  // Permission events could hold the guest's own opens for ever.
  tried("content events", syscall(SYS_fanotify_init, 0x04, O_RDWR));
  tried("early content events", syscall(SYS_fanotify_init, 0x08, O_RDWR));
  long plain = syscall(SYS_fanotify_init, 0x200, O_RDONLY);
  tried("whole mount", syscall(SYS_fanotify_mark, plain, 0x11, 0x20, AT_FDCWD, "/workspace"));
}

static void administration(NONE) {
  UNUSED;
  struct timeval now;
  gettimeofday(&now, NULL);
  now.tv_sec += 120; // enough to be noticed, little enough to do no harm
  struct timespec later = {now.tv_sec, 0};
  struct timex adjust = {.modes = ADJ_SETOFFSET, .time = now};
  tried("settimeofday", settimeofday(&now, NULL));
  tried("clock_settime", clock_settime(CLOCK_REALTIME, &later));
  tried("adjtimex", syscall(SYS_adjtimex, &adjust));
  tried("clock_adjtime", syscall(SYS_clock_adjtime, CLOCK_REALTIME, &adjust));
  tried("sethostname", sethostname("owned", 5));
  tried("setdomainname", setdomainname("owned", 5));
  tried("init_module", syscall(SYS_init_module, "", 0, ""));
  tried("finit_module", syscall(SYS_finit_module, open("/usr/bin/env", O_RDONLY), "", 0));
  tried("delete_module", syscall(SYS_delete_module, "overlay", O_NONBLOCK));
  tried("kexec_load", syscall(SYS_kexec_load, 0, 0, NULL, 0));
  tried("kexec_file_load", syscall(SYS_kexec_file_load, -1, -1, 0, NULL, 0));
  tried("swapon", syscall(SYS_swapon, "/workspace/x", 0));
  tried("acct", syscall(SYS_acct, "/workspace/x"));
  tried("quotactl", syscall(SYS_quotactl, 0, NULL, 0, NULL));
  tried("syslog", syscall(SYS_syslog, 3, NULL, 0));
  tried("vhangup", syscall(SYS_vhangup));
  tried("reboot", syscall(SYS_reboot, 0, 0, 0, NULL)); // without its magic numbers: it could not do harm
}

static void privilege(NONE) {
  UNUSED;
  tried("setuid", setuid(0));
  tried("setresuid", setresuid(0, 0, 0));
  tried("setgid", setgid(0));
  tried("setgroups", syscall(SYS_setgroups, 0, NULL));
  uint32_t header[2] = {0x20080522, 0}, data[6] = {~0u, ~0u, ~0u, ~0u, ~0u, ~0u};
  tried("capset", syscall(SYS_capset, header, data));
  tried("ambient", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0));
  tried("securebits", prctl(PR_SET_SECUREBITS, 0x2f));
  tried("keepcaps", prctl(PR_SET_KEEPCAPS, 1) == 0 ? setuid(0) : -1);
  prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
  found("privileges may be gained again", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1);
  found("unfiltered", prctl(PR_GET_SECCOMP) != 2);
}

static void scheduling(NONE) {
  UNUSED;
  struct sched_param first = {.sched_priority = 1};
  tried("fifo", sched_setscheduler(0, SCHED_FIFO, &first));
  tried("round robin", sched_setscheduler(0, SCHED_RR, &first));
  uint32_t deadline[12] = {48, 6, 0, 0, 0, 0, 10000000, 0, 30000000, 0, 30000000, 0};
  tried("deadline", syscall(SYS_sched_setattr, 0, deadline, 0));
  tried("nice", setpriority(PRIO_PROCESS, 0, -20));
  tried("i/o priority", syscall(SYS_ioprio_set, 1, 0, 1 << 13));
  tried("limit of rt priority", setrlimit(RLIMIT_RTPRIO, &(struct rlimit){99, 99}));
  tried("locked memory", setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}));
}

static long setaffinity(pid_t pid) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  return sched_setaffinity(pid, sizeof one, &one);
}

static long put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  return fd < 0 ? fd : write(fd, text, strlen(text));
}

// The guest has the same user id, and whoever is slowest to run loses: its kills, its answers, its reports.
static void starve(NONE) {
  UNUSED;
  const struct sched_param none = {0};
  uint32_t idle[12] = {48, SCHED_IDLE};
  tried("sched_setscheduler", sched_setscheduler(1, SCHED_IDLE, &none));
  tried("sched_setattr", syscall(SYS_sched_setattr, 1, idle, 0));
  tried("sched_setparam", sched_setparam(1, &none));
  tried("setpriority", setpriority(PRIO_PROCESS, 1, 19));
  tried("setpriority of its group", setpriority(PRIO_PGRP, 1, 19));
  tried("setpriority of its user", setpriority(PRIO_USER, getuid(), 19));
  tried("setpriority of the own user", setpriority(PRIO_USER, 0, 19));
  tried("sched_setaffinity", setaffinity(1));
  tried("ioprio_set", syscall(SYS_ioprio_set, 1, 1, 3 << 13));
  tried("ioprio_set of its group", syscall(SYS_ioprio_set, 2, 1, 3 << 13));
  tried("ioprio_set of its user", syscall(SYS_ioprio_set, 3, getuid(), 3 << 13));
  tried("ioprio_set of the own user", syscall(SYS_ioprio_set, 3, 0, 3 << 13));
  tried("prlimit", prlimit(1, RLIMIT_CPU, &(struct rlimit){1, 1}, NULL));
  tried("autogroup", put("/proc/1/autogroup", "19"));
  tried("timer slack", put("/proc/1/timerslack_ns", "1000000000"));
  tried("timer slack of a thread", put("/proc/2/timerslack_ns", "1000000000"));
  tried("core scheduling", prctl(PR_SCHED_CORE, 1 /* create */, 1, 1 /* thread group */, 0));
  tried("move_pages", syscall(SYS_move_pages, 1, 0, NULL, NULL, NULL, 0));
  tried("migrate_pages", syscall(SYS_migrate_pages, 1, 0, NULL, NULL));
  tried("process_madvise", syscall(SYS_process_madvise, syscall(SYS_pidfd_open, 1, 0), &(struct { void *base; size_t size; }){(void *)0x400000, 4096}, 1, 4, 0));
  tried("process_mrelease", syscall(SYS_process_mrelease, syscall(SYS_pidfd_open, 1, 0), 0));
  int threads = 0, slowed = 0;
  for (pid_t thread = 1; thread < 64; thread++) {
    char path[64];
    snprintf(path, sizeof path, "/proc/1/task/%d", thread);
    if (access(path, F_OK) != 0) continue;
    threads++;
    slowed += sched_setscheduler(thread, SCHED_IDLE, &none) == 0;
    slowed += syscall(SYS_sched_setscheduler, (long)thread | 1l << 32, SCHED_IDLE, &none) == 0;
    slowed += syscall(SYS_sched_setattr, thread, idle, 0) == 0;
    slowed += setpriority(PRIO_PROCESS, (id_t)thread, 19) == 0;
    slowed += setaffinity(thread) == 0;
    slowed += syscall(SYS_ioprio_set, 1, thread, 3 << 13) == 0;
  }
  printf("%d threads of the guest were tried\n", threads);
  found("threads of the guest", slowed > 0);
  // The number that the next process or thread gets, be it the guest's.
  pid_t last = fork();
  if (last == 0) _exit(0);
  waitpid(last, NULL, 0);
  tried("who comes next", sched_setscheduler(last + 1, SCHED_IDLE, &none));
  printf("the own thread: %s\n", setaffinity(gettid()) == 0 && setpriority(PRIO_PROCESS, (id_t)gettid(), 1) == 0 ? "can be set" : "can't be set");
}

static void listener(NONE) {
  UNUSED;
  struct {
    uint16_t length;
    void *filter;
  } allow = {1, (uint64_t[]){0x7fff000000000006ull}};
  tried("listener", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &allow));
  tried("listener with more flags", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &allow));
  // An own filter that allows everything does not undo ours: the strictest answer counts.
  syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &allow);
  tried("unshare below an own filter", unshare(CLONE_NEWUSER));
  // Descriptors that others left: the guest's listener must not be among them.
  long taken = -1;
  for (int fd = 3; fd < 1024; fd++) {
    char notification[128] = {0};
    if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, notification) == 0 || errno == ENOENT) taken = fd;
  }
  errno = EBADF;
  tried("the guest's listener", taken);
}

static void segments(NONE) {
  UNUSED;
#if defined(__x86_64__)
  // Harmless by itself; the 32-bit code that it allows meets the filter.
  struct user_desc code = {.entry_number = 1, .base_addr = 0, .limit = 0xfffff, .seg_32bit = 1, .contents = 2, .limit_in_pages = 1};
  syscall(SYS_modify_ldt, 1, &code, sizeof code);
  tried("iopl", syscall(SYS_iopl, 3));
  tried("ioperm", syscall(SYS_ioperm, 0x60, 1, 1));
#endif
  personality(PER_LINUX32 | ADDR_NO_RANDOMIZE | READ_IMPLIES_EXEC);
  tried("page 0", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
}

static void terminals(NONE) {
  UNUSED;
  tried("/dev/tty", open("/dev/tty", O_RDWR));
  tried("/dev/console", open("/dev/console", O_RDWR | O_NOCTTY));
  tried("/dev/tty0", open("/dev/tty0", O_RDWR | O_NOCTTY));
  int own = posix_openpt(O_RDWR | O_NOCTTY);
  tried("TIOCSTI", ioctl(own, TIOCSTI, "x"));
  tried("TIOCSTI with high bits", syscall(SYS_ioctl, own, 0xffffffff00000000ul | TIOCSTI, "x"));
  tried("TIOCLINUX", ioctl(own, 0x541c, "\3"));
  tried("TIOCSTI on its input", ioctl(0, TIOCSTI, "x"));
  tried("TIOCCONS", ioctl(own, TIOCCONS, 0));
}

// Told to be killed by the filter: what is left says so.
static void foreign(NONE) {
  UNUSED;
#if defined(__x86_64__)
  for (int abi = 0; abi < 3; abi++) {
    const char *names[] = {"int 0x80", "x32", "32-bit segment"};
    pid_t child = fork();
    if (child == 0) {
      long result = -1;
      if (abi == 0) __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
      if (abi == 1) result = syscall(0x40000000 | SYS_getpid);
      if (abi == 2) {
        unsigned char *low = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        memcpy(low, "\xb8\x01\x00\x00\x00\x31\xdb\xcd\x80", 9); // exit(0) of the 32-bit table
        struct {
          uint32_t offset;
          uint16_t segment;
        } __attribute__((packed)) far = {0x10000000, 0x23};
        __asm__ volatile("ljmp *%0" : : "m"(far));
      }
      _exit(result > 0 ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    found(names[abi], !WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS);
  }
#endif
}

int main(int argc, char **argv) {
  static const struct attempt attempts[] = {
      {"io-uring", io_uring},   {"bpf", bpf},         {"perf", perf},           {"keys", keys},
      {"memory", memory},       {"handles", handles}, {"fanotify", fanotify},   {"administration", administration},
      {"privilege", privilege}, {"listener", listener}, {"scheduling", scheduling}, {"segments", segments},
      {"starve", starve}, {"terminals", terminals}, {"foreign", foreign}, {NULL, NULL},
  };
  return dispatch(attempts, argc, argv);
}
