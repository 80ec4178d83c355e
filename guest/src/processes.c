#include "processes.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "die.h"
#include "process-facts.h"

void processes_init(struct processes *all, struct link *link, struct coverage *coverage) {
  memset(all, 0, sizeof *all);
  pthread_mutex_init(&all->lock, NULL);
  pthread_cond_init(&all->unpinned, NULL);
  access_budget_init(&all->budget);
  all->link = link;
  all->coverage = coverage;
  all->facts = must_alloc(NULL, sizeof *all->facts);
  all->digests = known_digests_new();
  left_files_init(&all->left);
}

void processes_begin(struct processes *all, uint32_t step) {
  pthread_mutex_lock(&all->lock);
  all->step = step;
  pthread_mutex_unlock(&all->lock);
}

struct program *program_share(struct program *program) {
  if (program != NULL) program->references++;
  return program;
}

void program_release(struct program *program) {
  if (program != NULL && --program->references == 0) free(program);
}

static struct thread **bucket_of(struct processes *all, pid_t tid) { return &all->buckets[(uint32_t)tid % THREAD_BUCKETS]; }

struct thread *processes_find(struct processes *all, pid_t tid) {
  struct thread *thread = *bucket_of(all, tid);
  while (thread != NULL && thread->tid != tid) thread = thread->next_in_bucket;
  return thread;
}

struct process *processes_add(struct processes *all, pid_t tgid, pid_t parent, struct program *program) {
  struct process *process = must_alloc(NULL, sizeof *process);
  memset(process, 0, sizeof *process);
  process->tgid = tgid;
  process->parent = parent;
  process->born_us = now_us();
  process->program = program_share(program);
  processes_add_thread(all, process, tgid);
  all->count++;
  return process;
}

void processes_add_thread(struct processes *all, struct process *process, pid_t tid) {
  struct thread *thread = must_alloc(NULL, sizeof *thread);
  *thread = (struct thread){
      .tid = tid, .process = process, .next_of_process = process->threads, .next_in_bucket = *bucket_of(all, tid)};
  process->threads = thread;
  *bucket_of(all, tid) = thread;
}

void processes_umask_settled(struct processes *all, struct thread *thread) {
  if (!thread->sets_umask) return;
  thread->sets_umask = false;
  all->umask_setters--;
  all->umask_epoch++;
}

void processes_umask_unsettled(struct processes *all, struct thread *thread) {
  if (thread != NULL) thread->sets_umask = true;
  all->umask_setters++; // of one that nobody knows, for good
  all->umask_epoch++;
}

struct known_umask *processes_umask(struct processes *all, struct process *process) {
  if (all->umask_setters > 0) return NULL;
  if (process->umask_epoch != all->umask_epoch) process->umask.known = false;
  process->umask_epoch = all->umask_epoch;
  return &process->umask;
}

struct process *processes_pin(struct process *process) {
  process->pins++;
  return process;
}

void processes_unpin(struct processes *all, struct process *process) {
  if (--process->pins == 0) pthread_cond_signal(&all->unpinned);
}

void processes_await_unpinned(struct processes *all, struct process *process) {
  while (process->pins > 0) pthread_cond_wait(&all->unpinned, &all->lock);
}

static void unlink_thread(struct processes *all, struct thread *thread) {
  processes_umask_settled(all, thread);
  struct thread **at = bucket_of(all, thread->tid);
  while (*at != thread) at = &(*at)->next_in_bucket;
  *at = thread->next_in_bucket;
  at = &thread->process->threads;
  while (*at != thread) at = &(*at)->next_of_process;
  *at = thread->next_of_process;
  free(thread);
}

void processes_remove_thread(struct processes *all, pid_t tid) {
  struct thread *thread = processes_find(all, tid);
  if (thread != NULL) unlink_thread(all, thread);
}

void processes_seen_early(struct processes *all, pid_t tid) {
  if ((uint32_t)tid < TID_LIMIT) all->early[(uint32_t)tid / 8] |= (uint8_t)(1u << ((uint32_t)tid % 8));
}

bool processes_was_seen(struct processes *all, pid_t tid) {
  if ((uint32_t)tid >= TID_LIMIT) return false;
  uint8_t bit = (uint8_t)(1u << ((uint32_t)tid % 8));
  uint8_t *byte = &all->early[(uint32_t)tid / 8];
  bool seen = (*byte & bit) != 0;
  *byte &= (uint8_t)~bit;
  return seen;
}

void processes_keep_leader(struct processes *all, struct process *process) {
  struct thread *next = process->threads;
  while (next != NULL) {
    struct thread *thread = next;
    next = thread->next_of_process;
    if (thread->tid != process->tgid) unlink_thread(all, thread);
  }
}

void processes_remove(struct processes *all, struct process *process) {
  while (process->threads != NULL) unlink_thread(all, process->threads);
  access_free(&process->files, &all->budget);
  written_free(&process->written);
  program_release(process->program);
  free(process->connects);
  free(process->cwd);
  free(process);
  all->count--;
}

unsigned processes_clear(struct processes *all) {
  unsigned left = 0;
  for (uint32_t i = 0; i < THREAD_BUCKETS; i++) {
    while (all->buckets[i] != NULL) {
      processes_remove(all, all->buckets[i]->process);
      left++;
    }
  }
  all->umask_setters = 0;
  left_files_forget(&all->left);
  return left;
}
