// Many threads and processes that are born and gone at once, from several parents side by side.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define PARENTS 8
#define ROUNDS 150

static void *nothing(void *argument) { return argument; }

static void *bear(void *argument) {
  for (int i = 0; i < ROUNDS; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, nothing, NULL) == 0) pthread_join(thread, NULL);
    pid_t child = fork();
    if (child == 0) _exit(0);
    if (child > 0) waitpid(child, NULL, 0);
  }
  return argument;
}

int main(void) {
  pthread_t parents[PARENTS];
  for (int i = 0; i < PARENTS; i++) pthread_create(&parents[i], NULL, bear, NULL);
  for (int i = 0; i < PARENTS; i++) pthread_join(parents[i], NULL);
  return 0;
}
