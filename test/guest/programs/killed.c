// Children that open files without pause, each killed in the middle of it.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 1500
#define AT_ONCE 4

static void open_for_ever(void) {
  for (;;) {
    int fd = open("/etc/passwd", O_RDONLY);
    if (fd >= 0) close(fd);
    fd = open("killed-file", O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd >= 0) close(fd);
  }
}

int main(void) {
  srand(1);
  for (int i = 0; i < CHILDREN; i += AT_ONCE) {
    pid_t children[AT_ONCE];
    for (int j = 0; j < AT_ONCE; j++) {
      children[j] = fork();
      if (children[j] == 0) open_for_ever();
    }
    usleep((useconds_t)(rand() % 2000));
    for (int j = 0; j < AT_ONCE; j++) kill(children[j], SIGKILL);
    for (int j = 0; j < AT_ONCE; j++) waitpid(children[j], NULL, 0);
  }
  puts("done");
  return 0;
}
