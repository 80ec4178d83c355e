// On the host, in front of bwrap: joins the cgroups, before anything of the run exists, and sets the limits of a process.
// As root it also binds what the sandbox is given to places that the sandbox's uid can reach, and becomes that uid. Then
// it becomes the command. One process, as a shell, and each `mount` of its own, takes longer than all of this.
//   glovebox-stage [--file-size BYTES] [--cgroup FOLDER]... [--uid UID PLACE [--bind SOURCE TARGET]...] -- COMMAND...
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define CANNOT_STAGE 125
// What a removed file holds is found by looking at all open ones (held-files.ts), so they are bounded.
#define MOST_FILES 65536

_Noreturn static void give_up(const char *what) {
  perror(what);
  _exit(CANNOT_STAGE);
}

// Nothing of it is seen by anyone outside: the mounts go away with the last process in here.
static void cover(const char *place) {
  if (unshare(CLONE_NEWNS) != 0) give_up("unshare");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) give_up("/");
  if (mount("glovebox", place, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m") != 0) give_up(place);
}

static void bind_to(const char *source, const char *target) {
  struct stat st;
  if (stat(source, &st) != 0) give_up(source);
  if (S_ISDIR(st.st_mode)) {
    if (mkdir(target, 0755) != 0) give_up(target);
  } else {
    int fd = open(target, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0) give_up(target);
    close(fd);
  }
  if (mount(source, target, NULL, MS_BIND, NULL) != 0) give_up(source);
}

static void become(uid_t uid) {
  if (setgroups(0, NULL) != 0 || setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0) give_up("uid");
  if (geteuid() != uid || setuid(0) == 0) give_up("uid");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) give_up("no_new_privs");
  // Changing the uid clears the parent-death signal (prctl(2)); bwrap asks for its own a moment later.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) give_up("parent-death signal");
}

static unsigned long number(const char *text, unsigned long most) {
  char *end = NULL;
  unsigned long value = strtoul(text, &end, 10);
  if (*text < '0' || *text > '9' || *end != 0 || value == 0 || value > most) {
    fprintf(stderr, "glovebox-stage: %s is no number from 1 to %lu\n", text, most);
    _exit(CANNOT_STAGE);
  }
  return value;
}

// A limit is only ever lowered: whoever started Glovebox may have set a lower one.
static void limit(int resource, rlim_t most) {
  struct rlimit now;
  if (getrlimit(resource, &now) != 0) give_up("getrlimit");
  if (now.rlim_max > most) now.rlim_max = most;
  if (now.rlim_cur > now.rlim_max) now.rlim_cur = now.rlim_max;
  if (setrlimit(resource, &now) != 0) give_up("setrlimit");
}

// A cgroup that can't be joined ends the start.
static void join_cgroup(const char *folder) {
  char path[4096];
  if (snprintf(path, sizeof path, "%s/cgroup.procs", folder) >= (int)sizeof path) {
    errno = ENAMETOOLONG;
    give_up(folder);
  }
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "0", 1) != 1) give_up(path);
  close(fd);
}

static const char USAGE[] =
    "usage: glovebox-stage [--file-size BYTES] [--cgroup FOLDER]... [--uid UID PLACE [--bind SOURCE TARGET]...] -- "
    "COMMAND [ARGUMENT]...\n";

int main(int argc, char **argv) {
  uid_t uid = 0;
  int at = 1;
  umask(022);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, MOST_FILES);
  while (at < argc && strcmp(argv[at], "--") != 0) {
    const char *option = argv[at];
    int left = argc - at - 1;
    if (strcmp(option, "--file-size") == 0 && left >= 1) {
      limit(RLIMIT_FSIZE, number(argv[at + 1], LONG_MAX));
      at += 2;
    } else if (strcmp(option, "--cgroup") == 0 && left >= 1) {
      join_cgroup(argv[at + 1]);
      at += 2;
    } else if (strcmp(option, "--uid") == 0 && left >= 2 && uid == 0) {
      uid = (uid_t)number(argv[at + 1], UINT32_MAX - 1UL);
      cover(argv[at + 2]);
      at += 3;
    } else if (strcmp(option, "--bind") == 0 && left >= 2 && uid != 0) {
      bind_to(argv[at + 1], argv[at + 2]);
      at += 3;
    } else {
      break;
    }
  }
  if (at + 1 >= argc || strcmp(argv[at], "--") != 0) {
    fputs(USAGE, stderr);
    return CANNOT_STAGE;
  }
  if (uid != 0) become(uid);
  execv(argv[at + 1], argv + at + 1);
  give_up(argv[at + 1]);
}
