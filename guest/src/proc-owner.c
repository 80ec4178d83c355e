#include "proc-owner.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process-facts.h"

enum proc_owner owner_in_proc(struct tracee *tracee, const char *path) {
  char *end;
  long number = strncmp(path, "/proc/", 6) == 0 ? strtol(path + 6, &end, 10) : 0;
  if (number <= 0 || number > INT32_MAX || (*end != 0 && *end != '/')) return OWNER_NONE;
  if (number == tracee->tid) return OWNER_CALLER;
  pid_t parent;
  pid_t process = read_tgid((pid_t)number, &parent);
  if (process == getpid()) return OWNER_GUEST;
  return process != 0 && process == read_tgid(tracee->tid, &parent) ? OWNER_CALLER : OWNER_OTHER;
}
