// Creates files from many threads at once, each file once, and reads one that they share: THREADS FILES.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static long files;

static void *work(void *argument) {
  for (long i = 0; i < files; i++) {
    char name[48];
    snprintf(name, sizeof name, "made-%ld-%ld", (long)argument, i);
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (fd < 0) exit(1);
    close(fd);
    close(open("shared", O_RDONLY));
  }
  return NULL;
}

int main(int argc, char **argv) {
  long threads = argc > 1 ? atol(argv[1]) : 1;
  files = argc > 2 ? atol(argv[2]) : 1;
  pthread_t started[256];
  if (threads > 256) return 1;
  for (long i = 0; i < threads; i++) pthread_create(&started[i], NULL, work, (void *)i);
  for (long i = 0; i < threads; i++) pthread_join(started[i], NULL);
  return 0;
}
