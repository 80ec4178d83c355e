#include "coverage.h"

#include <stdio.h>

#include "messages.h"

static const char *const BLIND_SPOTS[] = {
    "the address of a connect is looked at before the kernel reads it: another thread can change it in between",
    "a program that is killed before its first instruction is not listed",
    "what is read or written through a file descriptor counts for the process that opened it, not for one that inherited "
    "or received it",
    "looking at metadata (stat, readlink, listing a folder) and changing it (mode, owner, times, attributes) is not listed",
    "datagrams sent by sendmsg without connect are not listed; there is no network that they could reach",
    "programs that the kernel opens at exec show as the executable, not as reads, scripts as an argument of their interpreter, "
    "and loaders below /usr not at all",
    "files created with O_TMPFILE and sockets made by bind are not listed",
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

void coverage_send(const struct coverage *coverage, struct link *link) {
  uint8_t memory[8192];
  struct writer to = {memory, 0, sizeof memory, false};
  unsigned long dropped = coverage->unread_calls + coverage->capped_connects + coverage->lost_processes;
  put_text(&to, "seccomp user notification, ptrace events");
  put_u64(&to, dropped);
  put_u8(&to, dropped == 0 && coverage->attempted_calls == 0 && coverage->unrecorded_steps == 0);
  const char *extra[6];
  size_t extras = 0;
  char lost[3][128];
  char attempted[256];
  if (coverage->attempted_calls > 0) {
    const char *kind = coverage->acts ? "openat2 with O_PATH, whose flags stay in the memory of the process"
                                      : "the kernel is older than Linux 5.19, and every file access is left to it";
    snprintf(attempted, sizeof attempted, "%lu calls are listed as attempted and may have reached another file: %s", coverage->attempted_calls, kind);
    extra[extras++] = attempted;
  }
  if (!coverage->may_trace_others) extra[extras++] = "the guest holds no CAP_SYS_PTRACE: processes may not make themselves undumpable here";
  const struct { unsigned long count; const char *what; } losses[3] = {
      {coverage->unread_calls, "calls whose arguments or process could not be read"},
      {coverage->capped_connects, "connects over the bound of a process"},
      {coverage->lost_processes, "processes that could not be accounted for"},
  };
  for (size_t i = 0; i < 3; i++) {
    if (losses[i].count == 0) continue;
    snprintf(lost[i], sizeof lost[i], "dropped: %lu %s", losses[i].count, losses[i].what);
    extra[extras++] = lost[i];
  }
  if (coverage->unrecorded_steps > 0) extra[extras++] = "a step ran without the recorder because it was asked to";
  put_u16(&to, (uint16_t)(COUNT(BLIND_SPOTS) + extras));
  for (size_t i = 0; i < COUNT(BLIND_SPOTS); i++) put_text(&to, BLIND_SPOTS[i]);
  for (size_t i = 0; i < extras; i++) put_text(&to, extra[i]);
  link_send(link, FRAME_COVERAGE, &to);
}
