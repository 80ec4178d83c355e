#include "left-files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "die.h"
#include "file-digest.h"

#define BATCH_BYTES (60u << 10)
#define ENTRY_ROOM (2u * PATH_BYTES_MAX + 64u)
#define LOOKED_AT_MAX 100000u // entries of folders, for one process
#define DEPTH_MAX 100
#define SETTLED_NS 50000000 // two changes within one tick of the kernel's clock look like one

struct passed_on {
  char *path;
  struct stat seen;
  bool settled;
  uint8_t sha256[SHA256_BYTES];
};

struct report {
  struct left_files *left;
  struct link *link;
  uint32_t step;
  pid_t pid;
  uint32_t count, omitted;
  uint64_t room;
  uint32_t looked_at;
  bool keeps; // what it sends, for the end of the step
  struct writer entries;
};

void left_files_init(struct left_files *left) {
  memset(left, 0, sizeof *left);
  written_inodes_init(&left->inodes);
}

enum finding { FOUND, FOLDER, GONE, OVER };

// A symlink on the way was created after the write, so the file no longer exists under this path.
static enum finding find_digest(const char *path, uint64_t *room, struct stat *st, struct file_digest *digest) {
  struct open_how how = {.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
  // Check the type first, since opening a pipe or a device has side effects.
  struct open_how place = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
  int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &place, sizeof place);
  if (fd < 0) return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? GONE : OVER;
  bool known = fstat(fd, st) == 0;
  close(fd);
  if (known && S_ISDIR(st->st_mode)) return FOLDER;
  if (!known || !S_ISREG(st->st_mode)) return GONE;
  if ((uint64_t)st->st_size > DIGEST_WRITTEN_MAX || (uint64_t)st->st_size > *room) return OVER;
  fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
  if (fd < 0) return errno == ENOENT ? GONE : OVER;
  bool read = fstat(fd, st) == 0 && S_ISREG(st->st_mode) && file_digest(fd, DIGEST_WRITTEN_MAX, digest);
  close(fd);
  if (!read) return OVER;
  *room = digest->size > *room ? 0 : *room - digest->size;
  return FOUND;
}

static void send_batch(struct report *report, uint32_t omitted) {
  if (report->count == 0 && omitted == 0) return;
  uint8_t memory[32];
  struct writer head = {memory, 0, sizeof memory, false};
  encode_digests(&head, report->step, (uint32_t)report->pid, omitted, report->count);
  struct bytes entries = {report->entries.data, report->entries.len};
  link_send2(report->link, FRAME_DIGESTS, (struct bytes){head.data, head.len}, entries);
  report->count = 0;
  report->entries.len = 0;
}

static void send_digest(struct report *report, const char *path, const struct file_digest *digest) {
  encode_digest(&report->entries, (struct bytes){(const uint8_t *)path, strlen(path)}, digest->size, digest->sha256);
  report->count++;
  if (report->entries.len >= BATCH_BYTES) send_batch(report, 0);
}

static bool is_settled(const struct stat *st) {
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return false;
  return (now.tv_sec - st->st_ctim.tv_sec) * 1000000000ll + (now.tv_nsec - st->st_ctim.tv_nsec) > SETTLED_NS;
}

static void keep(struct left_files *left, const char *path, const struct stat *st, const struct file_digest *digest) {
  if (left->passed_used == PASSED_ON_MAX) {
    left->passed_omitted++;
    return;
  }
  if (left->passed_used == left->passed_capacity) {
    left->passed_capacity = left->passed_capacity == 0 ? 64 : left->passed_capacity * 2;
    left->passed = must_alloc(left->passed, left->passed_capacity * sizeof *left->passed);
  }
  struct passed_on *entry = &left->passed[left->passed_used++];
  *entry = (struct passed_on){.path = must_alloc(NULL, strlen(path) + 1), .seen = *st, .settled = is_settled(st)};
  strcpy(entry->path, path);
  memcpy(entry->sha256, digest->sha256, sizeof entry->sha256);
}

static void report_folder(struct report *report, char path[PATH_BYTES_MAX]);

