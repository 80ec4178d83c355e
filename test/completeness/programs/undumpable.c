// Makes itself undumpable, so that its /proc entries belong to root, then goes on; and so does a child of it.
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void work(const char *who) {
  char name[64];
  snprintf(name, sizeof name, "written-by-the-%s", who);
  int folder = open("folder", O_RDONLY | O_DIRECTORY);
  close(openat(folder, "inside", O_RDONLY));
  close(open(name, O_WRONLY | O_CREAT, 0644));
  chdir("folder");
  close(open(name, O_WRONLY | O_CREAT, 0644));
  mkdirat(folder, name + 8, 0755);
  rename(name, "renamed");
  unlinkat(folder, "renamed", 0);
  fchdir(open("..", O_PATH));
}

int main(void) {
  if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_GET_DUMPABLE) != 0) return 1;
  work("parent");
  if (fork() == 0) {
    work("child");
    execl("/bin/echo", "echo", "dumpable again", (char *)0);
    _exit(9);
  }
  wait(NULL);
  return 0;
}
