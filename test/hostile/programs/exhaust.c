// Takes as much as it gets. Each program also has its own bound, so that a failing wall does not harm the machine.
#include "hostile.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define NONE int argc, char **argv
#define UNUSED (void)argc, (void)argv
#define MIB (1l << 20)

_Noreturn static void spin(void) {
  for (;;) __asm__ volatile("" ::: "memory");
}

static void fork_bomb(NONE) {
  UNUSED;
  int born = 0, refused = 0;
  // 2,000 at most, whoever asks.
  for (int i = 0; i < 2000; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      setsid();
      pause();
      _exit(0);
    }
    if (pid > 0) born++;
    else refused++;
  }
  printf("processes: %d born, %d refused\n", born, refused);
}

static void *wait_for_ever(void *argument) { return pause(), argument; }

static void threads(NONE) {
  UNUSED;
  int born = 0, refused = 0;
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 32 << 10);
  for (int i = 0; i < 2000; i++) {
    pthread_t thread;
    if (pthread_create(&thread, &small, wait_for_ever, NULL) == 0) born++;
    else refused++;
  }
  printf("threads: %d born, %d refused\n", born, refused);
  fflush(stdout);
  _exit(0);
}

// argv: how many MiB at most.
static void memory(int argc, char **argv) {
  long most = argc > 0 ? atol(argv[0]) : 1024;
  for (long i = 0; i < most; i++) {
    char *block = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) {
      printf("no more after %ld MiB\n", i);
      return;
    }
    memset(block, 1, MIB);
  }
  printf("GOT THROUGH: %ld MiB\n", most);
}

// Many small processes, so that the guest itself is the largest when the kernel looks for one to kill.
static void small_memory(NONE) {
  UNUSED;
  for (int i = 0; i < 80; i++) {
    if (fork() != 0) continue;
    for (int block = 0; block < 12; block++) {
      char *at = mmap(NULL, MIB / 2, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
      if (at != MAP_FAILED) memset(at, 1, MIB / 2);
    }
    pause();
  }
  for (int i = 0; i < 20; i++) usleep(100000);
  kill(-1, SIGKILL);
}

// argv: file, MiB at most.
static void fill(int argc, char **argv) {
  static char block[MIB];
  memset(block, 1, sizeof block);
  signal(SIGXFSZ, SIG_IGN);
  long most = argc > 1 ? atol(argv[1]) : 256, done = 0;
  int number = 0, fd = -1;
  for (; done < most; done++) {
    // A file for every 16 MiB: it is the sum that counts.
    if (done % 16 == 0) {
      char name[256];
      snprintf(name, sizeof name, "%s-%d", argv[0], number++);
      close(fd);
      fd = open(name, O_WRONLY | O_CREAT, 0666);
    }
    if (write(fd, block, sizeof block) != sizeof block) break;
  }
  if (done < most) printf("no more after %ld MiB (%s)\n", done, strerrorname_np(errno));
  else printf("GOT THROUGH: %ld MiB\n", most);
  fflush(stdout);
  for (int i = 0; i < 600; i++) usleep(100000); // what is counted a moment later is hit then
}

// Removed but open files still take their place.
static void hidden(NONE) {
  UNUSED;
  static char block[MIB];
  memset(block, 1, sizeof block);
  long done = 0;
  for (int file = 0; file < 32; file++) {
    int fd = open("hidden", O_RDWR | O_CREAT | O_EXCL, 0666);
    unlink("hidden");
    for (int i = 0; i < 8 && write(fd, block, sizeof block) == sizeof block; i++) done++;
  }
  printf("%ld MiB hidden\n", done);
  fflush(stdout);
  for (int i = 0; i < 600; i++) usleep(100000);
}

// argv: how many at most. In folders of a thousand.
static void files(int argc, char **argv) {
  long most = argc > 0 ? atol(argv[0]) : 100000, made = 0;
  int folder = -1;
  for (; made < most; made++) {
    char name[64];
    if (made % 1000 == 0) {
      snprintf(name, sizeof name, "folder-%ld", made / 1000);
      mkdir(name, 0777);
      close(folder);
      folder = open(name, O_RDONLY | O_DIRECTORY);
    }
    snprintf(name, sizeof name, "%ld", made);
    int fd = openat(folder, name, O_WRONLY | O_CREAT, 0666);
    if (fd < 0) break;
    close(fd);
  }
  printf("%ld files\n", made);
  fflush(stdout);
  for (int i = 0; i < 600; i++) usleep(100000);
}

static void busy(NONE) {
  UNUSED;
  // Each in a session of its own, so that the scheduler's groups do not help.
  for (int i = 0; i < 16; i++) {
    if (fork() == 0) {
      setsid();
      for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
      spin();
    }
  }
  spin();
}

static void one_line(NONE) {
  UNUSED;
  static char block[MIB];
  memset(block, 'x', sizeof block);
  for (int i = 0; i < 64; i++) {
    if (write(1, block, sizeof block) < 0 || write(2, block, sizeof block) < 0) break;
  }
}

// A daemon by the book, that ignores every signal there is.
static void daemonise(NONE) {
  UNUSED;
  int ready[2];
  pipe(ready);
  if (fork() == 0) {
    setsid();
    if (fork() != 0) _exit(0);
    prctl(PR_SET_NAME, ") Z 1 1\nUid:\t0\t0\t0\t0");
    for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
    chdir("/");
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++) dup2(null, fd);
    write(ready[1], "x", 1);
    for (;;) {
      pause();
    }
  }
  char byte;
  read(ready[0], &byte, 1);
  wait(NULL);
  printf("a daemon lives\n");
}

