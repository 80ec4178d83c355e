// Reads facts about a process from the kernel while the process is stopped at its exec.
#ifndef GLOVEBOX_PROCESS_FACTS_H
#define GLOVEBOX_PROCESS_FACTS_H

#include "processes.h"

#define ARGV_MAX (256u << 10)

struct process_facts {
  bool complete;
  pid_t parent;
  uint32_t argv_len;
  uint32_t argv_omitted;
  bool digest_known;
  struct file_digest digest;
  char cwd[PATH_BYTES_MAX];
  char executable[PATH_BYTES_MAX];
  uint8_t argv[ARGV_MAX]; // each argument ends in NUL
};

void read_process_facts(pid_t tgid, struct known_digests *digests, struct process_facts *facts);
// What is kept of them for forks that never execute a program; argv is shortened.
struct program *program_of(const struct process_facts *facts);
// Working directory of a process, in memory of the caller's; NULL when it can't be read.
char *read_cwd(pid_t tgid);
// Process that a thread belongs to and its parent, asked from the kernel; 0 when it is gone.
pid_t read_tgid(pid_t tid, pid_t *parent);
// Whether a signal is pending that only this thread of its process can handle.
bool has_signal(pid_t tid);

#endif
