// Opens and removes files by a name in memory that another thread changes all the while, and prints what it really got.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROUNDS 400

static char name[16];
static atomic_bool over;

static char other = 'b';

// A rule set of Landlock's that is about sockets only: all else stays as it was.
static bool restrict_itself(void) {
  uint64_t handled = 1ull << 9; // LANDLOCK_ACCESS_FS_MAKE_SOCK
  long rules = syscall(444, &handled, sizeof handled, 0);
  return rules >= 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(446, (int)rules, 0) == 0;
}

static void *flip(void *argument) {
  volatile char *first = name; // each store is made, although nobody here reads it
  while (!over) {
    *first = 'a';
    for (volatile int i = 0; i < 300; i++) continue; // as long the one as the other
    *first = other;
    for (volatile int i = 0; i < 300; i++) continue;
  }
  return argument;
}

static void make(const char *file) {
  int fd = open(file, O_CREAT | O_WRONLY | O_TRUNC, 0600);
  if (fd < 0 || write(fd, file, strlen(file)) < 0) _exit(2);
  close(fd);
}

static void set_up(void) {
  for (int i = 0; i < ROUNDS; i++) {
    char file[16];
    snprintf(file, sizeof file, "a%d", i);
    make(file);
    file[0] = 'b';
    make(file);
  }
}

int main(int argc, char **argv) {
  if (argc < 2) {
    set_up();
    return 0;
  }
  bool removes = strcmp(argv[1], "remove") == 0;
  bool restricted = strcmp(argv[1], "restricted") == 0;
  if (restricted && !restrict_itself()) return 3;
  if (restricted) other = 'm'; // nothing is named so
  pthread_t thread;
  strcpy(name, "a");
  pthread_create(&thread, NULL, flip, NULL);
  for (int i = 0; i < ROUNDS; i++) {
    name[0] = i % 2 == 0 ? 'a' : other;
    snprintf(name + 1, sizeof name - 1, "%d", i);
    char got[16] = "";
    if (removes) {
      unlink(name);
      snprintf(got, sizeof got, "a%d", i);
      if (access(got, F_OK) == 0) got[0] = 'b';
    } else {
      int fd = open(name, O_RDONLY);
      if (fd < 0 && restricted) continue;
      if (fd < 0 || read(fd, got, sizeof got - 1) < 0) _exit(2);
      close(fd);
    }
    printf("%s\n", got);
  }
  over = true;
  pthread_join(thread, NULL);
  return 0;
}
