#include "process-facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"

#define STATUS_MAX 4096

static int open_fact(pid_t pid, const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  return open(path, O_RDONLY | O_CLOEXEC);
}

static bool read_link(pid_t pid, const char *name, char target[PATH_BYTES_MAX]) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  ssize_t len = readlink(path, target, PATH_BYTES_MAX - 1);
  target[len > 0 ? len : 0] = 0;
  return len > 0;
}

static bool read_argv(pid_t pid, struct process_facts *facts) {
  int fd = open_fact(pid, "cmdline");
  if (fd < 0) return false;
  uint8_t over[4096];
  ssize_t got = 1;
  while (got > 0) {
    size_t room = ARGV_MAX - facts->argv_len;
    got = room > 0 ? read(fd, facts->argv + facts->argv_len, room) : read(fd, over, sizeof over);
    if (got > 0 && room > 0) facts->argv_len += (uint32_t)got;
    else if (got > 0) facts->argv_omitted += (uint32_t)got;
  }
  close(fd);
  return got == 0;
}

// The name of a process comes first in its status and is the attacker's, but the kernel escapes line feeds in it.
static unsigned long long parse_after(const char *text, const char *label, int base) {
  const char *at = strstr(text, label);
  return at == NULL ? 0 : strtoull(at + strlen(label), NULL, base);
}

static bool read_status(pid_t tid, char text[STATUS_MAX]) {
  int fd = open_fact(tid, "status");
  if (fd < 0) return false;
  ssize_t len = read(fd, text, STATUS_MAX - 1);
  close(fd);
  text[len > 0 ? len : 0] = 0;
  return len > 0;
}

pid_t read_tgid(pid_t tid, pid_t *parent) {
  char text[STATUS_MAX];
  if (!read_status(tid, text)) return 0;
  *parent = (pid_t)parse_after(text, "\nPPid:", 10);
  return (pid_t)parse_after(text, "\nTgid:", 10);
}

bool has_signal(pid_t tid) {
  char text[STATUS_MAX];
  if (!read_status(tid, text)) return false;
  unsigned long long waiting = parse_after(text, "\nSigPnd:", 16);
  if (parse_after(text, "\nThreads:", 10) == 1) waiting |= parse_after(text, "\nShdPnd:", 16);
  return (waiting & ~parse_after(text, "\nSigBlk:", 16)) != 0;
}

void read_process_facts(pid_t tgid, struct known_digests *digests, struct process_facts *facts) {
  facts->argv_len = 0;
  facts->argv_omitted = 0;
  facts->parent = 0;
  bool argv = read_argv(tgid, facts);
  bool cwd = read_link(tgid, "cwd", facts->cwd);
  bool executable = read_link(tgid, "exe", facts->executable);
  facts->digest_known = executable_digest(digests, tgid, &facts->digest);
  pid_t parent = 0;
  bool status = read_tgid(tgid, &parent) != 0;
  facts->parent = parent;
  facts->complete = argv && cwd && executable && status;
}

struct program *program_of(const struct process_facts *facts) {
  uint32_t kept = facts->argv_len < KEPT_ARGV_MAX ? facts->argv_len : KEPT_ARGV_MAX;
  struct program *program = must_alloc(NULL, sizeof *program + kept);
  program->references = 1;
  program->argv_len = kept;
  program->argv_omitted = facts->argv_omitted + (facts->argv_len - kept);
  program->digest_known = facts->digest_known;
  program->digest = facts->digest;
  memcpy(program->executable, facts->executable, sizeof program->executable);
  memcpy(program->argv, facts->argv, kept);
  return program;
}

char *read_cwd(pid_t tgid) {
  char target[PATH_BYTES_MAX];
  return read_link(tgid, "cwd", target) ? strdup(target) : NULL;
}
