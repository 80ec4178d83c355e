// Starts programs in the three ways there are.
#define _GNU_SOURCE
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(void) {
  pid_t child;
  char *const spawned[] = {"echo", "by posix_spawn", NULL};
  posix_spawnp(&child, "echo", NULL, NULL, spawned, environ);
  waitpid(child, NULL, 0);
  child = vfork();
  if (child == 0) {
    execlp("echo", "echo", "by vfork", (char *)0);
    _exit(1);
  }
  waitpid(child, NULL, 0);
  child = fork();
  if (child == 0) {
    execlp("echo", "echo", "by fork", (char *)0);
    _exit(1);
  }
  waitpid(child, NULL, 0);
  return 0;
}