static void descriptors(NONE) {
  UNUSED;
  int opened = 0;
  while (opened < 200000 && dup(0) >= 0) opened++;
  for (int i = 0; i < 20; i++) {
    if (fork() == 0) {
      int more = 0;
      while (more < 200000 && open("/dev/null", O_RDONLY) >= 0) more++;
      pause();
    }
  }
  printf("%s\n", opened < 200000 ? "descriptors end" : "GOT THROUGH");
}

// Connections to the gateway: half without a word, half with an endless request; then the step goes on.
static void connections(NONE) {
  UNUSED;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  const char *proxy = getenv("http_proxy");
  const char *port = proxy == NULL ? NULL : strrchr(proxy, ':');
  address.sin_port = htons((unsigned short)(port == NULL ? 8080 : atoi(port + 1)));
  struct rlimit most = {4096, 4096};
  setrlimit(RLIMIT_NOFILE, &most);
  int dialled = 0;
  for (int i = 0; i < 400; i++) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0) break;
    connect(fd, (struct sockaddr *)&address, sizeof address);
    struct pollfd ready = {fd, POLLOUT, 0};
    if (poll(&ready, 1, 50) == 1 && (ready.revents & POLLOUT)) dialled++;
    if (i % 2 == 1) send(fd, "GET http://example.com/ HTTP/1.1\r\nX: ", 37, MSG_NOSIGNAL);
  }
  printf("dialled %d\n", dialled);
  // Whoever keeps them until the step ends takes nothing from the next.
}

static void arguments(NONE) {
  UNUSED;
  // The kernel takes 128 KiB in one argument and a quarter of the stack limit in all.
  static char one[128 << 10];
  memset(one, 'a', sizeof one - 1);
  static char *many[1024];
  many[0] = "/bin/true";
  many[1] = one;
  tried("128 KiB in one argument", fork() == 0 ? execv(many[0], many) : 0);
  for (int i = 2; i < 1000; i++) many[i] = one;
  if (fork() == 0) {
    execv(many[0], many);
    _exit(errno == E2BIG ? 7 : 1);
  }
  int status = 0, too_big = 0;
  while (wait(&status) > 0) too_big |= WIFEXITED(status) && WEXITSTATUS(status) == 7;
  printf("%s\n", too_big ? "125 MiB refused" : "GOT THROUGH");
}

static void syncs(NONE) {
  UNUSED;
  char block[4096] = {1};
  int fd = open("synced", O_RDWR | O_CREAT, 0666);
  int done = 0;
  for (time_t end = time(NULL) + 2; time(NULL) < end && done < 2000; done++) {
    pwrite(fd, block, sizeof block, (done % 256) * 4096);
    fsync(fd);
  }
  printf("synced %d\n", done > 0);
}

// Always somewhere else: each lives for a moment, and its child goes on.
static void comet(NONE) {
  UNUSED;
  if (fork() != 0) return;
  setsid();
  for (long i = 0; i < 2000000; i++) {
    if (fork() > 0) _exit(0);
  }
}

int main(int argc, char **argv) {
  static const struct attempt attempts[] = {
      {"fork-bomb", fork_bomb}, {"threads", threads},         {"memory", memory},           {"small-memory", small_memory},
      {"fill", fill},           {"hidden", hidden},           {"files", files},             {"busy", busy},
      {"one-line", one_line},   {"daemon", daemonise},        {"descriptors", descriptors}, {"connections", connections},
      {"arguments", arguments}, {"syncs", syncs},         {"comet", comet},             {NULL, NULL},
  };
  return dispatch(attempts, argc, argv);
}
