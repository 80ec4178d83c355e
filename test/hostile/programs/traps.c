// Fills the current folder with traps for programs of the host that read, measure or remove the workspace.
#include "hostile.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#define NONE int argc, char **argv
#define UNUSED (void)argc, (void)argv

static void put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) perror(path);
  close(fd);
}

static int descend(int levels, int make) {
  for (int i = 0; i < levels; i++) {
    if ((make && mkdir("deeper", 0777) != 0) || chdir("deeper") != 0) {
      perror("deep");
      return -1;
    }
  }
  return 0;
}

// argv: how deep. Deeper than PATH_MAX, which takes two halves: what is too deep to be named is not made.
static void deep(int argc, char **argv) {
  int levels = argc > 0 ? atoi(argv[0]) : 1000;
  int start = open(".", O_RDONLY | O_DIRECTORY);
  if (mkdir("aside", 0777) != 0 || chdir("aside") != 0 || descend(levels / 2 - 1, 1) != 0 || fchdir(start) != 0) return;
  if (descend(levels / 2, 1) != 0 || renameat(start, "aside", AT_FDCWD, "deeper") != 0 || descend(levels / 2, 0) != 0) return;
  int fd = open("bottom", O_WRONLY | O_CREAT, 0600);
  printf("%d levels, a file there: %s\n", levels, fd >= 0 ? "made" : strerror(errno));
}

static void names(NONE) {
  UNUSED;
  char name[256];
  memset(name, 'x', 255);
  name[255] = 0;
  put(name, "255");
  mkdir("-rf", 0777);
  put("-rf/--", "dashes");
  put("\xff\xfe not utf-8 \x80", "bytes");
  put("two\nlines\tand \x1b]0;owned\x07 \x1b[31m", "controls");
  put("\xe2\x80\xae" "gnp.exe", "bidi");
  put("zero\xe2\x80\x8bwidth", "invisible");
  put("trailing ", "blank");
  put("back\\slash", "slash");
  put("CON", "device");
  put("*", "star");
  put("$(touch owned)", "shell");
  put("`touch owned`;touch owned", "shell");
  printf("named\n");
}

static void unremovable(NONE) {
  UNUSED;
  mkdir("closed", 0777);
  put("closed/inside", "x");
  mkdir("closed/closed", 0777);
  chmod("closed/closed", 0);
  chmod("closed", 0);
  put("immutable", "x");
  int flags = FS_IMMUTABLE_FL, fd = open("immutable", O_RDONLY);
  tried("immutable", ioctl(fd, FS_IOC_SETFLAGS, &flags));
  flags = FS_APPEND_FL;
  tried("append only", ioctl(fd, FS_IOC_SETFLAGS, &flags));
  put("setuid", "#!/bin/sh\nid\n");
  chmod("setuid", 07777);
  mkfifo("fifo", 0666);
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
  bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address);
  symlink("loop", "loop");
  symlink("..", "up");
  symlink("/", "root");
  mkdir("sticky", 01777);
  for (int i = 0; i < 1000; i++) {
    char name[32];
    snprintf(name, sizeof name, "link-%d", i);
    link("setuid", name);
  }
}

// argv: a folder of the host. Swaps a folder for a symlink to it, again and again, while the workspace is counted.
static void swap(int argc, char **argv) {
  if (argc < 1) return;
  mkdir("folder", 0777);
  put("folder/secret", "mine");
  symlink(argv[0], "link");
  int disk = open("grows", O_WRONLY | O_CREAT, 0666);
  static char block[1 << 16];
  memset(block, 1, sizeof block);
  time_t end = time(NULL) + 2;
  long swaps = 0;
  for (; time(NULL) < end; swaps++) {
    if (swaps % 1000 == 0 && swaps < 600000) write(disk, block, sizeof block);
    syscall(SYS_renameat2, AT_FDCWD, "folder", AT_FDCWD, "link", 2u);
  }
  printf("swapped %d\n", swaps > 1000);
}

static void sparse(NONE) {
  UNUSED;
  int huge = open("huge", O_WRONLY | O_CREAT, 0666);
  signal(SIGXFSZ, SIG_IGN);
  tried("a terabyte", ftruncate(huge, 1l << 40));
  tried("a byte far out", pwrite(huge, "x", 1, 1l << 40));
  int made = 0;
  for (int i = 0; i < 200; i++) {
    char name[32];
    snprintf(name, sizeof name, "sparse-%d", i);
    int fd = open(name, O_WRONLY | O_CREAT, 0666);
    made += ftruncate(fd, 60l << 20) == 0;
    close(fd);
  }
  printf("%d sparse files\n", made);
}

int main(int argc, char **argv) {
  static const struct attempt attempts[] = {
      {"deep", deep}, {"names", names}, {"unremovable", unremovable}, {"swap", swap}, {"sparse", sparse}, {NULL, NULL},
  };
  return dispatch(attempts, argc, argv);
}
