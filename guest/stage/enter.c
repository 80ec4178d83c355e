// Runs on the host and enters the namespaces of a running sandbox. It reads nothing that a step could have written: it runs
// before the first step, or starts one of Glovebox's own commands that works on files only.
//   glovebox-enter PID [--after NAME] [--terminals MOST] [--user-setting NAME VALUE]...    sets bounds
//       of its namespaces; with --after it first waits until the process is no longer the command NAME, which creates them
//   glovebox-enter PID -- COMMAND...    runs COMMAND with all rights over files in that user namespace
//   glovebox-enter own -- COMMAND...    the same, in a user namespace of its own
// Prints a line for each bound that is now in force: `terminals` or the setting's name.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CANNOT_ENTER 125
#define MOST_TRIES 150000 // 30 seconds
#define TERMINALS "/dev/pts"

// ioctl_ns(2): the user namespace that owns a namespace.
#define OWNER_OF_NAMESPACE _IO(0xb7, 0x1)

// fspick(2) and fsconfig(2), Linux 5.2; older C libraries do not have them.
#define PICK_AT_ONCE 0x1u
#define PICK_NO_SYMLINK 0x2u
#define CONFIG_FLAG 0u
#define CONFIG_TEXT 1u
#define CONFIG_RECONFIGURE 7u

_Noreturn static void give_up(const char *what) {
  fprintf(stderr, "glovebox-enter: %s: %s\n", what, strerror(errno));
  _exit(CANNOT_ENTER);
}

static int open_namespace(const char *pid, const char *kind) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/ns/%s", pid, kind);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) give_up(path);
  return fd;
}

static bool is_own(int namespace, const char *path) {
  struct stat theirs, ours;
  return fstat(namespace, &theirs) == 0 && stat(path, &ours) == 0 && theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino;
}

// Enters the user namespace that owns the sandbox's mount namespace; its creator has all rights in it. Returns false if it
// is the caller's own, as with an engine that creates none.
static bool enter_user_namespace(int mounts) {
  int owner = ioctl(mounts, OWNER_OF_NAMESPACE);
  if (owner < 0) give_up("user namespace");
  bool other = !is_own(owner, "/proc/self/ns/user");
  if (other && setns(owner, CLONE_NEWUSER) != 0) give_up("user namespace");
  close(owner);
  return other;
}

static void write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) give_up(path);
  close(fd);
}

static void make_user_namespace(void) {
  char map[64];
  uid_t uid = geteuid();
  gid_t gid = getegid();
  if (unshare(CLONE_NEWUSER) != 0) give_up("user namespace");
  snprintf(map, sizeof map, "0 %u 1\n", uid);
  write_file("/proc/self/uid_map", map);
  write_file("/proc/self/setgroups", "deny");
  snprintf(map, sizeof map, "0 %u 1\n", gid);
  write_file("/proc/self/gid_map", map);
}

// Reads the mount's options from /proc/PID/mountinfo, after ` - devpts `. A remount resets every option that it does not repeat.
static bool terminal_options(const char *pid, char *options, size_t size) {
  char path[64], line[4096];
  snprintf(path, sizeof path, "/proc/%s/mountinfo", pid);
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  bool found = false;
  while (fgets(line, sizeof line, file) != NULL) {
    char *kind = strstr(line, " - devpts ");
    if (kind == NULL || strstr(line, " " TERMINALS " ") == NULL) continue;
    char *at = strrchr(kind, ' ');
    at[strcspn(at, "\n")] = 0;
    found = snprintf(options, size, "%s", at + 1) < (int)size;
  }
  fclose(file);
  return found;
}

static bool configure(int fs, const char *name, const char *value) {
  unsigned how = value == NULL ? CONFIG_FLAG : CONFIG_TEXT;
  return syscall(SYS_fsconfig, fs, how, name, value, 0) == 0;
}

