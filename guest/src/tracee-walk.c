#include "tracee-walk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "capabilities.h"
#include "proc-owner.h"
#include "process-facts.h"

#define LINKS_MAX 40
#define PROC_ROOT_INODE 1

// `rest` is the part of the path that is not walked yet. After the first name is removed it is empty or starts with a
// slash. The target of a symlink is put in front of it.
struct walk {
  struct tracee *tracee;
  int at;
  int links;
  bool too_long; // one of its names is
  size_t len;
  char rest[2 * PATH_BYTES_MAX];
};

static int open_path(int base, const char *name, int flags) {
  int fd = openat(base, name, O_PATH | O_CLOEXEC | flags);
  return fd < 0 ? -errno : fd;
}

static void move_to(struct walk *walk, int fd) {
  close(walk->at);
  walk->at = fd;
}

// Removes the next name from the front of the rest. Returns false if none is left.
static bool next_name(struct walk *walk, char name[256], bool *last) {
  size_t start = strspn(walk->rest, "/");
  size_t len = strcspn(walk->rest + start, "/");
  if (len == 0) return false;
  if (len > 255) {
    walk->too_long = true;
    return false;
  }
  memcpy(name, walk->rest + start, len);
  name[len] = 0;
  size_t used = start + len;
  *last = walk->rest[used + strspn(walk->rest + used, "/")] == 0;
  walk->len -= used;
  memmove(walk->rest, walk->rest + used, walk->len + 1);
  return true;
}

static int put_in_front(struct walk *walk, const char *target) {
  size_t len = strlen(target);
  if (len + walk->len >= sizeof walk->rest) return -ENAMETOOLONG;
  memmove(walk->rest + len, walk->rest, walk->len + 1);
  memcpy(walk->rest, target, len);
  walk->len += len;
  if (target[0] != '/') return 0;
  int root = open_path(AT_FDCWD, "/", O_DIRECTORY);
  if (root < 0) return root;
  move_to(walk, root);
  return 0;
}

static bool in_proc(int fd, bool *at_root) {
  struct statfs fs;
  struct stat st;
  if (fstatfs(fd, &fs) != 0 || fs.f_type != PROC_SUPER_MAGIC || fstat(fd, &st) != 0) return false;
  *at_root = st.st_ino == PROC_ROOT_INODE;
  return true;
}

static enum proc_owner owner_of(const struct walk *walk) {
  char path[PATH_BYTES_MAX];
  return path_of(walk->at, path) == 0 ? OWNER_GUEST : owner_in_proc(walk->tracee, path);
}

// A magic link: the kernel follows it to an object, not by its text, and checks whether the caller may inspect the process
// that owns the link. The guest may inspect processes that the caller may not: itself, and undumpable ones.
static int follow_magic(struct walk *walk, const char *name) {
  struct worn_capabilities own;
  enum proc_owner owner = owner_of(walk);
  if (owner == OWNER_GUEST || (owner == OWNER_OTHER && !wear_no_capabilities(&own))) return -EACCES;
  int target = open_path(walk->at, name, 0);
  if (owner == OWNER_OTHER) wear_own_capabilities(&own);
  if (target == -EACCES && owner != OWNER_OTHER) walk->tracee->unsure = true;
  if (target < 0) return target;
  move_to(walk, target);
  return 0;
}

// `link` is the symlink `name` in walk->at.
static int follow_link(struct walk *walk, int link, const char *name) {
  if (++walk->links > LINKS_MAX) return -ELOOP;
  bool at_root = false;
  bool proc = in_proc(walk->at, &at_root);
  if (proc && !at_root) return follow_magic(walk, name);
  char target[PATH_BYTES_MAX];
  pid_t parent;
  if (proc && strcmp(name, "self") == 0) {
    snprintf(target, sizeof target, "%d", read_tgid(walk->tracee->tid, &parent));
  } else if (proc && strcmp(name, "thread-self") == 0) {
    snprintf(target, sizeof target, "%d/task/%d", read_tgid(walk->tracee->tid, &parent), walk->tracee->tid);
  } else {
    ssize_t len = readlinkat(link, "", target, sizeof target - 1);
    if (len <= 0) return len < 0 ? -errno : -ENOENT;
    target[len] = 0;
  }
  return put_in_front(walk, target);
}

// An undumpable process may read its own entries in /proc, and the guest may not. The guest copies its descriptors instead.
static int step_hidden(struct walk *walk, const char *name, bool follow) {
  char path[PATH_BYTES_MAX];
  size_t len = path_of(walk->at, path);
  char *end;
  long number = strtol(name, &end, 10);
  bool of_descriptors = len > 3 && strcmp(path + len - 3, "/fd") == 0 && *end == 0 && number >= 0 && number <= INT32_MAX;
  if (of_descriptors && follow && owner_of(walk) == OWNER_CALLER) {
    int fd = tracee_copy_descriptor(walk->tracee, (int)number);
    if (fd >= 0) {
      move_to(walk, fd);
      return 0;
    }
    if (fd == -EBADF) return -ENOENT;
  }
  return -EACCES;
}

static int step(struct walk *walk, const char *name, bool last, bool follow) {
  int fd = open_path(walk->at, name, O_NOFOLLOW);
  bool at_root;
  if (fd == -EACCES && in_proc(walk->at, &at_root)) return step_hidden(walk, name, !last || follow || walk->len > 0);
  if (fd < 0) return fd;
  struct stat st;
  if (fstat(fd, &st) != 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  bool trailing_slash = last && walk->len > 0;
  if (S_ISLNK(st.st_mode) && (!last || follow || trailing_slash)) {
    int result = follow_link(walk, fd, name);
    close(fd);
    return result;
  }
  move_to(walk, fd);
  if ((!last || trailing_slash) && !S_ISDIR(st.st_mode)) return -ENOTDIR;
  return 0;
}

int tracee_walk(struct tracee *tracee, int base, const char *path, bool follow) {
  struct walk walk = {.tracee = tracee, .links = 0, .too_long = false, .len = strlen(path)};
  memcpy(walk.rest, path, walk.len + 1);
  walk.at = path[0] == '/' ? open_path(AT_FDCWD, "/", O_DIRECTORY) : open_path(base, ".", 0);
  if (walk.at < 0) return walk.at;
  char name[256];
  bool last = false;
  while (next_name(&walk, name, &last)) {
    int result = step(&walk, name, last, follow);
    if (result < 0) {
      close(walk.at);
      return result;
    }
  }
  if (!walk.too_long) return walk.at;
  close(walk.at);
  return -ENAMETOOLONG;
}
