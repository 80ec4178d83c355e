// Tries what the sandbox must refuse and prints one line each: name, space, 0 or the name of errno.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/falloc.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static void say(const char *name, long result) {
  printf("%s %s\n", name, result >= 0 ? "0" : strerrorname_np(errno));
  fflush(stdout);
}

static long clone_with(unsigned long flags) {
  long child = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  return child;
}

static long dial(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strcpy(address.sun_path, path);
  return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address);
}

static void on_the_guest(void) {
  char byte;
  struct iovec part = {&byte, 1};
  struct rlimit none = {0, 0};
  say("ptrace-guest", ptrace(PTRACE_ATTACH, 1, 0, 0));
  say("ptrace-seize", ptrace(PTRACE_SEIZE, 1, 0, 0));
  say("ptrace-me", ptrace(PTRACE_TRACEME, 0, 0, 0));
  say("read-guest-memory", process_vm_readv(1, &part, 1, &part, 1, 0));
  say("open-guest-memory", open("/proc/1/mem", O_RDWR));
  say("open-guest-environment", open("/proc/1/environ", O_RDONLY));
  say("open-guest-descriptor", open("/proc/1/fd/3", O_RDWR));
  say("list-guest-descriptors", open("/proc/1/fd", O_RDONLY | O_DIRECTORY));
  say("write-guest-oom", open("/proc/1/oom_score_adj", O_WRONLY));
  say("copy-guest-descriptor", syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, 1, 0), 3, 0));
  say("limit-guest", prlimit(1, RLIMIT_NOFILE, &none, NULL));
  say("core-limit", prlimit(0, RLIMIT_CORE, &none, NULL));
  say("dial-link", dial("/run/glovebox/sockets/link.sock"));
  for (int number = 1; number < 65; number++) kill(1, number);
}

static void slow_down(const char *name, pid_t whom) {
  const struct sched_param none = {0};
  uint32_t idle[12] = {48, SCHED_IDLE};
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  char text[64];
#define SAY(what, result) (snprintf(text, sizeof text, what "-%s", name), say(text, result))
  SAY("scheduler", sched_setscheduler(whom, SCHED_IDLE, &none));
  SAY("scheduler-high-bits", syscall(SYS_sched_setscheduler, 1l << 32 | whom, SCHED_IDLE, &none));
  SAY("parameters", sched_setparam(whom, &none));
  SAY("attributes", syscall(SYS_sched_setattr, whom, idle, 0));
  SAY("affinity", sched_setaffinity(whom, sizeof one, &one));
  SAY("priority", setpriority(PRIO_PROCESS, (id_t)whom, 19));
  SAY("io-priority", syscall(SYS_ioprio_set, 1, whom, 3 << 13));
#undef SAY
}

static void on_the_pace_of_the_guest(void) {
  slow_down("of-guest", 1);
  // The threads that the guest has from its start.
  slow_down("of-second-thread", 2);
  slow_down("of-fourth-thread", 4);
  say("priority-of-user", setpriority(PRIO_USER, getuid(), 19));
  say("priority-of-own-user", setpriority(PRIO_USER, 0, 19));
  say("io-priority-of-user", syscall(SYS_ioprio_set, 3, getuid(), 3 << 13));
  say("io-priority-of-own-user", syscall(SYS_ioprio_set, 3, 0, 3 << 13));
}

// Programs set their own threads, by number, too.
static void on_its_own_pace(void) {
  cpu_set_t all;
  sched_getaffinity(0, sizeof all, &all);
  say("own-affinity", sched_setaffinity(0, sizeof all, &all));
  say("own-affinity-by-number", sched_setaffinity(gettid(), sizeof all, &all));
  say("own-priority", setpriority(PRIO_PROCESS, 0, 19));
  say("own-priority-by-number", setpriority(PRIO_PROCESS, (id_t)gettid(), 19));
  say("own-group", setpriority(PRIO_PGRP, (id_t)getpgrp(), 19));
  say("own-io-priority", syscall(SYS_ioprio_set, 1, gettid(), 3 << 13));
}

