// flood files N: opens N files that are not there yet, and removes each.
// flood forks N: N children without a pause, as fast as the limit on processes lets it.
// flood endless: children without a pause until it is ended.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int files(long count) {
  for (long i = 0; i < count; i++) {
    char name[32];
    snprintf(name, sizeof name, "file-%ld", i);
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0) return 1;
    close(fd);
    if (unlink(name) != 0) return 1;
  }
  return 0;
}

// A negative count never ends.
static int forks(long count) {
  long running = 0;
  while (count != 0) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    if (child > 0) {
      running++;
      if (count > 0) count--;
    } else if (errno != EAGAIN) {
      return 1;
    } else if (running > 0 && wait(NULL) > 0) {
      running--;
    }
  }
  while (wait(NULL) > 0) {}
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 2) return 64;
  if (strcmp(argv[1], "endless") == 0) return forks(-1);
  if (argc < 3) return 64;
  return strcmp(argv[1], "files") == 0 ? files(atol(argv[2])) : forks(atol(argv[2]));
}
