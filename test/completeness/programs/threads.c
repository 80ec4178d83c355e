// 64 threads at once, each with files of its own, a shared one, and a name relative to a descriptor.
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define THREADS 64
#define FILES 20

static int folder;

static void *work(void *argument) {
  long number = (long)argument;
  char name[64];
  snprintf(name, sizeof name, "thread-%ld", number);
  mkdirat(folder, name, 0755);
  for (int i = 0; i < FILES; i++) {
    snprintf(name, sizeof name, "thread-%ld/file-%d", number, i);
    close(openat(folder, name, O_WRONLY | O_CREAT, 0644));
    close(open("shared", O_RDONLY));
    if (i % 2 == 0) unlinkat(folder, name, 0);
    else close(open(name, O_RDONLY));
  }
  return NULL;
}

int main(void) {
  folder = open(".", O_RDONLY | O_DIRECTORY);
  pthread_t threads[THREADS];
  for (long i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, work, (void *)i);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  return 0;
}
