#include "answer-call.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"

static void take_away_again(const struct deed *deed) {
  struct stat made, named;
  bool same = fstat(deed->fd, &made) == 0 && fstatat(AT_FDCWD, deed->path, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
              made.st_dev == named.st_dev && made.st_ino == named.st_ino;
  if (same) unlink(deed->path);
}

void hand_over(struct tracee *tracee, struct deed *deed) {
  struct seccomp_notif_addfd add = {
      .id = tracee->call, .flags = 0, .srcfd = (unsigned)deed->fd, .newfd_flags = deed->cloexec ? (unsigned)O_CLOEXEC : 0u};
  int given;
  do given = ioctl(tracee->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
  while (given < 0 && errno == EINTR);
  int error = errno;
  if (given < 0) {
    if (deed->made) take_away_again(deed);
    deed->kinds = 0;
    deed_fail(deed, error);
  } else {
    if (deed->truncates && ftruncate(deed->fd, 0) != 0) tracee->unsure = true; // it should be empty now
    tracee->confirmed = true; // only who waits is given anything
    deed->answer = ANSWER_GIVEN;
    deed->given = given;
  }
  close(deed->fd);
}

void answer_call(const struct tracee *tracee, const struct deed *deed) {
  // The kernel takes the structure that it knows, and the rest, if there is any, was cleared.
  struct {
    struct seccomp_notif_resp known;
    uint8_t rest[64];
  } memory;
  memset(&memory, 0, sizeof memory);
  struct seccomp_notif_resp *answer = &memory.known;
  answer->id = tracee->call;
  switch (deed->answer) {
    case ANSWER_CONTINUE: answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE; break;
    case ANSWER_FAIL: answer->error = -deed->error; break;
    case ANSWER_GIVEN: answer->val = deed->given; break;
    case ANSWER_DONE: break;
    case ANSWER_OPENED:
    case ANSWER_LATER: die("an opened file was not handed over");
  }
  int result;
  do result = ioctl(tracee->listener, SECCOMP_IOCTL_NOTIF_SEND, answer);
  while (result != 0 && errno == EINTR);
  if (result != 0 && errno != ENOENT) die_errno("the seccomp listener does not take answers");
}
