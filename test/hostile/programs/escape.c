// Tries to leave the box through system calls.
#include "hostile.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define NONE int argc, char **argv
#define UNUSED (void)argc, (void)argv

static long clone_flags(unsigned long flags) {
  long child = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  if (child > 0) waitpid((pid_t)child, NULL, __WALL);
  return child;
}

static long clone3_flags(unsigned long long flags) {
  struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
  long child = syscall(SYS_clone3, &args, sizeof args);
  if (child == 0) _exit(0);
  if (child > 0) waitpid((pid_t)child, NULL, __WALL);
  return child;
}

static void user_namespace(NONE) {
  UNUSED;
  tried("unshare", unshare(CLONE_NEWUSER));
  tried("unshare with mounts", unshare(CLONE_NEWUSER | CLONE_NEWNS));
  tried("clone", clone_flags(CLONE_NEWUSER));
  tried("clone with high bits", clone_flags(CLONE_NEWUSER | 0xffffffff00000000ul));
  tried("clone3", clone3_flags(CLONE_NEWUSER));
}

static void namespaces(NONE) {
  UNUSED;
  tried("mount", unshare(CLONE_NEWNS));
  tried("pid", unshare(CLONE_NEWPID));
  tried("network", unshare(CLONE_NEWNET));
  tried("host name", unshare(CLONE_NEWUTS));
  tried("ipc", unshare(CLONE_NEWIPC));
  tried("cgroup", unshare(CLONE_NEWCGROUP));
  tried("time", unshare(CLONE_NEWTIME));
  tried("all by clone", clone_flags(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP));
}

static void join_guest(NONE) {
  UNUSED;
  const char *names[] = {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup"};
  char path[64];
  for (size_t i = 0; i < 7; i++) {
    snprintf(path, sizeof path, "/proc/1/ns/%s", names[i]);
    tried(path, open(path, O_RDONLY));
  }
  tried("setns by pidfd", setns((int)syscall(SYS_pidfd_open, 1, 0), CLONE_NEWNS | CLONE_NEWUSER));
  tried("setns of its own", setns(open("/proc/self/ns/mnt", O_RDONLY), CLONE_NEWNS));
}

static void mounts(NONE) {
  UNUSED;
  tried("tmpfs", mount("none", "/tmp", "tmpfs", 0, NULL));
  tried("proc", mount("proc", "/proc", "proc", 0, NULL));
  tried("bind", mount("/", "/tmp", NULL, MS_BIND | MS_REC, NULL));
  tried("remount for writing", mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL));
  tried("remount /usr", mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL));
  tried("propagation", mount(NULL, "/", NULL, MS_SHARED | MS_REC, NULL));
  tried("cgroup", mount("cgroup", "/tmp", "cgroup", 0, "memory"));
  tried("overlay", mount("overlay", "/tmp", "overlay", 0, "lowerdir=/usr,upperdir=/workspace,workdir=/tmp"));
  tried("unmount", umount2("/run/glovebox", MNT_DETACH));
  tried("unmount of the mask", umount2("/proc/cmdline", MNT_DETACH));
  tried("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
  tried("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/", 1));
  tried("move_mount", syscall(SYS_move_mount, AT_FDCWD, "/tmp", AT_FDCWD, "/usr", 0));
  unsigned long long attributes[4] = {0, 1, 0, 0};
  tried("mount_setattr", syscall(SYS_mount_setattr, AT_FDCWD, "/", 0x8000, attributes, sizeof attributes));
  tried("fspick", syscall(SYS_fspick, AT_FDCWD, "/", 0));
}

static void roots(NONE) {
  UNUSED;
  tried("chroot", chroot("/workspace"));
  tried("pivot_root", syscall(SYS_pivot_root, ".", "."));
  // The classic way out of a chroot: a working folder above the root.
  int fd = open("/", O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < 64; i++) fchdir(fd), chdir("..");
  tried("above the root", open("home/../../../../../../root/.bashrc", O_RDONLY));
}

static void trace_guest(NONE) {
  UNUSED;
  char byte = 0;
  struct iovec part = {&byte, 1};
  tried("attach", ptrace(PTRACE_ATTACH, 1, 0, 0));
  tried("seize", ptrace(PTRACE_SEIZE, 1, 0, 0));
  tried("process_vm_readv", process_vm_readv(1, &part, 1, &part, 1, 0));
  tried("process_vm_writev", process_vm_writev(1, &part, 1, &part, 1, 0));
  tried("pidfd_getfd", syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, 1, 0), 3, 0));
  tried("kcmp", syscall(SYS_kcmp, 1, getpid(), 0, 0, 0));
}

static void trace_sibling(NONE) {
  UNUSED;
  pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  char byte = 0;
  struct iovec part = {&byte, 1};
  tried("attach", ptrace(PTRACE_ATTACH, child, 0, 0));
  tried("seize", ptrace(PTRACE_SEIZE, child, 0, 0));
  tried("process_vm_readv", process_vm_readv(child, &part, 1, &part, 1, 0));
  tried("process_vm_writev", process_vm_writev(child, &part, 1, &part, 1, 0));
  tried("pidfd_getfd", syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, child, 0), 0, 0));
  tried("traceme", ptrace(PTRACE_TRACEME, 0, 0, 0));
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

static void signal_guest(NONE) {
  UNUSED;
  for (int number = 1; number < 65; number++) {
    kill(1, number);
    syscall(SYS_tgkill, 1, 1, number);
  }
  // SI_USER from pid 0 is what a sender outside of the namespace looks like.
  siginfo_t forged = {.si_signo = SIGTERM, .si_code = SI_USER};
  tried("forged sender", syscall(SYS_rt_sigqueueinfo, 1, SIGTERM, &forged));
  tried("forged sender to a thread", syscall(SYS_rt_tgsigqueueinfo, 1, 1, SIGTERM, &forged));
  tried("forged sender by pidfd", syscall(SYS_pidfd_send_signal, syscall(SYS_pidfd_open, 1, 0), SIGTERM, &forged, 0));
  forged.si_code = SI_QUEUE;
  syscall(SYS_rt_sigqueueinfo, 1, SIGTERM, &forged);
  // Every other thread of the guest, by number.
  for (pid_t thread = 2; thread < 400; thread++) {
    for (int number = 1; thread != getpid() && number < 65; number++) syscall(SYS_tgkill, 1, thread, number);
  }
  kill(1, SIGKILL);
  printf("still here\n");
}

int main(int argc, char **argv) {
  static const struct attempt attempts[] = {
      {"user-namespace", user_namespace}, {"namespaces", namespaces},   {"join-guest", join_guest},
      {"mounts", mounts},                 {"roots", roots},             {"trace-guest", trace_guest},
      {"trace-sibling", trace_sibling},   {"signal-guest", signal_guest}, {NULL, NULL},
  };
  return dispatch(attempts, argc, argv);
}
