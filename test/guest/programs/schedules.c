// One program for each seed: processes and threads that open, change and name files by paths in shared memory which others
// swap meanwhile. Prints `read N` for each file secret-N whose content it came to see by whatever way, and `allowed WHAT` for
// what should be refused. Takes the seed and how many milliseconds it goes on.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SLOTS 4
#define FILES 8
#define KEPT 8

static struct shared {
  char any[SLOTS][256];     // leads to secrets, victims and what is no file
  char victims[SLOTS][256]; // leads to victims only: what names are made, changed and removed by
  atomic_bool seen[FILES];
  atomic_bool stop;
  pid_t first;
} *shared;

static char place[200];
static int folder;
static _Thread_local uint64_t state;

static unsigned any_of(unsigned count) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (unsigned)(state >> 33) % count;
}

static void pause_a_little(void) {
  for (volatile unsigned i = any_of(400); i > 0; i--) continue;
}

static void note(const char *text, size_t len) {
  const char *at = memmem(text, len, "canary-", 7);
  if (at != NULL && at + 8 <= text + len && at[7] >= '0' && at[7] < '0' + FILES) shared->seen[at[7] - '0'] = true;
}

static void look(int fd) {
  char text[96];
  ssize_t len = pread(fd, text, sizeof text, 0);
  if (len > 0) note(text, (size_t)len);
}

static void spell_file(char *to, const char *name, unsigned number) {
  static const char *const ways[] = {"", "./", "folder/../", "again/", "/proc/self/cwd/", "/proc/thread-self/cwd/", "/proc/self/task/../cwd/"};
  bool secret = name[0] == 's';
  switch (any_of(16)) {
    case 0: snprintf(to, 256, "/proc/%d/cwd/%s-%u", any_of(2) ? getpid() : shared->first, name, number); break;
    case 1: snprintf(to, 256, "/proc/self/fd/%d/%s-%u", folder, name, number); break;
    case 2: snprintf(to, 256, "/proc/self/root%s/%s-%u", place, name, number); break;
    case 3: snprintf(to, 256, "%s-%u", secret ? "link" : name, number); break;
    case 4: snprintf(to, 256, "%s-%u", secret ? "sly" : name, number); break;
    case 5:
    case 6: snprintf(to, 256, "%s/%s-%u", place, name, number); break;
    default: snprintf(to, 256, "%s%s-%u", ways[any_of(sizeof ways / sizeof ways[0])], name, number); break;
  }
}

static void spell(char *to) {
  static const char *const decoys[] = {
      "/proc/self/status", "/proc/self/comm", "/proc/self/maps", "/proc/1/environ", "/proc/1/status", "/proc/1/fd/3", "/proc/1/root/etc",
      "/dev/null", "/dev/tty", "/dev/ptmx", "/usr/bin/env", "missing", "folder", "pipe", "/dev/stdin", "", "/proc/self/mem", "/proc/meminfo",
  };
  unsigned what = any_of(10);
  if (what < 5) spell_file(to, "secret", any_of(FILES));
  else if (what < 7) spell_file(to, "victim", any_of(FILES));
  else if (what < 8) snprintf(to, 256, any_of(2) ? "/proc/self/fd/%u" : "/dev/fd/%u", any_of(40));
  else strcpy(to, decoys[any_of(sizeof decoys / sizeof decoys[0])]);
}

static const char *any(void) { return shared->any[any_of(SLOTS)]; }
static const char *victim(void) { return shared->victims[any_of(SLOTS)]; }

static void use(int fd) {
  if (fd < 0) return;
  look(fd);
  if (any_of(3) == 0) pwrite(fd, "mark", 4, 200 + (off_t)any_of(50));
  if (any_of(4) == 0) {
    char *memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    struct stat st;
    if (memory != MAP_FAILED && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= 64) note(memory, 64);
    if (memory != MAP_FAILED) munmap(memory, 4096);
  }
  if (any_of(4) == 0) {
    int copy = memfd_create("copy", 0);
    sendfile(copy, fd, &(off_t){0}, 96);
    look(copy);
    close(copy);
  }
  if (any_of(6) == 0) dup2(fd, 20 + (int)any_of(20));
  close(fd);
}

static const int FLAGS[] = {O_RDONLY, O_RDONLY | O_NONBLOCK, O_RDWR, O_WRONLY, O_RDWR | O_CREAT, O_WRONLY | O_CREAT | O_TRUNC, O_RDONLY | O_CREAT,
                            O_RDWR | O_CREAT | O_EXCL, O_WRONLY | O_APPEND, O_RDONLY | O_NOFOLLOW, O_RDONLY | O_DIRECTORY, O_RDONLY | O_TRUNC};

