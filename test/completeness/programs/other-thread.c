// A thread that is not the leader executes a program: the others end and it takes the leader's number.
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

static void *wait_forever(void *argument) {
  for (;;) pause();
  return argument;
}

static void *execute(void *argument) {
  close(open("by-the-thread", O_WRONLY | O_CREAT, 0644));
  execl("/absent", "absent", (char *)0);
  execl("/bin/sh", "sh", "-c", "cat input; exec /bin/echo from another thread", (char *)0);
  return argument;
}

int main(void) {
  pthread_t thread;
  close(open("by-the-leader", O_WRONLY | O_CREAT, 0644));
  for (int i = 0; i < 3; i++) pthread_create(&thread, NULL, wait_forever, NULL);
  pthread_create(&thread, NULL, execute, NULL);
  for (;;) pause();
}
