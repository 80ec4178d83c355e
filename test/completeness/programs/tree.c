// Ten levels of processes, each a program of its own that leaves a file.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int level = argc > 1 ? atoi(argv[1]) : 0;
  char name[32];
  snprintf(name, sizeof name, "level-%d", level);
  close(open(name, O_WRONLY | O_CREAT, 0644));
  if (level == 10) return 0;
  pid_t child = fork();
  if (child == 0) {
    snprintf(name, sizeof name, "%d", level + 1);
    execl(argv[0], argv[0], name, (char *)0);
    _exit(9);
  }
  int status;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}