static int any_flags(void) { return FLAGS[any_of(sizeof FLAGS / sizeof FLAGS[0])] | (any_of(2) ? O_CLOEXEC : 0); }

static void by_open(void) { use(open(any(), any_flags() | O_NONBLOCK, 0644)); }
static void by_waiting_open(void) { use(open(any(), O_RDONLY)); }
static void by_openat(void) { use(openat(any_of(2) ? folder : 20 + (int)any_of(20), any(), any_flags() | O_NONBLOCK, 0644)); }
static void by_creat(void) { use(creat(any(), 0644)); }
static void by_truncate(void) { truncate(any(), 100 + any_of(100)); }
static void by_guess(void) { look(3 + (int)any_of(40)); }
static void by_closing(void) { close(20 + (int)any_of(20)); }

static void by_openat2(void) {
  static const uint64_t within[] = {0, RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_XDEV};
  int flags = any_flags() | O_NONBLOCK;
  struct open_how how = {.flags = (unsigned)flags, .mode = flags & O_CREAT ? 0644 : 0, .resolve = within[any_of(6)]};
  use((int)syscall(SYS_openat2, folder, any(), &how, sizeof how));
}

static void by_place(void) {
  int at = open(any(), O_PATH | (any_of(2) ? O_NOFOLLOW : 0));
  if (at < 0) return;
  char path[64];
  snprintf(path, sizeof path, any_of(2) ? "/proc/self/fd/%d" : "/proc/thread-self/fd/%d", at);
  use(open(path, (any_of(2) ? O_RDWR : O_RDONLY) | O_NONBLOCK));
  close(at);
}

static void by_names(void) {
  char to[256];
  snprintf(to, sizeof to, "%s/victim-%u", place, any_of(FILES));
  switch (any_of(9)) {
    case 0: unlink(victim()); break;
    case 1: rename(victim(), to); break;
    case 2: link(victim(), to); break;
    case 3: linkat(AT_FDCWD, victim(), folder, to, AT_SYMLINK_FOLLOW); break;
    case 4: symlink("victim-0", to); break;
    case 5: renameat2(folder, victim(), folder, victim(), RENAME_EXCHANGE); break;
    case 6: mknod(victim(), S_IFREG | 0644, 0); break;
    case 7: rename(victim(), victim()); break;
    default: link(victim(), victim()); break;
  }
}

static void by_unnamed(void) {
  int fd = open(place, O_TMPFILE | O_RDWR, 0644);
  if (fd < 0) return;
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  pwrite(fd, "unnamed", 7, 0);
  if (any_of(2)) linkat(fd, "", AT_FDCWD, victim(), AT_EMPTY_PATH);
  else linkat(AT_FDCWD, path, AT_FDCWD, victim(), AT_SYMLINK_FOLLOW);
  close(fd);
}

static void by_landlock(void) {
  uint64_t handled = any_of(2) ? 4 : 1ull << 9;
  int rules = any_of(2) ? -1 : (int)syscall(444, &handled, sizeof handled, 0);
  if (syscall(446, rules, 0) == 0) printf("allowed landlock\n");
  by_open();
}

static void *open_and_hold(void *argument) {
  use(open(any(), O_RDONLY | O_NONBLOCK));
  return argument;
}

static void *guess_and_end(void *argument) {
  for (int i = 0; i < 20000; i++) {
    char text[96];
    ssize_t len = pread(*(int *)argument, text, sizeof text, 0);
    if (len <= 0) continue;
    note(text, (size_t)len);
    if (any_of(2)) execl("/bin/true", "true", (char *)0);
    _exit(0);
  }
  return NULL;
}

// One thread opens, another uses what it got and ends the process before the first could go on.
static void by_ending(void) {
  pid_t child = fork();
  if (child == 0) {
    int next = dup(0);
    close(next);
    pthread_t threads[2];
    pthread_create(&threads[1], NULL, guess_and_end, &next);
    pthread_create(&threads[0], NULL, open_and_hold, NULL);
    pthread_join(threads[0], NULL);
    _exit(0);
  }
  if (child > 0) waitpid(child, NULL, 0);
}

// What a program reads that is executed by a swapped name: secrets 6 and 7 are scripts for cat.
static void by_executing(void) {
  int ends[2];
  if (pipe(ends) != 0) return;
  pid_t child = vfork();
  if (child == 0) {
    dup2(ends[1], 1);
    execl(shared->any[any_of(SLOTS)], "program", (char *)0);
    _exit(1);
  }
  close(ends[1]);
  char text[4096];
  ssize_t len;
  while ((len = read(ends[0], text, sizeof text)) > 0) note(text, (size_t)len);
  close(ends[0]);
  if (child > 0) waitpid(child, NULL, 0);
}

