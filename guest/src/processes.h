// The table of the processes and threads of the running step.
#ifndef GLOVEBOX_PROCESSES_H
#define GLOVEBOX_PROCESSES_H

#include <pthread.h>
#include <sys/types.h>

#include "access-set.h"
#include "coverage.h"
#include "file-digest.h"
#include "left-files.h"
#include "link.h"
#include "tracee.h"
#include "written-files.h"

#define KEPT_ARGV_MAX (32u << 10)
#define CONNECTS_MAX 32u
#define CONNECTS_TOTAL_MAX 4096u

// A program as it was executed; forks of the process share it.
struct program {
  unsigned references;
  uint32_t argv_len;
  uint32_t argv_omitted;
  bool digest_known;
  struct file_digest digest;
  char executable[PATH_BYTES_MAX];
  uint8_t argv[];
};

struct connect_seen {
  enum net_family family;
  uint16_t port;
  uint16_t len;
  uint32_t times;
  uint8_t address[108];
};

struct process {
  pid_t tgid;
  pid_t parent;
  bool announced; // process.started was sent
  unsigned pins; // calls of its threads that are being served
  struct known_umask umask;
  uint64_t umask_epoch; // when it was read
  uint64_t born_us;
  char *cwd; // at birth
  struct program *program;
  struct access_set files;
  struct written_files written;
  struct connect_seen *connects;
  uint32_t connects_used;
  uint32_t connects_total;
  struct thread *threads;
};

struct thread {
  pid_t tid;
  struct process *process;
  bool sets_umask; // it asked to, and may not have done it yet
  struct thread *next_of_process;
  struct thread *next_in_bucket;
};

#define THREAD_BUCKETS 4096u
#define TID_LIMIT (1u << 22) // the kernel's PID_MAX_LIMIT

struct processes {
  // The tracer and the notification threads meet here. It is held while reports are sent: when the host does not read,
  // both wait, and with them the step.
  pthread_mutex_t lock;
  pthread_cond_t unpinned;
  struct thread *buckets[THREAD_BUCKETS];
  uint8_t early[TID_LIMIT / 8]; // a bit for each task that was seen, alive or dead, before its parent's event named it
  struct access_budget budget;
  struct link *link;
  struct coverage *coverage;
  struct process_facts *facts; // scratch, used at an exec stop
  struct known_digests *digests;
  struct left_files left;
  uint32_t count; // of processes
  uint32_t step;
  // Processes can share an umask, so that whoever sets one may have set all; what was read before is of an earlier epoch.
  uint64_t umask_epoch;
  uint32_t umask_setters; // threads that may be about to
};

void processes_init(struct processes *all, struct link *link, struct coverage *coverage);
// A recorded step begins.
void processes_begin(struct processes *all, uint32_t step);
// Everything below is called with the lock held.
struct thread *processes_find(struct processes *all, pid_t tid);
struct process *processes_add(struct processes *all, pid_t tgid, pid_t parent, struct program *program);
void processes_add_thread(struct processes *all, struct process *process, pid_t tid);
void processes_remove_thread(struct processes *all, pid_t tid);
// Notes that the task was seen before the kernel's event about its birth.
void processes_seen_early(struct processes *all, pid_t tid);
// Whether the task was seen before this event about its birth.
bool processes_was_seen(struct processes *all, pid_t tid);
// Removes all threads but the leader, as an exec does.
void processes_keep_leader(struct processes *all, struct process *process);
void processes_remove(struct processes *all, struct process *process);
// While its call is served a process stays on the record, with the program that it ran: what is given to one of its threads
// may be used by another that then ends them all.
struct process *processes_pin(struct process *process);
void processes_unpin(struct processes *all, struct process *process);
void processes_await_unpinned(struct processes *all, struct process *process);
// A thread that makes a new call has finished its previous one.
void processes_umask_settled(struct processes *all, struct thread *thread);
// The thread, or one that nobody knows, is about to set an umask.
void processes_umask_unsettled(struct processes *all, struct thread *thread);
// Where what is read of the process's umask may be kept; NULL while it may change.
struct known_umask *processes_umask(struct processes *all, struct process *process);
// Empties the table after a step and returns the number of processes that were left; it should be 0.
unsigned processes_clear(struct processes *all);

struct program *program_share(struct program *program);
void program_release(struct program *program);

#endif
