// O_PATH, /proc/self/fd, /dev/fd, and files that are removed while they are open.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int again(const char *folder, int fd, int flags) {
  char name[64];
  snprintf(name, sizeof name, "%s/%d", folder, fd);
  int opened = open(name, flags, 0644);
  if (opened < 0) perror(name);
  return opened;
}

int main(void) {
  int place = open("input", O_PATH);
  close(again("/proc/self/fd", place, O_RDONLY));
  close(again("/dev/fd", place, O_WRONLY));
  int untouched = open("untouched", O_PATH); // never opened for more than its place
  close(untouched);
  int folder = open("folder", O_PATH | O_DIRECTORY);
  close(openat(folder, "inside", O_RDONLY));
  int file = open("written", O_RDWR | O_CREAT | O_EXCL, 0644);
  close(again("/proc/thread-self/fd", file, O_RDONLY));
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/fd/%d", getpid(), file);
  close(open(name, O_WRONLY | O_TRUNC));
  snprintf(name, sizeof name, "/proc/self/fd/%d/made", folder);
  close(open(name, O_WRONLY | O_CREAT, 0644));
  snprintf(name, sizeof name, "/proc/self/fd/%d", place);
  linkat(AT_FDCWD, name, AT_FDCWD, "linked-by-place", AT_SYMLINK_FOLLOW);
  close(open("/proc/self/cwd/input", O_RDONLY));
  close(open("/proc/self/root/workspace/folder/inside", O_RDONLY));

  int gone = open("gone", O_RDWR | O_CREAT, 0644);
  unlink("gone");
  close(again("/proc/self/fd", gone, O_RDONLY));
  int kept = open("reused", O_WRONLY | O_CREAT, 0644);
  unlink("reused");
  close(open("reused", O_WRONLY | O_CREAT | O_EXCL, 0644)); // another file of that name
  close(again("/proc/self/fd", kept, O_WRONLY));
  rename("reused", "reused-and-renamed");
  int unnamed = open(".", O_RDWR | O_TMPFILE, 0644);
  snprintf(name, sizeof name, "/proc/self/fd/%d", unnamed);
  linkat(AT_FDCWD, name, AT_FDCWD, "named-at-last", AT_SYMLINK_FOLLOW);
  linkat(unnamed, "", AT_FDCWD, "named-again", AT_EMPTY_PATH); // since Linux 6.10
  // A child opens what its parent holds.
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) {
    snprintf(name, sizeof name, "/proc/%d/fd/%d", parent, gone);
    close(open(name, O_WRONLY));
    snprintf(name, sizeof name, "/proc/%d/cwd/folder/inside", parent);
    close(open(name, O_WRONLY));
    _exit(0);
  }
  waitpid(child, NULL, 0);
  int odd = open("not (deleted)", O_RDWR | O_CREAT, 0644);
  close(again("/proc/self/fd", odd, O_RDONLY));
  unlink("not (deleted)");
  close(again("/proc/self/fd", odd, O_RDONLY | O_TRUNC));
  return 0;
}
