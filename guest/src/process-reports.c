#include "process-reports.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "clock.h"
#include "die.h"
#include "mapped-files.h"
#include "process-facts.h"

static struct bytes text_bytes(const char *text) {
  return (struct bytes){(const uint8_t *)text, text == NULL ? 0 : strlen(text)};
}

static struct bytes digest_bytes(bool known, const struct file_digest *digest) {
  return (struct bytes){digest->sha256, known ? sizeof digest->sha256 : 0};
}

static void send_started(struct processes *all, const struct started_message *message) {
  size_t size = message->argv.len + message->cwd.len + message->executable.len + message->digest.len + 64;
  struct writer to = {must_alloc(NULL, size), 0, size, false};
  encode_started(&to, message);
  link_send(all->link, FRAME_STARTED, &to);
  free(to.data);
}

static void announce_fork(struct processes *all, struct process *process) {
  if (process->announced) return;
  const struct program *program = process->program;
  struct started_message message = {
      .step = all->step, .pid = (uint32_t)process->tgid, .parent = (uint32_t)process->parent, .origin = ORIGIN_FORK};
  if (program != NULL) {
    message.argv = (struct bytes){program->argv, program->argv_len};
    message.argv_omitted = program->argv_omitted;
    message.executable = text_bytes(program->executable);
    message.digest = digest_bytes(program->digest_known, &program->digest);
  }
  message.cwd = text_bytes(process->cwd);
  send_started(all, &message);
  process->announced = true;
}

static bool still_stopped(pid_t pid) {
  unsigned long message;
  return ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message) == 0;
}

struct loading {
  struct processes *all;
  struct process *process;
};

static bool starts_with(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

// Files that a step can't write are not listed again for each program.
static void list_loaded(void *state, const char *path) {
  const struct loading *loading = state;
  bool known = starts_with(path, "/usr/") || strcmp(path, loading->process->program->executable) == 0;
  if (!known) access_add(&loading->process->files, &loading->all->budget, ACCESS_READ, text_bytes(path), text_bytes(NULL));
}

void report_exec(struct processes *all, struct process *process) {
  if (process->announced) {
    report_gathered(all, process);
    access_forget(&process->files, &all->budget);
  }
  struct process_facts *facts = all->facts;
  read_process_facts(process->tgid, all->digests, facts);
  // Only SIGKILL moves a process away from its exec stop: then the program never ran.
  if (!facts->complete && !still_stopped(process->tgid)) return;
  if (!facts->complete) all->coverage->lost_processes++;
  if (facts->parent > 0) process->parent = facts->parent;
  struct started_message message = {
      .step = all->step, .pid = (uint32_t)process->tgid, .parent = (uint32_t)process->parent, .origin = ORIGIN_EXEC,
      .argv_omitted = facts->argv_omitted, .argv = {facts->argv, facts->argv_len}, .cwd = text_bytes(facts->cwd),
      .executable = text_bytes(facts->executable), .digest = digest_bytes(facts->digest_known, &facts->digest)};
  send_started(all, &message);
  process->announced = true;
  program_release(process->program);
  process->program = program_of(facts);
  free(process->cwd);
  process->cwd = strdup(facts->cwd);
  struct loading loading = {all, process};
  if (!each_mapped_file(process->tgid, list_loaded, &loading) && still_stopped(process->tgid)) all->coverage->unread_calls++;
}

static void send_connects(struct processes *all, struct process *process) {
  for (uint32_t i = 0; i < process->connects_used; i++) {
    const struct connect_seen *seen = &process->connects[i];
    uint8_t memory[256];
    struct writer to = {memory, 0, sizeof memory, false};
    struct net_message message = {.step = all->step, .pid = (uint32_t)process->tgid, .family = seen->family,
                                  .port = seen->port, .times = seen->times, .address = {seen->address, seen->len}};
    encode_net(&to, &message);
    link_send(all->link, FRAME_NET, &to);
  }
  process->connects_used = 0;
}

void report_gathered(struct processes *all, struct process *process) {
  struct access_set *files = &process->files;
  if (access_is_empty(files) && process->connects_used == 0) return;
  announce_fork(all, process);
  if (!access_is_empty(files)) {
    uint8_t memory[32];
    struct writer head = {memory, 0, sizeof memory, false};
    encode_files(&head, all->step, (uint32_t)process->tgid, files->omitted, files->pending_paths);
    link_send2(all->link, FRAME_FILES, (struct bytes){head.data, head.len}, (struct bytes){files->pending, files->pending_bytes});
    access_sent(files);
  }
  send_connects(all, process);
}

void report_mark(struct processes *all) {
  for (uint32_t i = 0; i < THREAD_BUCKETS; i++) {
    for (struct thread *thread = all->buckets[i]; thread != NULL; thread = thread->next_in_bucket) {
      struct process *process = thread->process;
      if (process->threads != thread) continue; // once for each process
      report_gathered(all, process);
      access_forget(&process->files, &all->budget);
    }
  }
}

static uint64_t microseconds(struct timeval time) { return (uint64_t)time.tv_sec * 1000000u + (uint64_t)time.tv_usec; }

void report_end(struct processes *all, struct process *process) {
  announce_fork(all, process);
  report_gathered(all, process);
  left_files_report(&all->left, &process->written, all->link, all->step, process->tgid);
  if (all->count == 1) left_files_report_passed_on(&all->left, all->link, all->step, process->tgid);
}

void report_exit(struct processes *all, struct process *process, int status, const struct rusage *usage) {
  report_end(all, process);
  bool signalled = WIFSIGNALED(status);
  struct exited_message message = {
      .step = all->step,
      .pid = (uint32_t)process->tgid,
      .signalled = signalled,
      .status = (uint32_t)(signalled ? WTERMSIG(status) : WEXITSTATUS(status)),
      .wall_us = now_us() - process->born_us,
      .cpu_us = microseconds(usage->ru_utime) + microseconds(usage->ru_stime),
      .max_rss = (uint64_t)usage->ru_maxrss * 1024u,
  };
  uint8_t memory[64];
  struct writer to = {memory, 0, sizeof memory, false};
  encode_exited(&to, &message);
  link_send(all->link, FRAME_EXITED, &to);
}