static void report_path(struct report *report, char path[PATH_BYTES_MAX]) {
  struct file_digest digest;
  struct stat st;
  switch (find_digest(path, &report->room, &st, &digest)) {
    case FOLDER: report_folder(report, path); break;
    case OVER: report->omitted++; break;
    case GONE: break;
    case FOUND:
      send_digest(report, path, &digest);
      if (report->keeps) keep(report->left, path, &st, &digest);
      break;
  }
}

static int open_folder(int parent, const char *name) {
  return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

// Walks the folder `fd` at `path` and closes `fd`. It descends by descriptors, so that no swapped name can lead it outside.
static void walk(struct report *report, int fd, char path[PATH_BYTES_MAX], int depth) {
  DIR *folder = fd < 0 || depth > DEPTH_MAX ? NULL : fdopendir(fd);
  if (folder == NULL) {
    report->omitted++;
    if (fd >= 0) close(fd);
    return;
  }
  size_t len = strlen(path);
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    struct stat st;
    bool fits = len + 1 + strlen(entry->d_name) < PATH_BYTES_MAX;
    if (report->looked_at++ >= LOOKED_AT_MAX || !fits) {
      report->omitted++;
      if (fits) break;
      continue;
    }
    if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
    bool written = S_ISREG(st.st_mode) && written_inodes_has(&report->left->inodes, file_id_of(&st));
    if (!written && !S_ISDIR(st.st_mode)) continue;
    path[len] = '/';
    strcpy(path + len + 1, entry->d_name);
    if (written) report_path(report, path);
    else walk(report, open_folder(fd, entry->d_name), path, depth + 1);
    path[len] = 0;
  }
  closedir(folder);
}

static void report_folder(struct report *report, char path[PATH_BYTES_MAX]) {
  struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
  walk(report, (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how), path, 0);
}

static struct report begin(struct left_files *left, struct link *link, uint32_t step, pid_t pid) {
  struct writer entries = {must_alloc(NULL, BATCH_BYTES + ENTRY_ROOM), 0, BATCH_BYTES + ENTRY_ROOM, false};
  return (struct report){.left = left, .link = link, .step = step, .pid = pid, .room = DIGEST_PROCESS_MAX, .entries = entries};
}

static void finish(struct report *report) {
  send_batch(report, report->omitted);
  free(report->entries.data);
}

void left_files_report(struct left_files *left, struct written_files *written, struct link *link, uint32_t step, pid_t pid) {
  if (written->len == 0 && written->omitted == 0) return;
  struct report report = begin(left, link, step, pid);
  report.keeps = written->passed_on;
  report.omitted = written->omitted;
  const char **paths;
  uint32_t count = written_paths(written, &paths);
  for (uint32_t i = 0; i < count; i++) {
    char path[PATH_BYTES_MAX];
    if (strlen(paths[i]) >= sizeof path) report.omitted++;
    else report_path(&report, strcpy(path, paths[i]));
  }
  finish(&report);
  free(paths);
  written->len = 0;
  written->omitted = 0;
}

static bool is_unchanged(const struct passed_on *entry) {
  struct stat st;
  return entry->settled && lstat(entry->path, &st) == 0 && st.st_ino == entry->seen.st_ino && st.st_size == entry->seen.st_size &&
         st.st_ctim.tv_sec == entry->seen.st_ctim.tv_sec && st.st_ctim.tv_nsec == entry->seen.st_ctim.tv_nsec;
}

void left_files_report_passed_on(struct left_files *left, struct link *link, uint32_t step, pid_t pid) {
  if (left->passed_used == 0) return;
  struct report report = begin(left, link, step, pid);
  report.omitted = left->passed_omitted;
  for (uint32_t i = 0; i < left->passed_used; i++) {
    const struct passed_on *entry = &left->passed[i];
    if (is_unchanged(entry)) continue;
    struct file_digest digest;
    struct stat st;
    enum finding finding = find_digest(entry->path, &report.room, &st, &digest);
    if (finding == OVER) report.omitted++;
    if (finding == FOUND && memcmp(digest.sha256, entry->sha256, sizeof entry->sha256) != 0) send_digest(&report, entry->path, &digest);
  }
  finish(&report);
  left_files_forget(left);
}

void left_files_forget(struct left_files *left) {
  for (uint32_t i = 0; i < left->passed_used; i++) free(left->passed[i].path);
  free(left->passed);
  left->passed = NULL;
  left->passed_used = left->passed_capacity = left->passed_omitted = 0;
}
