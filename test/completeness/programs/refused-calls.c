// Calls on files that the kernel refuses for another reason than that the file is missing. Each case is one: argv[1]
// says which. A case ends with 0 when the kernel refused as it should, and has no trace but what it needed to get there.
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static int refused(long result, int error) {
  if (result < 0 && errno == error) return 0;
  fprintf(stderr, "%s instead of %s\n", result < 0 ? strerrorname_np(errno) : "success", strerrorname_np(error));
  return 1;
}

static int bad_pointers(void) {
  return refused(open((char *)1, O_RDONLY), EFAULT) | refused(open((char *)-4096L, O_WRONLY | O_CREAT, 0600), EFAULT) |
         refused(unlink((char *)16), EFAULT) | refused(rename("input", (char *)8), EFAULT);
}

static int bad_descriptors(void) {
  int file = open("input", O_RDONLY);
  return refused(openat(999, "input", O_RDONLY), EBADF) | refused(openat(file, "input", O_RDONLY), ENOTDIR) |
         refused(mkdirat(999, "new", 0700), EBADF) | refused(renameat(AT_FDCWD, "input", 999, "new"), EBADF) |
         refused(openat(-1, "input", O_RDONLY), EBADF);
}

static int long_names(void) {
  static char name[5000];
  memset(name, 'x', sizeof name - 1);
  int whole = refused(open(name, O_WRONLY | O_CREAT, 0600), ENAMETOOLONG) | refused(mkdir(name, 0700), ENAMETOOLONG);
  name[256] = 0;
  return whole | refused(open(name, O_WRONLY | O_CREAT, 0600), ENAMETOOLONG) | refused(mkdir(name, 0700), ENAMETOOLONG);
}

static int permissions(void) {
  chmod("input", 0400);
  mkdir("closed", 0700);
  close(open("closed/inside", O_WRONLY | O_CREAT, 0600));
  chmod("closed", 0500);
  int result = refused(open("input", O_WRONLY), EACCES) | refused(open("input", O_RDWR), EACCES) |
               refused(open("input", O_RDONLY | O_TRUNC), EACCES) | refused(truncate("input", 0), EACCES) |
               refused(open("closed/new", O_WRONLY | O_CREAT, 0600), EACCES) | refused(unlink("closed/inside"), EACCES) |
               refused(rename("closed/inside", "outside"), EACCES) | refused(mkdir("closed/new", 0700), EACCES) |
               refused(link("input", "closed/new"), EACCES) | refused(symlink("x", "closed/new"), EACCES);
  chmod("closed", 0600);
  result |= refused(open("closed/inside", O_RDONLY), EACCES);
  chmod("closed", 0700);
  chmod("closed/inside", 0);
  return result | refused(open("closed/inside", O_RDONLY), EACCES);
}

static int slashes_and_dots(void) {
  return refused(open("input/", O_RDONLY), ENOTDIR) | refused(open("new/", O_WRONLY | O_CREAT, 0600), EISDIR) |
         refused(open("folder", O_WRONLY), EISDIR) | refused(open("folder", O_RDONLY | O_CREAT, 0600), EISDIR) |
         refused(open("", O_RDONLY), ENOENT) | refused(rmdir("folder/."), EINVAL) | refused(rmdir("folder/.."), ENOTEMPTY) |
         refused(mkdir("folder/.", 0700), EEXIST) | refused(unlink("input/"), ENOTDIR) | refused(link("input", "new/"), ENOENT) |
         refused(rename("input", "new/"), ENOTDIR) | refused(rename("folder", "new/."), ENOENT) |
         refused(symlink("x", "new/"), ENOENT);
}

static int into_itself(void) {
  mkdir("right", 0755);
  mkdir("right/deep", 0755);
  return refused(rename("right", "right/deep/itself"), EINVAL) | refused(rename("right", "right/itself"), EINVAL);
}

static int exchange_with_ancestor(void) {
  mkdir("right", 0755);
  mkdir("right/deep", 0755);
  return refused(syscall(SYS_renameat2, AT_FDCWD, "right", AT_FDCWD, "right/deep", RENAME_EXCHANGE), EINVAL);
}

static int removed_folder(void) {
  mkdir("short-lived", 0755);
  int folder = open("short-lived", O_RDONLY | O_DIRECTORY);
  rmdir("short-lived");
  return refused(openat(folder, "never", O_WRONLY | O_CREAT, 0600), ENOENT) | refused(mkdirat(folder, "never", 0700), ENOENT) |
         refused(symlinkat("x", folder, "never"), ENOENT) | refused(linkat(AT_FDCWD, "input", folder, "never", 0), ENOENT) |
         refused(renameat(AT_FDCWD, "input", folder, "never"), ENOENT);
}

