// Opens files from four threads at once, by names relative to a descriptor.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int folder;

static void *work(void *argument) {
  char name[32];
  snprintf(name, sizeof name, "thread-%ld", (long)argument);
  for (int i = 0; i < 50; i++) close(openat(folder, name, O_WRONLY | O_CREAT, 0644));
  return NULL;
}

int main(void) {
  folder = open(".", O_RDONLY | O_DIRECTORY);
  pthread_t threads[4];
  for (long i = 0; i < 4; i++) pthread_create(&threads[i], NULL, work, (void *)i);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  return 0;
}
