// Reports the digests of files in the workspace that a process wrote, when it ends.
#ifndef GLOVEBOX_LEFT_FILES_H
#define GLOVEBOX_LEFT_FILES_H

#include <stdbool.h>
#include <sys/types.h>

#include "link.h"
#include "written-files.h"
#include "written-inodes.h"

#define DIGEST_WRITTEN_MAX (64u << 20)    // bytes of one file
#define DIGEST_PROCESS_MAX (512ull << 20) // bytes of all files of one process
#define PASSED_ON_MAX 20000u

// A file whose digest was sent, but that a child may still write through a descriptor of the ended process.
struct passed_on;

struct left_files {
  struct written_inodes inodes;
  struct passed_on *passed;
  uint32_t passed_used, passed_capacity, passed_omitted;
};

void left_files_init(struct left_files *left);
// A process ended: sends what each file that it wrote holds now. Files that are gone, or are no regular files any more, are
// passed over; those that are too large or can't be read are counted with the omitted. In a folder all are looked at that
// were written in this sandbox by anybody. Nobody else may use `written` meanwhile.
void left_files_report(struct left_files *left, struct written_files *written, struct link *link, uint32_t step, pid_t pid);
// The last process of the step ended: sends the digests of files that changed since their digest was sent.
void left_files_report_passed_on(struct left_files *left, struct link *link, uint32_t step, pid_t pid);
// Forgets the files of struct passed_on.
void left_files_forget(struct left_files *left);

#endif
