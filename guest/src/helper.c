#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die.h"
#include "restrict.h"

#define OUTPUT_FD 3
#define NOT_RESTRICTED 125

_Noreturn static void be_the_helper(void (*work)(int, const void *), const void *argument, int output) {
  if (output != OUTPUT_FD && dup2(output, OUTPUT_FD) < 0) _exit(NOT_RESTRICTED);
  if (!restrict_helper(OUTPUT_FD + 1)) _exit(NOT_RESTRICTED);
  work(OUTPUT_FD, argument);
  _exit(0);
}

int run_helper(void (*work)(int, const void *), const void *argument, size_t max, void (*each)(void *, const uint8_t *, size_t), void *state) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) die_errno("pipe");
  pid_t pid = fork();
  if (pid < 0) die_errno("fork");
  if (pid == 0) be_the_helper(work, argument, ends[1]);
  close(ends[1]);
  uint8_t data[64 << 10];
  size_t total = 0;
  for (;;) {
    ssize_t got = read(ends[0], data, sizeof data);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    total += (size_t)got;
    if (total > max) kill(pid, SIGKILL);
    else each(state, data, (size_t)got);
  }
  close(ends[0]);
  int status = 0;
  while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR) continue;
  if (total > max || !WIFEXITED(status) || WEXITSTATUS(status) == NOT_RESTRICTED) return -1;
  return WEXITSTATUS(status);
}
