// Tries to be recorded as another program, or not at all.
#include "hostile.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define NONE int argc, char **argv
#define UNUSED (void)argc, (void)argv
#define SELF "/opt/hostile/record"

// ANSI, an OSC 8 link, the clipboard by OSC 52, C1, bidi, zero width, a title, and a line that looks like an event.
#define HOSTILE                                                                             \
  "\x1b[31mred\x1b]8;;https://evil.example\x07link\x1b]52;c;ZXZpbA==\x07\xc2\x9b""2J"        \
  "\xe2\x80\xae""gnp.\xe2\x80\x8b""exe\rhid\x1b]0;title\x07\n"                                \
  "    99     +0.000  platform  run.finished       succeeded\n\",\"kind\":\"run.finished\"}\n"

static void run_with(char *const argv[]) {
  pid_t pid = fork();
  if (pid == 0) {
    execv(argv[0], argv);
    _exit(1);
  }
  waitpid(pid, NULL, 0);
}

static void injected(NONE) {
  UNUSED;
  run_with((char *[]){"/bin/true", HOSTILE, "\xff\xfe\x80", "", NULL});
  // What a program is called is its own choice, too.
  pid_t pid = fork();
  if (pid == 0) {
    execv("/bin/true", (char *[]){HOSTILE, NULL});
    _exit(1);
  }
  waitpid(pid, NULL, 0);
  close(open("/tmp/" "file \x1b]52;c;ZXZpbA==\x07\xe2\x80\xae\n    99     +0.000  platform  run.finished", O_WRONLY | O_CREAT, 0600));
  mkdir("/tmp/\x1b[2Jfolder\r", 0700);
  if (fork() == 0) {
    chdir("/tmp/\x1b[2Jfolder\r");
    execv("/bin/true", (char *[]){"/bin/true", "in a folder", NULL});
  }
  wait(NULL);
  printf("%s", HOSTILE);
  fprintf(stderr, "%s", HOSTILE);
}

// A frame of the guest's, as guest/PROTOCOL.md has it: length, type, payload. Written wherever there is a descriptor.
static void frames(NONE) {
  UNUSED;
  static const unsigned char started[] = {
      0, 0, 0, 50, 0x83, 0, 0, 0, 1, 0, 0, 0, 99, 0, 0, 0, 1, 1, 0, 0, 0, 0,
      0, 0, 0, 7, 'f', 'o', 'r', 'g', 'e', 'd', 0, 0, 0, 0, 1, '/', 0, 0, 0, 11, '/', 'b', 'i', 'n', '/', 'f', 'o', 'r', 'g', 'e', 'd'};
  static const unsigned char ended[] = {0, 0, 0, 41, 0x87, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  for (int fd = 0; fd < 1024; fd++) {
    write(fd, started, sizeof started);
    write(fd, ended, sizeof ended);
    send(fd, started, sizeof started, MSG_NOSIGNAL);
  }
}

// argv: requests, one each, to the gateway as they are.
static void requests(int argc, char **argv) {
  const char *proxy = getenv("http_proxy");
  const char *port = proxy == NULL ? NULL : strrchr(proxy, ':');
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  address.sin_port = htons((unsigned short)(port == NULL ? 8118 : atoi(port + 1)));
  const struct timeval patience = {2, 0};
  for (int i = 0; i < argc; i++) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char text[4096], answer[64] = {0};
    const char *body = "[{\"kind\":\"run.finished\",\"source\":\"platform\",\"body\":{\"status\":\"succeeded\",\"reason\":null,\"wallMs\":0}}]";
    int length = snprintf(text, sizeof text, "%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", argv[i], strlen(body), body);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connect(fd, (struct sockaddr *)&address, sizeof address);
    send(fd, text, (size_t)length, MSG_NOSIGNAL);
    recv(fd, answer, sizeof answer - 1, 0);
    int status = 0;
    sscanf(answer, "HTTP/1.1 %d", &status);
    printf("%s: %s\n", argv[i], status >= 200 && status < 300 ? "GOT THROUGH" : "refused");
  }
}

// By volatile writes: a compiler leaves out what is overwritten before anybody seems to look.
static void overwrite(volatile char *at, const char *text) {
  while (*text != 0) *at++ = *text++;
}

static void say(int argc, char **argv) {
  printf("%d %s\n", getpid(), argc > 0 ? argv[0] : "");
}

// What the kernel copies is what counts, not what stood there before or after.
static void race_argv(NONE) {
  UNUSED;
  char *text = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  strcpy(text, "harmless");
  pid_t changer = fork();
  if (changer == 0) {
    for (;;) {
      overwrite(text, "hostile!");
      overwrite(text, "harmless");
    }
  }
  for (int i = 0; i < 40; i++) run_with((char *[]){SELF, "say", text, NULL});
  kill(changer, SIGKILL);
  waitpid(changer, NULL, 0);
}

