// Names relative to working directories and descriptors that change, with openat2 and its bounds.
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void touch(int folder, const char *name) { close(openat(folder, name, O_WRONLY | O_CREAT, 0644)); }

static int open2(int folder, const char *name, unsigned long flags, unsigned long resolve) {
  struct open_how how = {.flags = flags, .mode = flags & O_CREAT ? 0644 : 0, .resolve = resolve};
  return (int)syscall(SYS_openat2, folder, name, &how, sizeof how);
}

static void *elsewhere(void *argument) {
  unshare(CLONE_FS);
  chdir("a/b");
  touch(AT_FDCWD, "by-a-thread-with-its-own-folder");
  return argument;
}

int main(void) {
  mkdir("a", 0755);
  mkdir("a/b", 0755);
  mkdir("c/", 0755);
  pthread_t thread;
  pthread_create(&thread, NULL, elsewhere, NULL);
  pthread_join(thread, NULL);
  int a = open("a", O_RDONLY | O_DIRECTORY);
  int b = openat(a, "b", O_PATH | O_DIRECTORY);
  touch(AT_FDCWD, "./a/../a//b/./one");
  touch(a, "two");
  touch(b, "three");
  touch(b, "../four");
  touch(b, "/workspace/five");
  chdir("a");
  touch(AT_FDCWD, "six");
  fchdir(b);
  touch(AT_FDCWD, "seven");
  touch(AT_FDCWD, "../../eight");
  if (fork() == 0) {
    touch(AT_FDCWD, "nine"); // the folder is inherited
    chdir("/workspace/c");
    touch(AT_FDCWD, "ten");
    _exit(0);
  }
  wait(NULL);
  touch(AT_FDCWD, "eleven"); // and the child's is its own
  close(open2(a, "b/one", O_RDONLY, RESOLVE_BENEATH));
  close(open2(a, "../input", O_RDONLY, RESOLVE_BENEATH)); // refused
  close(open2(b, "/three", O_RDONLY, RESOLVE_IN_ROOT));
  close(open2(b, "../three", O_RDONLY, RESOLVE_IN_ROOT)); // stays in b
  close(open2(a, "twelve", O_WRONLY | O_CREAT, RESOLVE_NO_SYMLINKS));
  mkdirat(a, "new", 0700);
  mkdirat(b, "../newer", 0700);
  unlinkat(a, "new", AT_REMOVEDIR);
  unlinkat(b, "../two", 0);
  unlinkat(a, "b", 0); // a folder: refused
  mknodat(a, "pipe", S_IFIFO | 0600, 0);
  close(openat(a, "pipe", O_RDWR));
  renameat(a, "four", b, "moved");
  linkat(b, "moved", a, "linked", 0);
  symlinkat("b/moved", a, "soft");
  close(openat(a, "soft", O_RDONLY));
  close(openat(a, "soft", O_RDONLY | O_NOFOLLOW)); // refused
  chdir("/");
  truncate("/workspace/a/b/one", 3);
  close(creat("/workspace/a/b/made", 0600));
  close(open("/workspace/a/b/made", O_RDONLY | O_TRUNC));
  return 0;
}
