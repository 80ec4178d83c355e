// Runs on the host before bwrap: joins the cgroups before any process of the run exists, and sets process limits. As root
// it also bind-mounts the sandbox's files to places that the sandbox's uid can reach, and takes that uid. Then it executes
// the command. This is a C program because a shell with several `mount` commands takes longer.
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
#include <sys/wait.h>
#include <unistd.h>

#define CANNOT_STAGE 125
// Removed files that still use space are found by a look at all open files (held-files.ts), so their number is bounded.
#define MOST_FILES 65536
#define PARTS_OF_ACCOUNT 4

_Noreturn static void give_up(const char *what) {
  perror(what);
  _exit(CANNOT_STAGE);
}

// No process outside sees these mounts. They disappear with the last process of this namespace.
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

// Only lowers a limit, since the account that started Glovebox may have set a lower one.
static void limit(int resource, rlim_t most) {
  struct rlimit now;
  if (getrlimit(resource, &now) != 0) give_up("getrlimit");
  if (now.rlim_max > most) now.rlim_max = most;
  if (now.rlim_cur > now.rlim_max) now.rlim_cur = now.rlim_max;
  if (setrlimit(resource, &now) != 0) give_up("setrlimit");
}

// A sandbox without its own user id shares these limits with the account that started it. The kernel counts them for each
// user, and applies this lower limit to all processes of the user namespace that is created next.
static void take_share(int resource) {
  struct rlimit now;
  if (getrlimit(resource, &now) != 0) give_up("getrlimit");
  if (now.rlim_max != RLIM_INFINITY && now.rlim_max >= PARTS_OF_ACCOUNT) limit(resource, now.rlim_max / PARTS_OF_ACCOUNT);
}

// Joins a cgroup; a failure ends the start.
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

// The parsed options; the lists point into argv.
struct plan {
  unsigned long file_size;
  char **cgroups;
  int cgroup_count;
  uid_t uid;
  const char *place;
  char **binds;
  int bind_count;
  char **command;
};

static void stage(const struct plan *plan) {
  cover(plan->place);
  for (int at = 0; at < plan->bind_count; at++) bind_to(plan->binds[3 * at + 1], plan->binds[3 * at + 2]);
}

// Joining a cgroup and creating a mount namespace both wait for the kernel, so a child does the second at the same time.
struct stager {
  pid_t pid;
  int ready;
  int done;
};

static struct stager start_stager(const struct plan *plan) {
  int ready[2], done[2];
  if (pipe2(ready, O_CLOEXEC) != 0 || pipe2(done, O_CLOEXEC) != 0) give_up("pipe");
  pid_t pid = fork();
  if (pid < 0) give_up("fork");
  if (pid == 0) {
    close(ready[0]);
    close(done[1]);
    stage(plan);
    if (write(ready[1], "", 1) != 1) give_up("pipe");
    // The child's namespace lasts as long as the child, which ends with its parent in any case.
    char nothing;
    while (read(done[0], &nothing, 1) < 0 && errno == EINTR) {
    }
    _exit(0);
  }
  close(ready[1]);
  close(done[0]);
  return (struct stager){.pid = pid, .ready = ready[0], .done = done[1]};
}

static void enter_staged(struct stager stager) {
  char byte, path[64];
  ssize_t got;
  while ((got = read(stager.ready, &byte, 1)) < 0 && errno == EINTR) {
  }
  if (got != 1) _exit(CANNOT_STAGE); // the child has printed the reason
  snprintf(path, sizeof path, "/proc/%d/ns/mnt", stager.pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) give_up(path);
  if (setns(fd, CLONE_NEWNS) != 0) give_up("setns");
  close(fd);
  close(stager.ready);
  close(stager.done);
  while (waitpid(stager.pid, NULL, 0) < 0 && errno == EINTR) {
  }
}

static const char USAGE[] =
    "usage: glovebox-stage [--file-size BYTES] [--cgroup FOLDER]... [--uid UID PLACE [--bind SOURCE TARGET]...] -- "
    "COMMAND [ARGUMENT]...\n";

static struct plan read_plan(int argc, char **argv) {
  struct plan plan = {.file_size = RLIM_INFINITY};
  int at = 1;
  if (at + 1 < argc && strcmp(argv[at], "--file-size") == 0) {
    plan.file_size = number(argv[at + 1], LONG_MAX);
    at += 2;
  }
  for (plan.cgroups = argv + at; at + 1 < argc && strcmp(argv[at], "--cgroup") == 0; at += 2) plan.cgroup_count++;
  if (at + 2 < argc && strcmp(argv[at], "--uid") == 0) {
    plan.uid = (uid_t)number(argv[at + 1], UINT32_MAX - 1UL);
    plan.place = argv[at + 2];
    at += 3;
    for (plan.binds = argv + at; at + 2 < argc && strcmp(argv[at], "--bind") == 0; at += 3) plan.bind_count++;
  }
  if (at + 1 >= argc || strcmp(argv[at], "--") != 0) {
    fputs(USAGE, stderr);
    _exit(CANNOT_STAGE);
  }
  plan.command = argv + at + 1;
  return plan;
}

int main(int argc, char **argv) {
  struct plan plan = read_plan(argc, argv);
  struct stager stager = {0};
  umask(022);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, MOST_FILES);
  limit(RLIMIT_FSIZE, plan.file_size);
  if (plan.uid == 0) {
    take_share(RLIMIT_SIGPENDING);
    take_share(RLIMIT_MSGQUEUE);
  }
  if (plan.uid != 0) stager = start_stager(&plan);
  for (int at = 0; at < plan.cgroup_count; at++) join_cgroup(plan.cgroups[2 * at + 1]);
  if (plan.uid != 0) {
    enter_staged(stager);
    become(plan.uid);
  }
  execv(plan.command[0], plan.command);
  give_up(plan.command[0]);
}