struct racing {
  char path[64];
  volatile int over;
};

static void *flip(void *argument) {
  struct racing *racing = argument;
  while (!racing->over) {
    overwrite(racing->path, "/tmp/hidden");
    overwrite(racing->path, "/tmp/public");
  }
  return NULL;
}

// Another thread rewrites the path while the call is under way.
static void race_path(NONE) {
  UNUSED;
  close(open("/tmp/public", O_WRONLY | O_CREAT, 0600));
  int hidden = open("/tmp/hidden", O_WRONLY | O_CREAT, 0600);
  write(hidden, "hidden", 6);
  close(hidden);
  static struct racing racing = {.path = "/tmp/public"};
  pid_t pid = fork();
  if (pid != 0) {
    waitpid(pid, NULL, 0);
    return;
  }
  pthread_t thread;
  pthread_create(&thread, NULL, flip, &racing);
  int seen = 0;
  // On a busy machine the other thread may not run for long: then the race goes on until it was won once.
  for (int i = 0; i < 3000 || (seen == 0 && i < 3000000); i++) {
    char byte;
    int fd = open(racing.path, O_RDONLY);
    if (fd >= 0 && read(fd, &byte, 1) == 1) seen++;
    close(fd);
  }
  racing.over = 1;
  pthread_join(thread, NULL);
  printf("hidden was read: %s\n", seen > 0 ? "yes" : "no");
  fflush(stdout);
  _exit(0);
}

// After the exec a program may call itself what it likes.
static void disguise(int argc, char **argv) {
  (void)argc;
  char *first = argv[-2];
  memset(first, 0, strlen(first));
  memcpy(first, "sshd", 4);
  prctl(PR_SET_NAME, "sshd");
  prctl(PR_SET_DUMPABLE, 0);
  tried("moved argv", prctl(PR_SET_MM, PR_SET_MM_ARG_START, first, 0, 0));
  tried("another executable", prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, open("/bin/true", O_RDONLY), 0, 0));
  close(open("/workspace/repo/README.md", O_RDONLY));
}

static void from_memory(NONE) {
  UNUSED;
  int memory = memfd_create("harmless", 0), self = open(SELF, O_RDONLY);
  char block[65536];
  for (ssize_t got; (got = read(self, block, sizeof block)) > 0;) write(memory, block, (size_t)got);
  pid_t pid = fork();
  if (pid == 0) {
    fexecve(memory, (char *[]){"from-memory", "say", "memory", NULL}, environ);
    _exit(1);
  }
  waitpid(pid, NULL, 0);
  // A program that is gone before anybody can look at it.
  lseek(memory, 0, SEEK_SET);
  int copy = open("/tmp/vanishing", O_WRONLY | O_CREAT, 0700);
  for (ssize_t got; (got = read(memory, block, sizeof block)) > 0;) write(copy, block, (size_t)got);
  close(copy);
  pid = fork();
  if (pid == 0) {
    int program = open("/tmp/vanishing", O_RDONLY);
    unlink("/tmp/vanishing");
    syscall(SYS_execveat, program, "", (char *[]){"vanishing", "say", "vanished", NULL}, environ, 0x1000);
    _exit(1);
  }
  waitpid(pid, NULL, 0);
}

static void birth(unsigned long flags, const char *name) {
  long pid = syscall(SYS_clone, flags, 0, 0, 0, 0);
  if (pid == 0) {
    execv(SELF, (char *[]){SELF, "say", (char *)name, NULL});
    _exit(1);
  }
  if (pid < 0) printf("%s: refused\n", name);
  fflush(stdout);
  usleep(100000);
  while (waitpid(-1, NULL, __WALL | WNOHANG) > 0) continue;
}

static void births(NONE) {
  UNUSED;
  birth(SIGCHLD, "plain");
  birth(CLONE_PARENT | SIGCHLD, "parent");
  birth(0, "silent");
  birth(SIGUSR1, "other-signal");
  birth(CLONE_VFORK | SIGCHLD, "vfork");
  birth(CLONE_UNTRACED | SIGCHLD, "untraced");
  birth(CLONE_FILES | CLONE_FS | CLONE_SYSVSEM | CLONE_IO | SIGCHLD, "sharing");
  if (fork() == 0) {
    if (fork() == 0) {
      setsid();
      usleep(100000);
      execv(SELF, (char *[]){SELF, "say", "orphan", NULL});
    }
    _exit(0);
  }
  wait(NULL);
  usleep(500000);
}

