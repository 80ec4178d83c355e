// Every way to start a program in a child, with an attempt that fails in between.
#include <spawn.h>
#include <stdio.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void by_vfork(const char *file, const char *how) {
  pid_t child = vfork();
  if (child == 0) {
    execl(file, "echo", how, (char *)0);
    _exit(9);
  }
  waitpid(child, NULL, 0);
}

static int shares_memory(void *argument) {
  execl("/bin/echo", "echo", (char *)argument, (char *)0);
  return 9;
}

int main(void) {
  pid_t child;
  static char stack[65536];
  char *const spawned[] = {"echo", "by posix_spawn", NULL};
  char *const found[] = {"echo", "by posix_spawnp", NULL};
  char *const absent[] = {"absent", NULL};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "spawned-output", 01 | 0100, 0644);
  posix_spawn_file_actions_addchdir_np(&actions, "folder");
  if (posix_spawn(&child, "/bin/echo", &actions, NULL, spawned, environ) == 0) waitpid(child, NULL, 0);
  if (posix_spawnp(&child, "echo", NULL, NULL, found, environ) == 0) waitpid(child, NULL, 0);
  posix_spawn(&child, "/absent", NULL, NULL, absent, environ);
  by_vfork("/bin/echo", "by vfork");
  by_vfork("/absent", "never");
  child = clone(shares_memory, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, "by clone");
  waitpid(child, NULL, 0);
  child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (child == 0) {
    execlp("echo", "echo", "by plain clone", (char *)0);
    _exit(9);
  }
  waitpid(child, NULL, 0);
  child = fork();
  if (child == 0) {
    // A process becomes one program after the other.
    execl("/bin/sh", "sh", "-c", "exec /bin/sh -c 'exec /bin/echo by exec'", (char *)0);
    _exit(9);
  }
  waitpid(child, NULL, 0);
  char *const nothing[] = {NULL};
  child = fork();
  if (child == 0) {
    execve("/bin/true", nothing, environ); // the kernel puts an empty argv[0] there
    _exit(9);
  }
  waitpid(child, NULL, 0);
  return 0;
}