// All instances of devpts share the kernel.pty.max terminals, unless an instance has its own maximum.
static void bound_terminals(char *options, const char *most) {
  int fs = (int)syscall(SYS_fspick, AT_FDCWD, TERMINALS, PICK_AT_ONCE | PICK_NO_SYMLINK);
  if (fs < 0) give_up(TERMINALS);
  for (char *rest = NULL, *option = strtok_r(options, ",", &rest); option != NULL; option = strtok_r(NULL, ",", &rest)) {
    char *value = strchr(option, '=');
    if (value != NULL) *value++ = 0;
    if (strcmp(option, "rw") == 0 || strcmp(option, "max") == 0) continue;
    if (!configure(fs, option, value)) give_up(option);
  }
  if (!configure(fs, "max", most) || syscall(SYS_fsconfig, fs, CONFIG_RECONFIGURE, NULL, NULL, 0) != 0) give_up(TERMINALS);
  puts("terminals");
}

// Ignores a setting that this kernel lacks: the output then does not name it.
static void set_for_user(const char *name, const char *value) {
  char path[128];
  if (strchr(name, '/') != NULL || snprintf(path, sizeof path, "/proc/sys/user/%s", name) >= (int)sizeof path) {
    errno = EINVAL;
    give_up(name);
  }
  if (access(path, F_OK) != 0) return;
  write_file(path, value);
  puts(name);
}

// This program starts at the same time as the command that creates the namespaces, which saves its own start-up time.
static void wait_for_end_of(const char *pid, const char *name) {
  const struct timespec moment = {0, 200000};
  char path[64], comm[64];
  snprintf(path, sizeof path, "/proc/%s/comm", pid);
  for (int tries = 0; tries < MOST_TRIES; tries++, nanosleep(&moment, NULL)) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, comm, sizeof comm - 1);
    if (len <= 0) give_up(path);
    close(fd);
    comm[len] = 0;
    comm[strcspn(comm, "\n")] = 0;
    if (strcmp(comm, name) != 0) return;
  }
  errno = ETIMEDOUT;
  give_up(name);
}

static void run(char **command) {
  execv(command[0], command);
  give_up(command[0]);
}

static const char USAGE[] =
    "usage: glovebox-enter PID [--after NAME] [--terminals MOST] [--user-setting NAME VALUE]...\n"
    "       glovebox-enter PID|own -- COMMAND [ARGUMENT]...\n";

_Noreturn static void misused(void) {
  fputs(USAGE, stderr);
  _exit(CANNOT_ENTER);
}

static bool is_pid(const char *text) { return text[0] != 0 && strspn(text, "0123456789") == strlen(text) && strlen(text) < 11; }

static void bound(const char *pid, char **options) {
  const char *terminals = NULL;
  if (*options != NULL && strcmp(options[0], "--after") == 0 && options[1] != NULL) {
    wait_for_end_of(pid, options[1]);
    options += 2;
  }
  int mounts = open_namespace(pid, "mnt");
  bool entered = enter_user_namespace(mounts);
  for (char **at = options; *at != NULL;) {
    if (strcmp(at[0], "--terminals") == 0 && at[1] != NULL) {
      terminals = at[1];
      at += 2;
    } else if (strcmp(at[0], "--user-setting") == 0 && at[1] != NULL && at[2] != NULL) {
      errno = EPERM;
      if (!entered) give_up("the settings are those of the whole machine");
      set_for_user(at[1], at[2]);
      at += 3;
    } else {
      misused();
    }
  }
  if (terminals == NULL) return;
  char given[1024];
  if (!terminal_options(pid, given, sizeof given)) {
    errno = ENOENT;
    give_up(TERMINALS);
  }
  if (setns(mounts, CLONE_NEWNS) != 0) give_up("mounts");
  bound_terminals(given, terminals);
}

int main(int argc, char **argv) {
  if (argc < 3) misused();
  bool own = strcmp(argv[1], "own") == 0;
  if (!own && !is_pid(argv[1])) misused();
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (strcmp(argv[2], "--") != 0) {
    if (own) misused();
    bound(argv[1], argv + 2);
    return 0;
  }
  if (argc < 4) misused();
  if (own) make_user_namespace();
  else enter_user_namespace(open_namespace(argv[1], "mnt"));
  run(argv + 3);
}
