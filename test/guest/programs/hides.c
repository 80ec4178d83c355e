// Tries to keep the recorder from seeing which file it reads. argv[1] says how; the file is `secret` in the folder.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int read_it(int fd) {
  char text[64];
  ssize_t len = read(fd, text, sizeof text);
  if (len < 0) {
    perror("read");
    return 1;
  }
  return write(1, text, (size_t)len) == len ? 0 : 1;
}

static int by_undumpable(void) {
  prctl(PR_SET_DUMPABLE, 0);
  int folder = open(".", O_RDONLY | O_DIRECTORY);
  return read_it(openat(folder, "secret", O_RDONLY));
}

static int by_untraced_child(void) {
  long child = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0);
  if (child < 0) {
    perror("clone");
    return 2;
  }
  if (child == 0) _exit(read_it(open("secret", O_RDONLY)));
  int status;
  wait(&status);
  return WEXITSTATUS(status);
}

static int by_limits_of_the_guest(void) {
  struct rlimit none = {0, 0};
  for (int tid = 1; tid < 10; tid++) {
    if (prlimit(tid, RLIMIT_NOFILE, &none, NULL) == 0) printf("lowered %d\n", tid);
  }
  fflush(stdout);
  return read_it(open("secret", O_RDONLY));
}

static int by_secret_memory(void) {
  int fd = (int)syscall(447, 0);
  if (fd < 0) {
    perror("memfd_secret");
    return 2;
  }
  if (ftruncate(fd, 4096) != 0) return 3;
  char *name = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  strcpy(name, "secret");
  return read_it(open(name, O_RDONLY));
}

static int by_openat2(void) {
  struct open_how how = {.flags = O_RDONLY, .resolve = RESOLVE_BENEATH};
  int folder = open(".", O_RDONLY | O_DIRECTORY);
  return read_it((int)syscall(SYS_openat2, folder, "secret", &how, sizeof how));
}

static int by_page_border(void) {
  char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strcpy(pages + 4093, "secret");
  return read_it(open(pages + 4093, O_RDONLY));
}

static int by_page_end(void) {
  char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(pages + 4096, 4096);
  strcpy(pages + 4096 - sizeof "secret", "secret");
  return read_it(open(pages + 4096 - sizeof "secret", O_RDONLY));
}

static int by_own_descriptor_table(void) {
  int pid = (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) {
    unshare(CLONE_FILES | CLONE_FS);
    int folder = open(".", O_RDONLY | O_DIRECTORY);
    chdir("/");
    _exit(read_it(openat(folder, "secret", O_RDONLY)));
  }
  wait(NULL);
  return 0;
}

// Interrupts the guest as often as it can while it opens files: every one of them must be on the record.
static int by_interrupting(void) {
  pid_t child = fork();
  if (child == 0) {
    for (;;) {
      for (int number = 32; number <= 64; number++) kill(1, number);
    }
  }
  for (int i = 0; i < 3000; i++) {
    char name[32];
    snprintf(name, sizeof name, "many-%d", i);
    close(open(name, O_WRONLY | O_CREAT, 0600));
  }
  kill(child, SIGKILL);
  return 0;
}

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  if (strcmp(how, "undumpable") == 0) return by_undumpable();
  if (strcmp(how, "untraced") == 0) return by_untraced_child();
  if (strcmp(how, "limits") == 0) return by_limits_of_the_guest();
  if (strcmp(how, "secret-memory") == 0) return by_secret_memory();
  if (strcmp(how, "openat2") == 0) return by_openat2();
  if (strcmp(how, "page-border") == 0) return by_page_border();
  if (strcmp(how, "page-end") == 0) return by_page_end();
  if (strcmp(how, "own-table") == 0) return by_own_descriptor_table();
  if (strcmp(how, "interrupting") == 0) return by_interrupting();
  return 64;
}
