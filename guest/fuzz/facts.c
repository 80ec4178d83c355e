// What process-facts.c makes of /proc: a status file whose name is the attacker's, escaped as the kernel does it, and
// an argv and links of any bytes. `open`, `read`, `close` and `readlink` are this file's (see Makefile).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "give-up.h"
#include "process-facts.h"

static struct bytes content;
static size_t filler; // bytes of 'f' before the content, so that a short input can be a long argv
static struct bytes link_target;
static char status[4096];
static size_t status_len;
static bool reads_status;
static size_t most;

int fuzz_open(const char *path, int flags, ...);
int fuzz_open(const char *path, int flags, ...) {
  (void)flags;
  reads_status = strstr(path, "/status") != NULL;
  return 3;
}

int fuzz_close(int fd);
int fuzz_close(int fd) {
  (void)fd;
  return 0;
}

static ssize_t give(struct bytes *from, void *to, size_t len) {
  if (filler > 0) {
    if (len > filler) len = filler;
    memset(to, 'f', len);
    filler -= len;
    return (ssize_t)len;
  }
  if (len > most) len = most;
  if (len > from->len) len = from->len;
  if (len > 0) memcpy(to, from->data, len);
  from->data += len;
  from->len -= len;
  return (ssize_t)len;
}

ssize_t fuzz_read(int fd, void *to, size_t len);
ssize_t fuzz_read(int fd, void *to, size_t len) {
  (void)fd;
  if (!reads_status) return give(&content, to, len);
  // /proc gives a file that fits in one read.
  MUST(len > status_len);
  memcpy(to, status, status_len);
  return (ssize_t)status_len;
}

ssize_t fuzz_readlink(const char *path, char *to, size_t len);
ssize_t fuzz_readlink(const char *path, char *to, size_t len) {
  (void)path;
  struct bytes all = link_target;
  return give(&all, to, len);
}

// Digests are not looked at here.
bool executable_digest(struct known_digests *known, pid_t pid, struct file_digest *digest) {
  (void)known;
  (void)pid;
  (void)digest;
  return false;
}

// fs/proc/array.c, proc_task_name: line feeds and backslashes are escaped, nothing else is.
static void write_status(struct bytes name, pid_t tgid, pid_t parent) {
  size_t at = (size_t)sprintf(status, "Name:\t");
  for (size_t i = 0; i < name.len && name.data[i] != 0; i++) {
    if (name.data[i] == '\n' || name.data[i] == '\\') status[at++] = '\\';
    status[at++] = name.data[i] == '\n' ? 'n' : (char)name.data[i];
  }
  at += (size_t)sprintf(status + at, "\nUmask:\t0022\nState:\tt (tracing stop)\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t1\n",
                        tgid, tgid, parent);
  status_len = at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  if (len < 24) return 0;
  most = data[0] == 0 ? SIZE_MAX : data[0];
  pid_t tgid = 1 + data[1] * 256 + data[2];
  pid_t wanted = data[3] * 256 + data[4];
  // TASK_COMM_LEN is 16 with its NUL, kernel threads' names (64) aside.
  write_status((struct bytes){data + 5, 15}, tgid, wanted);
  pid_t parent = -1;
  MUST(read_tgid(tgid, &parent) == tgid);
  MUST(parent == wanted);

  struct process_facts *facts = malloc(sizeof *facts);
  memset(facts, 0xaa, sizeof *facts);
  link_target = content = (struct bytes){data + 20, len - 20};
  size_t before = data[0] % 2 == 0 ? 0 : (size_t)tgid * 8;
  filler = before;
  size_t all = before + content.len;
  read_process_facts(tgid, NULL, facts);
  MUST(facts->parent == wanted);
  MUST(facts->argv_len == (all < ARGV_MAX ? all : ARGV_MAX) && facts->argv_len + facts->argv_omitted == all);
  if (facts->argv_len > before) MUST(memcmp(facts->argv + before, data + 20, facts->argv_len - before) == 0);
  MUST(memchr(facts->cwd, 0, sizeof facts->cwd) != NULL && memchr(facts->executable, 0, sizeof facts->executable) != NULL);
  struct program *program = program_of(facts);
  MUST(program->argv_len + program->argv_omitted == all);
  free(program);
  free(facts);
  return 0;
}
