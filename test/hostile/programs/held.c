// Keeps the space of removed files by references other than descriptors.
#include "hostile.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define NONE int argc, char **argv
#define UNUSED (void)argc, (void)argv
#define MIB (1l << 20)

static char block[MIB];

static int filled(const char *name, long mib) {
  memset(block, 1, sizeof block);
  int fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0700);
  for (long i = 0; i < mib && write(fd, block, sizeof block) == sizeof block; i++) continue;
  return fd;
}

static void be_counted(void) {
  fflush(stdout);
  for (int i = 0; i < 600; i++) usleep(100000);
}

static void mapped(NONE) {
  UNUSED;
  for (int file = 0; file < 4; file++) {
    int fd = filled("mapped", 16);
    // One page is enough to hold all of it.
    if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED) perror("mmap");
    unlink("mapped");
    close(fd);
  }
  printf("64 MiB mapped\n");
  be_counted();
}

#if defined(__x86_64__)
// Unmaps a list of places, one of which is the program itself, and sleeps. It runs from memory that no file is behind.
__asm__(".pushsection .text\nvanish_begin:\n"
        "1: mov (%r12), %rdi\n mov 8(%r12), %rsi\n test %rsi, %rsi\n je 2f\n mov $11, %eax\n syscall\n add $16, %r12\n jmp 1b\n"
        "2: mov $34, %eax\n syscall\n jmp 2b\n"
        "vanish_end:\n.popsection\n");
extern const char vanish_begin[], vanish_end[];

static void unmap_the_program(void) {
  char *page = mmap(NULL, 2 * MIB, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  uint64_t *place = (uint64_t *)(page + 4096);
  memcpy(page, vanish_begin, (size_t)(vanish_end - vanish_begin));
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[512];
  while (fgets(line, sizeof line, maps) != NULL) {
    unsigned long from, to, inode;
    if (sscanf(line, "%lx-%lx %*s %*s %*s %lu", &from, &to, &inode) != 3 || inode == 0) continue;
    *place++ = from;
    *place++ = to - from;
  }
  __asm__ volatile("mov %0, %%r12\n jmp *%1" ::"r"(page + 4096), "r"(page) : "r12", "memory");
}
#else
static void unmap_the_program(void) { pause(); }
#endif

// argv: the program's own name, which goes away.
static void as_executable(int argc, char **argv) {
  if (argc > 0) unlink(argv[0]);
  for (int fd = 0; fd < 3; fd++) close(fd);
  unmap_the_program();
}

static void executables(NONE) {
  UNUSED;
  static char program[4 * MIB];
  int self = open("/proc/self/exe", O_RDONLY);
  ssize_t len = read(self, program, sizeof program);
  for (int file = 0; file < 4; file++) {
    char name[32];
    snprintf(name, sizeof name, "./program-%d", file);
    int fd = open(name, O_WRONLY | O_CREAT, 0700);
    write(fd, program, (size_t)len);
    memset(block, 1, sizeof block);
    for (int i = 0; i < 16; i++) write(fd, block, sizeof block);
    close(fd);
    if (fork() == 0) {
      execl(name, name, "as-executable", name, NULL);
      perror("exec");
      _exit(1);
    }
    for (int i = 0; i < 500 && access(name, F_OK) == 0; i++) usleep(10000);
  }
  printf("64 MiB executed\n");
  be_counted();
}

// A folder that its owner may write to and not read.
static void closed_folder(NONE) {
  UNUSED;
  mkdir("closed", 0700);
  chdir("closed");
  chmod(".", 0300);
  for (int file = 0; file < 4; file++) {
    char name[32];
    snprintf(name, sizeof name, "closed-%d", file);
    close(filled(name, 16));
  }
  printf("64 MiB closed\n");
  be_counted();
}

static void send_away(int fd) {
  int ends[2];
  socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } attached;
  struct iovec part = {block, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &attached, .msg_controllen = sizeof attached};
  attached.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  memcpy(CMSG_DATA(&attached.header), &fd, sizeof fd);
  if (sendmsg(ends[0], &message, 0) < 0) perror("sendmsg");
}

static int full[2];

static void *copy_into_full_pipe(void *argument) {
  sendfile(full[1], *(int *)argument, &(off_t){0}, MIB);
  return NULL;
}

// The call has its own hold on the file: its descriptor may be closed under it.
static void keep_waiting(int fd) {
  static int waiting;
  static pthread_t thread;
  waiting = fd;
  pipe2(full, O_NONBLOCK);
  while (write(full[1], block, 4096) > 0) continue;
  fcntl(full[1], F_SETFL, 0);
  pthread_create(&thread, NULL, copy_into_full_pipe, &waiting);
  usleep(100000);
}

static void by_the_kernel(NONE) {
  UNUSED;
  static const struct { const char *name; void (*hold)(int fd); } ways[] = {
      {"sent", send_away}, {"waited-for", keep_waiting}};
  for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
    int fd = filled(ways[i].name, 24);
    ways[i].hold(fd);
    unlink(ways[i].name);
    close(fd);
  }
  usleep(1500000);
  printf("48 MiB out of sight\n");
  fflush(stdout);
  _exit(0);
}

int main(int argc, char **argv) {
  static const struct attempt attempts[] = {
      {"mapped", mapped}, {"executables", executables}, {"as-executable", as_executable},
      {"closed-folder", closed_folder}, {"by-the-kernel", by_the_kernel}, {NULL, NULL},
  };
  return dispatch(attempts, argc, argv);
}
