// An undumpable process, whose descriptors the same user can't reach through /proc, opens them there itself.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int again(const char *form, int fd, int flags) {
  char name[64];
  snprintf(name, sizeof name, form, fd);
  int opened = open(name, flags, 0644);
  if (opened < 0) perror(name);
  return opened < 0;
}

int main(int argc, char **argv) {
  const char *which = argc > 1 ? argv[1] : "";
  int file = open("input", O_PATH);
  int folder = open("folder", O_PATH | O_DIRECTORY);
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return 1;
  if (strcmp(which, "self") == 0) return again("/proc/self/fd/%d", file, O_RDONLY);
  if (strcmp(which, "dev") == 0) return again("/dev/fd/%d", file, O_WRONLY);
  if (strcmp(which, "folder") == 0) return again("/proc/self/fd/%d/made", folder, O_WRONLY | O_CREAT);
  if (strcmp(which, "cwd") == 0) return again("/proc/self/cwd/input%.0d", 0, O_RDONLY);
  if (strcmp(which, "root") == 0) return again("/proc/self/root/workspace/input%.0d", 0, O_RDONLY);
  if (strcmp(which, "thread") == 0) return again("/proc/thread-self/fd/%d", file, O_RDONLY);
  if (strcmp(which, "exe") == 0) return again("/proc/self/exe%.0d", 0, O_RDONLY);
  return 64;
}