// A copy of cat runs once it has passed a byte on.
static int running_program(void) {
  int from = open("/bin/cat", O_RDONLY);
  int to = open("made", O_WRONLY | O_CREAT, 0700);
  static char bytes[1 << 20];
  ssize_t len = read(from, bytes, sizeof bytes);
  if (write(to, bytes, (size_t)len) != len) return 1;
  close(to);
  rename("made", "program");
  int in[2], out[2];
  pipe2(in, O_CLOEXEC);
  pipe2(out, O_CLOEXEC);
  pid_t child = fork();
  if (child == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    execl("program", "program", (char *)0);
    _exit(9);
  }
  close(in[0]);
  close(out[1]);
  write(in[1], "x", 1);
  if (read(out[0], bytes, 1) != 1) return 1;
  int result = refused(open("program", O_WRONLY), ETXTBSY) | refused(truncate("program", 0), ETXTBSY);
  close(in[1]);
  wait(NULL);
  return result;
}

static int pipe_without_reader(void) {
  mkfifo("pipe", 0600);
  return refused(open("pipe", O_WRONLY | O_NONBLOCK), ENXIO);
}

static int no_descriptor_left(void) {
  struct rlimit few = {3, 3};
  setrlimit(RLIMIT_NOFILE, &few);
  for (int fd = 3; fd < 20; fd++) close(fd);
  return refused(open("input", O_RDONLY), EMFILE) | refused(open("new", O_WRONLY | O_CREAT, 0600), EMFILE);
}

static int devices(void) {
  return refused(mknod("device", S_IFCHR | 0600, makedev(1, 3)), EPERM) |
         refused(mknod("device", S_IFBLK | 0600, makedev(8, 0)), EPERM) | refused(mknod("device", S_IFDIR | 0700, 0), EPERM);
}

static int bad_arguments(void) {
  struct open_how how = {.flags = O_RDONLY, .mode = 0600};
  struct open_how resolve = {.flags = O_RDONLY, .resolve = 1ul << 40};
  struct open_how unknown = {.flags = 1ul << 40};
  struct { struct open_how how; long more; } larger = {.how = {.flags = O_RDONLY}, .more = 1};
  return refused(syscall(SYS_openat2, AT_FDCWD, "input", &how, sizeof how), EINVAL) |
         refused(syscall(SYS_openat2, AT_FDCWD, "input", &resolve, sizeof resolve), EINVAL) |
         refused(syscall(SYS_openat2, AT_FDCWD, "input", &unknown, sizeof unknown), EINVAL) |
         refused(syscall(SYS_openat2, AT_FDCWD, "input", &larger, sizeof larger), E2BIG) |
         refused(syscall(SYS_openat2, AT_FDCWD, "input", &how, 8), EINVAL) |
         refused(syscall(SYS_unlinkat, AT_FDCWD, "input", 1 << 20), EINVAL) |
         refused(linkat(AT_FDCWD, "input", AT_FDCWD, "new", 1 << 20), EINVAL) |
         refused(syscall(SYS_renameat2, AT_FDCWD, "input", AT_FDCWD, "folder/inside", RENAME_EXCHANGE | RENAME_NOREPLACE), EINVAL) |
         refused(syscall(SYS_renameat2, AT_FDCWD, "input", AT_FDCWD, "new", 1 << 20), EINVAL) |
         refused(truncate("input", -1), EINVAL) | refused(symlink("", "new"), ENOENT) |
         refused(syscall(SYS_open, "folder", O_RDWR | O_TMPFILE | O_CREAT, 0600), EINVAL);
}

static int truncated_pipe(void) {
  mkfifo("pipe", 0600);
  return refused(truncate("pipe", 0), EINVAL) | refused(truncate("folder", 0), EISDIR);
}

static int landlocked(void) {
  struct landlock_ruleset_attr attr = {.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_MAKE_REG};
  int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
  if (rules < 0) return errno == ENOSYS ? 0 : 1; // not in the box, nor in every kernel
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (syscall(SYS_landlock_restrict_self, rules, 0) != 0) return 1;
  return refused(open("input", O_RDONLY), EACCES) | refused(open("new", O_WRONLY | O_CREAT, 0600), EACCES);
}

int main(int argc, char **argv) {
  static const struct { const char *name; int (*run)(void); } CASES[] = {
      {"bad-pointers", bad_pointers}, {"bad-descriptors", bad_descriptors}, {"long-names", long_names},
      {"permissions", permissions}, {"slashes-and-dots", slashes_and_dots}, {"into-itself", into_itself},
      {"exchange-with-ancestor", exchange_with_ancestor}, {"removed-folder", removed_folder},
      {"running-program", running_program}, {"pipe-without-reader", pipe_without_reader},
      {"no-descriptor-left", no_descriptor_left}, {"devices", devices}, {"bad-arguments", bad_arguments},
      {"truncated-pipe", truncated_pipe}, {"landlocked", landlocked},
  };
  for (unsigned i = 0; argc > 1 && i < sizeof CASES / sizeof CASES[0]; i++) {
    if (strcmp(CASES[i].name, argv[1]) == 0) return CASES[i].run();
  }
  return 64;
}
