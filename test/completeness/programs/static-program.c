// No loader and no shared library: nothing that a recorder inside the process could hook.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc > 1) return 0;
  close((int)syscall(SYS_openat, AT_FDCWD, "input", O_RDONLY, 0));
  close((int)syscall(SYS_openat, AT_FDCWD, "output", O_WRONLY | O_CREAT, 0644));
  syscall(SYS_renameat2, AT_FDCWD, "output", AT_FDCWD, "renamed", 0);
  char *const again[] = {argv[0], "again", NULL};
  char *const nothing[] = {NULL};
  return (int)syscall(SYS_execve, argv[0], again, nothing);
}
