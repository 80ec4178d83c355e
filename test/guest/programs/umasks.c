// Files that are made while somebody else sets the umask: by a thread, by a process that shares it, by a child that has
// a copy. Prints how many were made, and how many with another mode than the kernel gives.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 200

static int made, wrong;
static pthread_barrier_t *turn;

static mode_t mask_of(int round) { return (mode_t)(round * 37) & 0777; }

static void make(mode_t mask) {
  struct stat st = {.st_mode = 0};
  int fd = open("umask-file", O_CREAT | O_EXCL | O_WRONLY, 0666);
  if (fd < 0 || fstat(fd, &st) != 0) exit(2);
  made++;
  if ((st.st_mode & 0777) != (0666 & ~mask)) wrong++;
  close(fd);
  unlink("umask-file");
}

static int set_each_turn(void *unused) {
  (void)unused;
  for (int i = 0; i < ROUNDS; i++) {
    umask(mask_of(i));
    pthread_barrier_wait(turn);
    pthread_barrier_wait(turn);
  }
  return 0;
}

static void *set_in_thread(void *unused) {
  set_each_turn(unused);
  return NULL;
}

static void make_each_turn(void) {
  for (int i = 0; i < ROUNDS; i++) {
    pthread_barrier_wait(turn);
    make(mask_of(i));
    make(mask_of(i));
    pthread_barrier_wait(turn);
  }
}

int main(void) {
  turn = mmap(NULL, sizeof *turn, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_barrierattr_t shared;
  pthread_barrierattr_init(&shared);
  pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
  pthread_barrier_init(turn, &shared, 2);

  pthread_t thread;
  pthread_create(&thread, NULL, set_in_thread, NULL);
  make_each_turn();
  pthread_join(thread, NULL);

  char *stack = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (clone(set_each_turn, stack + (1 << 20), CLONE_FS | SIGCHLD, NULL) < 0) exit(3);
  make_each_turn();
  wait(NULL);

  umask(027);
  for (int i = 0; i < 20; i++) {
    pid_t child = fork();
    if (child == 0) {
      umask(mask_of(i));
      make(mask_of(i));
      _exit(wrong > 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    made++;
    if (status != 0) wrong++;
    make(027);
  }
  printf("%d made, %d wrong\n", made, wrong);
  return 0;
}