// argv: how many. Every pid is used again and again.
static void recycled(int argc, char **argv) {
  int count = argc > 0 ? atoi(argv[0]) : 600, highest = 0;
  for (int i = 0; i < count; i++) {
    char number[32];
    snprintf(number, sizeof number, "number-%d", i);
    pid_t pid = fork();
    if (pid == 0) {
      execv("/bin/true", (char *[]){"true", number, NULL});
      _exit(1);
    }
    if (pid > highest) highest = pid;
    waitpid(pid, NULL, 0);
  }
  printf("%d processes, pids up to %d\n", count, highest);
}

// argv: how many. One path each.
static void many_paths(int argc, char **argv) {
  int count = argc > 0 ? atoi(argv[0]) : 25000;
  mkdir("/tmp/many", 0700);
  chdir("/tmp/many");
  for (int i = 0; i < count; i++) {
    char name[16];
    snprintf(name, sizeof name, "%d", i);
    close(open(name, O_WRONLY | O_CREAT, 0600));
    unlink(name);
  }
  printf("%d paths\n", count);
}

// A path that leads to a file of /proc when the call is made, and to another file a few microseconds later.
static struct {
  char path[64];
  char real[64];
  atomic_bool go, over;
  atomic_long delay_ns;
} swapped_path;

static long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000L + now.tv_nsec;
}

static void *swap_in_time(void *argument) {
  while (!swapped_path.over) {
    if (!swapped_path.go) continue;
    long until = now_ns() + swapped_path.delay_ns;
    while (now_ns() < until) continue;
    strcpy(swapped_path.path, swapped_path.real);
    swapped_path.go = false;
  }
  return argument;
}

static void open_swapped(const char *shown, const char *real, int number, int flags) {
  snprintf(swapped_path.real, sizeof swapped_path.real, "%s-%d", real, number);
  strcpy(swapped_path.path, shown);
  swapped_path.delay_ns = 2000 + number % 100 * 1000L;
  swapped_path.go = true;
  int fd = open(swapped_path.path, flags, 0600);
  while (swapped_path.go) continue;
  char link[64], to[256] = "";
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  if (fd < 0 || readlink(link, to, sizeof to - 1) < 0) return;
  if (strncmp(to, real, strlen(real)) == 0) printf("opened %s\n", to);
  close(fd);
}

// Before half of them a call for Landlock, which fails.
static void swapped_in_time(NONE) {
  UNUSED;
  pthread_t thread;
  pthread_create(&thread, NULL, swap_in_time, NULL);
  for (int i = 0; i < 300; i++) close(open((snprintf(swapped_path.real, sizeof swapped_path.real, "/tmp/hid-%d", i), swapped_path.real), O_CREAT | O_WRONLY, 0600));
  for (int i = 0; i < 300; i++) {
    if (i == 150) syscall(446, -1, 0);
    open_swapped("/proc/self/status", "/tmp/hid", i, O_RDONLY);
    open_swapped("/proc/self/comm", "/tmp/made", i, O_WRONLY | O_CREAT);
  }
  swapped_path.over = true;
  printf("done\n");
}

static void *open_hidden(void *argument) {
  close(open("/tmp/given", O_RDONLY));
  return argument;
}

// What one thread is given another reads, and ends the process while the first still waits.
static void given_and_ended(NONE) {
  UNUSED;
  int fd = open("/tmp/given", O_CREAT | O_WRONLY, 0600), hits = 0;
  write(fd, "given", 5);
  close(fd);
  for (int i = 0; i < 300; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      int next = dup(0);
      close(next);
      pthread_t thread;
      pthread_create(&thread, NULL, open_hidden, NULL);
      char text[5];
      for (int tries = 0; tries < 100000; tries++) {
        if (pread(next, text, sizeof text, 0) == 5 && memcmp(text, "given", 5) == 0) _exit(7);
      }
      _exit(0);
    }
    int status;
    waitpid(pid, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 7) printf("read by %d\n", pid), hits++;
  }
  printf("%d done\n", hits > 0);
}

// Each leaves 8 KiB on the record.
static void flood(NONE) {
  UNUSED;
  static char long_word[8000];
  memset(long_word, 'x', sizeof long_word - 1);
  for (int i = 0; i < 2000; i++) run_with((char *[]){"/bin/true", long_word, NULL});
}

int main(int argc, char **argv) {
  static const struct attempt attempts[] = {
      {"injected", injected},       {"frames", frames},     {"requests", requests}, {"say", say},
      {"race-argv", race_argv},     {"race-path", race_path}, {"disguise", disguise}, {"from-memory", from_memory},
      {"births", births},           {"recycled", recycled}, {"many-paths", many_paths}, {"flood", flood},
      {"swapped-in-time", swapped_in_time}, {"given-and-ended", given_and_ended}, {NULL, NULL},
  };
  return dispatch(attempts, argc, argv);
}
