#include "step-child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capabilities.h"
#include "die.h"
#include "restrict.h"
#include "seccomp-filter.h"

#define CONTROL_FD 3
#define NOT_FOUND 127
#define NOT_EXECUTABLE 126

// One message: an errno (0: ready), with the listener attached when there is one.
static bool tell(int control, int error, int listener) {
  struct iovec part = {&error, sizeof error};
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } attached;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (listener >= 0) {
    memset(&attached, 0, sizeof attached);
    message.msg_control = &attached;
    message.msg_controllen = sizeof attached;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(header), &listener, sizeof listener);
  }
  return sendmsg(control, &message, MSG_NOSIGNAL) == sizeof error;
}

static bool hear(int control, int *error, int *listener) {
  struct iovec part = {error, sizeof *error};
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } attached;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &attached, .msg_controllen = sizeof attached};
  ssize_t got;
  do got = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got != sizeof *error) return false;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header != NULL && header->cmsg_type == SCM_RIGHTS) memcpy(listener, CMSG_DATA(header), sizeof *listener);
  return true;
}

static const char *search_path(char *const env[]) {
  for (size_t i = 0; env[i] != NULL; i++) {
    if (strncmp(env[i], "PATH=", 5) == 0) return env[i] + 5;
  }
  return "/usr/local/bin:/usr/bin:/bin";
}

// Like execvpe, with the command's PATH, but it does not run a file that is not a program through a shell.
static void execute(const struct run_request *request) {
  const char *name = request->argv[0];
  if (strchr(name, '/') != NULL) {
    execve(name, request->argv, request->env);
    return;
  }
  bool denied = false;
  for (const char *at = search_path(request->env); *at != 0;) {
    size_t len = strcspn(at, ":");
    char file[PATH_BYTES_MAX];
    if (len > 0 && (size_t)snprintf(file, sizeof file, "%.*s/%s", (int)len, at, name) < sizeof file) {
      execve(file, request->argv, request->env);
      if (errno == EACCES) denied = true;
      else if (errno != ENOENT && errno != ENOTDIR) return;
    }
    at += len;
    if (*at == ':') at++;
  }
  errno = denied ? EACCES : ENOENT;
}

_Noreturn static void give_up(int control) {
  tell(control, errno, -1);
  _exit(NOT_EXECUTABLE);
}

_Noreturn static void be_the_child(const struct child_settings *settings, int input, int output, int error, int control) {
  const struct run_request *request = settings->request;
  if (input < 0) input = open("/dev/null", O_RDONLY);
  if (setsid() < 0 || input < 0) give_up(control);
  // Moved out of the way first: the numbers 0 to 3 may be among them.
  int moved[4] = {input, output, error, control};
  for (int i = 0; i < 4; i++) moved[i] = fcntl(moved[i], F_DUPFD, 10);
  for (int i = 0; i < 4; i++) {
    if (moved[i] < 0 || dup2(moved[i], i) < 0) give_up(control);
  }
  control = CONTROL_FD;
  fcntl(control, F_SETFD, FD_CLOEXEC);
  umask(022);
  setrlimit(RLIMIT_NOFILE, &settings->open_files);
  const struct rlimit no_core = {1, 1}; // see refuse_core_limit
  setrlimit(RLIMIT_CORE, &no_core);     // where the machine's own limit is lower, that one stays
  if (!close_from(CONTROL_FD + 1) || !reset_signals() || !drop_capabilities()) give_up(control);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) give_up(control);
  // Change the folder before the filter: later calls of chdir count as calls of the command.
  int entered = chdir(request->cwd) == 0 ? 0 : errno;
  char go;
  if (read(control, &go, 1) != 1) _exit(NOT_EXECUTABLE);
  int listener = install_filter(request->record ? FILTER_RECORD : FILTER_REFUSE, settings->stay_dumpable);
  if (listener < 0) give_up(control);
  if (!tell(control, 0, request->record ? listener : -1)) _exit(NOT_EXECUTABLE);
  if (request->record) close(listener);
  const char *subject = request->cwd;
  if (entered == 0) {
    execute(request);
    subject = request->argv[0];
  } else {
    errno = entered;
  }
  int why = errno;
  dprintf(STDERR_FILENO, "glovebox: cannot %s %.256s: %s\n", entered == 0 ? "execute" : "enter", subject, strerror(why));
  _exit(why == ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
}

enum { INPUT, OUTPUT, ERROR, CONTROL, CHANNELS };

// Two ends of each channel: the guest's, the child's.
static void close_ends(int ends[CHANNELS][2], int side) {
  for (int i = 0; i < CHANNELS; i++) {
    if (ends[i][side] >= 0) close(ends[i][side]);
    ends[i][side] = -1;
  }
}

static bool open_channels(int ends[CHANNELS][2], bool input) {
  for (int i = 0; i < CHANNELS; i++) ends[i][0] = ends[i][1] = -1;
  int pair[2];
  if (input) {
    if (pipe2(pair, O_CLOEXEC) != 0) return false;
    ends[INPUT][0] = pair[1];
    ends[INPUT][1] = pair[0];
  }
  return pipe2(ends[OUTPUT], O_CLOEXEC) == 0 && pipe2(ends[ERROR], O_CLOEXEC) == 0 &&
         socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends[CONTROL]) == 0;
}

static void close_all(int ends[CHANNELS][2]) {
  int why = errno;
  close_ends(ends, 0);
  close_ends(ends, 1);
  errno = why;
}

bool step_child_fork(struct step_child *child, const struct child_settings *settings) {
  int ends[CHANNELS][2];
  if (!open_channels(ends, settings->request->input)) {
    close_all(ends);
    return false;
  }
  // Without CAP_SYS_PTRACE the guest can only attach to what may be dumped, and a child starts as its parent is. Between
  // two steps there is nobody in the sandbox who could use the moment.
  if (settings->stay_dumpable) prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  pid_t pid = fork();
  if (pid == 0) be_the_child(settings, ends[INPUT][1], ends[OUTPUT][1], ends[ERROR][1], ends[CONTROL][1]);
  int why = errno;
  if (settings->stay_dumpable && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) die_errno("dumpable");
  errno = why;
  if (pid < 0) {
    close_all(ends);
    return false;
  }
  close_ends(ends, 1);
  *child = (struct step_child){pid, ends[INPUT][0], ends[OUTPUT][0], ends[ERROR][0], ends[CONTROL][0]};
  return true;
}

bool step_child_go(struct step_child *child, bool record, int *listener) {
  *listener = -1;
  int error = EPROTO;
  bool heard = write(child->control, "g", 1) == 1 && hear(child->control, &error, listener);
  close(child->control);
  if (heard && error == 0 && (*listener >= 0) == record) return true;
  errno = heard && error != 0 ? error : EPROTO;
  return false;
}
