// On the host, as root, in front of bwrap: binds what the sandbox is given to places that its uid can reach, then becomes
// that uid and the command. One process, as each `mount` and `mkdir` of its own takes longer than all of this.
//   glovebox-stage PLACE UID [SOURCE TARGET]... -- COMMAND [ARGUMENT]...
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CANNOT_STAGE 125

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

int main(int argc, char **argv) {
  int at = 3;
  char *end = NULL;
  unsigned long uid = argc > 3 ? strtoul(argv[2], &end, 10) : 0;
  if (argc <= 3 || *end != 0 || uid == 0 || uid >= UINT32_MAX) {
    fputs("usage: glovebox-stage PLACE UID [SOURCE TARGET]... -- COMMAND [ARGUMENT]...\n", stderr);
    return CANNOT_STAGE;
  }
  umask(022);
  cover(argv[1]);
  for (; at + 1 < argc && strcmp(argv[at], "--") != 0; at += 2) bind_to(argv[at], argv[at + 1]);
  if (at + 1 >= argc || strcmp(argv[at], "--") != 0) {
    fputs("glovebox-stage: no command\n", stderr);
    return CANNOT_STAGE;
  }
  become((uid_t)uid);
  execv(argv[at + 1], argv + at + 1);
  give_up(argv[at + 1]);
}