static void on_the_kernel(void) {
  say("new-user-namespace", unshare(CLONE_NEWUSER));
  say("clone-new-user", clone_with(CLONE_NEWUSER));
  say("clone-new-pid", clone_with(CLONE_NEWPID));
  say("clone-untraced", clone_with(CLONE_UNTRACED));
  say("clone3", syscall(SYS_clone3, NULL, 0));
  say("setns", setns(open("/proc/self/ns/net", O_RDONLY), 0));
  say("mount", mount("none", "/tmp", "tmpfs", 0, NULL));
  say("umount", umount2("/tmp", MNT_DETACH));
  say("chroot", chroot("/tmp"));
  say("pivot-root", syscall(SYS_pivot_root, ".", "."));
  say("open-tree", syscall(SYS_open_tree, AT_FDCWD, "/", 1));
  say("io-uring", syscall(SYS_io_uring_setup, 1, NULL));
  say("bpf", syscall(SYS_bpf, 0, NULL, 0));
  say("perf", syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
  say("keyctl", syscall(SYS_keyctl, 0, 0));
  say("userfaultfd", syscall(SYS_userfaultfd, 0));
  say("memfd-secret", syscall(447, 0));
  say("open-by-handle", syscall(SYS_open_by_handle_at, AT_FDCWD, NULL, 0));
  say("listener", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, NULL));
  say("module", syscall(SYS_finit_module, -1, "", 0));
  say("kexec", syscall(SYS_kexec_load, 0, 0, NULL, 0));
  say("reboot", syscall(SYS_reboot, 0, 0, 0, NULL));
  say("set-time", syscall(SYS_clock_settime, 0, NULL));
  say("tiocsti", ioctl(0, TIOCSTI, "x"));
  say("tiocsti-high-bits", syscall(SYS_ioctl, 0, 0x100000000ul | TIOCSTI, "x"));
  say("unknown-call", syscall(480));
  say("minus-one", syscall(-1));
}

static void on_the_network(void) {
  say("socket-packet", socket(AF_PACKET, SOCK_DGRAM, 0));
  say("socket-raw", socket(AF_INET, SOCK_RAW, 1));
  say("socket-raw-flagged", socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, 58));
  say("socket-old-packet", socket(AF_INET, SOCK_PACKET, 3));
  say("socket-vsock", socket(AF_VSOCK, SOCK_STREAM, 0));
  say("socket-alg", socket(AF_ALG, SOCK_SEQPACKET, 0));
  say("netlink-audit", socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT));
  say("netlink-route", socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  say("socket-inet", socket(AF_INET, SOCK_STREAM, 0));
  say("socket-unix", socket(AF_UNIX, SOCK_STREAM, 0));
}

