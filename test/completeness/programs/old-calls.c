// The calls from before there were folders' descriptors, as static programs and other C libraries make them.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
#ifdef SYS_open
  syscall(SYS_mkdir, "old", 0755);
  close((int)syscall(SYS_open, "old/opened", O_RDWR | O_CREAT, 0644));
  close((int)syscall(SYS_open, "input", O_RDONLY, 0));
  close((int)syscall(SYS_creat, "old/created", 0644));
  syscall(SYS_mknod, "old/pipe", S_IFIFO | 0600, 0);
  syscall(SYS_mknod, "old/file", S_IFREG | 0600, 0);
  syscall(SYS_symlink, "../input", "old/symlink");
  close((int)syscall(SYS_open, "old/symlink", O_WRONLY, 0));
  syscall(SYS_link, "input", "old/link");
  syscall(SYS_rename, "old/link", "moved");
  syscall(SYS_unlink, "old/symlink");
  syscall(SYS_mkdir, "old/empty", 0755);
  syscall(SYS_rmdir, "old/empty");
  syscall(SYS_truncate, "moved", 1);
#endif
  return 0;
}
