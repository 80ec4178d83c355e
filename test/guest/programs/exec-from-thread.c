// A thread that is not the leader executes a program while others run.
#define _GNU_SOURCE
#include <pthread.h>
#include <unistd.h>

static void *wait_forever(void *argument) {
  for (;;) pause();
  return argument;
}

static void *execute(void *argument) {
  execl("/usr/bin/cat", "cat", "from-thread", (char *)0);
  return argument;
}

int main(void) {
  pthread_t thread;
  for (int i = 0; i < 3; i++) pthread_create(&thread, NULL, wait_forever, NULL);
  pthread_create(&thread, NULL, execute, NULL);
  for (;;) pause();
}