// Pools that the whole machine shares and that no cgroup counts.
static void on_shared_pools(void) {
  struct sock_filter all[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  struct sock_fprog filter = {1, all};
  int udp = socket(AF_INET, SOCK_DGRAM, 0);
  say("socket-filter", setsockopt(udp, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter));
  say("socket-filter-high-bits", syscall(SYS_setsockopt, udp, 1l << 32 | SOL_SOCKET, 1l << 32 | SO_ATTACH_FILTER, &filter, sizeof filter));
  say("socket-filter-on-netlink", setsockopt(socket(AF_NETLINK, SOCK_RAW, 0), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter));
  say("socket-bpf", setsockopt(udp, SOL_SOCKET, SO_ATTACH_BPF, &udp, sizeof udp));
  say("reuseport-filter", setsockopt(udp, SOL_SOCKET, 51, &filter, sizeof filter));
  say("reuseport-bpf", setsockopt(udp, SOL_SOCKET, 52, &udp, sizeof udp));
  say("flow-label", setsockopt(socket(AF_INET6, SOCK_DGRAM, 0), IPPROTO_IPV6, 32, all, sizeof all));
  say("own-filter", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter));
  say("own-filter-by-prctl", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
  unsigned long context = 0;
  say("aio", syscall(SYS_io_setup, 1, &context));
  int file = open("/workspace/reserved", O_CREAT | O_RDWR, 0600);
  say("reserve", fallocate(file, 0, 0, 4096));
  say("reserve-past-the-end", fallocate(file, FALLOC_FL_KEEP_SIZE, 0, 4096));
  say("reserve-zeros", fallocate(file, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 0, 4096));
  say("reserve-unshared", fallocate(file, 0x41, 0, 4096));
  struct { int16_t type, whence; int64_t start, len; int32_t rest[6]; } space = {0, 0, 0, 4096, {0}};
  say("reserve-by-ioctl", ioctl(file, _IOW('X', 42, space), &space));
  say("reserve-by-old-ioctl", ioctl(file, _IOW('X', 40, space), &space));
  say("zeros-by-ioctl", ioctl(file, _IOW('X', 57, space), &space));
  say("subvolume", ioctl(open("/workspace", O_RDONLY), BTRFS_IOC_SUBVOL_CREATE, all));
  say("huge-pages", (long)mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0) == -1 ? -1 : 0);
  say("huge-memory-file", memfd_create("huge", 4));
  say("huge-shared-memory", shmget(IPC_PRIVATE, 2 << 20, SHM_HUGETLB | IPC_CREAT | 0600));
  say("lease", fcntl(open("/workspace/reserved", O_RDONLY), F_SETLEASE, F_RDLCK));
  say("write-lease", fcntl(file, F_SETLEASE, F_WRLCK));
  say("delegation", fcntl(file, F_SETLEASE + 16, all));
  say("sctp", socket(AF_INET, SOCK_STREAM, 132));
  say("sctp-datagrams", socket(AF_INET6, SOCK_SEQPACKET, 132));
  say("l2tp", socket(AF_INET, SOCK_DGRAM, 115));
}

// What looks like it and takes from nobody else.
static void on_what_is_its_own(void) {
  int file = open("/workspace/punched", O_CREAT | O_RDWR, 0600);
  say("write", write(file, "x", 1));
  say("punch-hole", fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
  // Where there is nobody to tell, this is refused as well.
  int memory = memfd_create("reserved", 0);
  say("reserve-memory", fallocate(memory, 0, 0, 8192));
  say("reserve-memory-past-the-end", fallocate(memory, FALLOC_FL_KEEP_SIZE, 8192, 8192));
  say("no-lease", fcntl(file, F_SETLEASE, F_UNLCK) == 0 || errno == EAGAIN ? 0 : -1);
  say("fcntl", fcntl(file, F_SETFD, FD_CLOEXEC));
  int yes = 1;
  say("socket-option", setsockopt(socket(AF_INET, SOCK_STREAM, 0), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes));
  say("socket-option-of-ipv6", setsockopt(socket(AF_INET6, SOCK_STREAM, 0), IPPROTO_IPV6, 26, &yes, sizeof yes)); // IPV6_V6ONLY
  say("socket-tcp", socket(AF_INET, SOCK_STREAM, 6));
  say("socket-udp", socket(AF_INET6, SOCK_DGRAM, 17));
  say("socket-pair", socketpair(AF_UNIX, SOCK_SEQPACKET, 0, (int[2]){0}));
  say("memory", mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
  say("memory-file", memfd_create("own", 0));
  say("shared-memory", shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600));
  say("filter-mode", prctl(PR_GET_SECCOMP) == 2 ? 0 : -1);
  say("strict-mode-is-there", syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &(uint32_t){SECCOMP_RET_ERRNO}));
}

int main(int argc, char **argv) {
#if defined(__x86_64__)
  if (argc > 1 && strcmp(argv[1], "x32") == 0) return (int)syscall(0x40000000 | SYS_getpid);
  if (argc > 1 && strcmp(argv[1], "i386") == 0) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
    return (int)result;
  }
#endif
  (void)argc;
  (void)argv;
  on_the_guest();
  on_the_pace_of_the_guest();
  on_its_own_pace();
  on_the_kernel();
  on_the_network();
  on_shared_pools();
  on_what_is_its_own();
  return 0;
}