static void by_memory(void) {
  int fd = open("/proc/self/mem", O_RDWR);
  char path[256];
  spell(path);
  pwrite(fd, path, strlen(path) + 1, (off_t)(uintptr_t)shared->any[any_of(SLOTS)]);
  close(fd);
}

static void by_forbidden_ways(void) {
  char path[64], handle[64] = {8};
  struct iovec part = {path, 8};
  snprintf(path, sizeof path, "/proc/%d/mem", getpid() == shared->first ? 1 : shared->first);
  const struct { const char *what; long result; } tried[] = {
      {"io_uring", syscall(SYS_io_uring_setup, 4, (char[128]){0})},
      {"open_by_handle_at", syscall(SYS_open_by_handle_at, folder, handle, O_RDONLY)},
      {"process_vm_writev", syscall(SYS_process_vm_writev, shared->first, &part, 1, &part, 1, 0)},
      {"ptrace", ptrace(PTRACE_ATTACH, shared->first, NULL, NULL)},
      {"userfaultfd", syscall(SYS_userfaultfd, 1)},
      {"user namespaces", unshare(CLONE_NEWUSER)},
      {"mount namespaces", unshare(CLONE_NEWNS)},
      {"chroot", chroot(place)},
      {"memory of others", open(path, O_RDWR)},
      {"descriptors of the guest", open("/proc/1/fd/4", O_RDONLY)},
      {"the guest's mappings", open("/proc/1/maps", O_RDONLY)},
  };
  for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
    if (tried[i].result >= 0) printf("allowed %s\n", tried[i].what);
  }
}

static void swap(void) {
  char path[256];
  spell(path);
  memcpy(shared->any[any_of(SLOTS)], path, strlen(path) + 1);
  spell_file(path, "victim", any_of(FILES));
  memcpy(shared->victims[any_of(SLOTS)], path, strlen(path) + 1);
}

static void by_moving(void) {
  chdir("folder");
  fchdir(folder);
}

static void feed_the_pipe(void) { close(open("pipe", O_RDWR | O_NONBLOCK)); }

static void (*const OPENING[])(void) = {by_open, by_open, by_openat, by_openat2, by_openat2, by_creat, by_truncate, by_place, by_guess, by_guess,
                                        by_closing, by_names, by_names, by_unnamed, by_landlock, by_memory, by_moving, feed_the_pipe,
                                        by_waiting_open, by_ending, by_executing, by_forbidden_ways};
#define OPENING_COUNT (sizeof OPENING / sizeof OPENING[0])

static void begin(uint64_t seed) {
  state = seed * 0x9e3779b97f4a7c15ull + 1;
  for (int i = 0; i < 8; i++) any_of(1);
}

static void *open_away(void *seed) {
  begin((uint64_t)(uintptr_t)seed);
  // Few ways in each thread, so that they meet often.
  unsigned ways[4];
  for (int i = 0; i < 4; i++) ways[i] = any_of(OPENING_COUNT);
  if (any_of(3) == 0) unshare(any_of(2) ? CLONE_FS : CLONE_FILES);
  while (!shared->stop) {
    OPENING[ways[any_of(4)]]();
    if (any_of(4) == 0) feed_the_pipe();
  }
  return NULL;
}

static void *swap_away(void *seed) {
  begin((uint64_t)(uintptr_t)seed);
  while (!shared->stop) {
    swap();
    pause_a_little();
  }
  return NULL;
}

static void start(uint64_t seed) {
  begin(seed);
  pthread_t thread;
  unsigned threads = 2 + any_of(3);
  for (unsigned i = 0; i < threads; i++) pthread_create(&thread, NULL, i == 0 ? swap_away : open_away, (void *)(uintptr_t)(seed * 16 + i + 1));
}

int main(int argc, char **argv) {
  if (argc < 3 || getcwd(place, sizeof place) == NULL) return 2;
  uint64_t seed = strtoull(argv[1], NULL, 10) + 1;
  setvbuf(stdout, NULL, _IONBF, 0);
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  shared->first = getpid();
  folder = open(".", O_RDONLY | O_DIRECTORY);
  begin(seed);
  for (int i = 0; i < 32; i++) swap();
  unsigned children = any_of(3);
  for (unsigned i = 0; i < children; i++) {
    // With descriptors and working folder of its own, or those of the first.
    long child = syscall(SYS_clone, SIGCHLD | (any_of(2) ? CLONE_FILES | CLONE_FS : 0), 0, 0, 0, 0);
    if (child != 0) continue;
    start(seed * 8 + i + 1);
    for (;;) pause();
  }
  start(seed * 8);
  usleep((useconds_t)strtoul(argv[2], NULL, 10) * 1000);
  shared->stop = true;
  usleep(20000);
  for (int i = 0; i < FILES; i++) {
    if (shared->seen[i]) printf("read %d\n", i);
  }
  fflush(stdout);
  _exit(0);
}
