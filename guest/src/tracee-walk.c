#include "tracee-walk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "process-facts.h"

#define LINKS_MAX 40
#define PROC_ROOT_INODE 1

// `rest` is still to be walked; it is empty or starts with a slash once a name was taken off its front. Symlink
// targets are put in front of it.
struct walk {
  struct tracee *tracee;
  int at;
  int links;
  size_t len;
  char rest[2 * PATH_BYTES_MAX];
};

pid_t tgid_of(pid_t tid, pid_t *parent) { return read_tgid(tid, parent); }

static int open_path(int base, const char *name, int flags) {
  int fd = openat(base, name, O_PATH | O_CLOEXEC | flags);
  return fd < 0 ? -errno : fd;
}

static void move_to(struct walk *walk, int fd) {
  close(walk->at);
  walk->at = fd;
}

// Takes the next name off the front; false when none is left.
static bool next_name(struct walk *walk, char name[256], bool *last) {
  size_t start = strspn(walk->rest, "/");
  size_t len = strcspn(walk->rest + start, "/");
  if (len == 0) return false;
  if (len > 255) len = 255; // too long for the kernel as well: the lookup fails
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

// `link` is the symlink `name` in walk->at.
static int follow_link(struct walk *walk, int link, const char *name) {
  if (++walk->links > LINKS_MAX) return -ELOOP;
  bool at_root = false;
  bool proc = in_proc(walk->at, &at_root);
  if (proc && !at_root) {
    // A magic link: the kernel follows it to an object, not by its text.
    int target = open_path(walk->at, name, 0);
    if (target < 0) {
      if (target == -EACCES) walk->tracee->unsure = true;
      return target;
    }
    move_to(walk, target);
    return 0;
  }
  char target[PATH_BYTES_MAX];
  pid_t parent;
  if (proc && strcmp(name, "self") == 0) {
    snprintf(target, sizeof target, "%d", tgid_of(walk->tracee->tid, &parent));
  } else if (proc && strcmp(name, "thread-self") == 0) {
    snprintf(target, sizeof target, "%d/task/%d", tgid_of(walk->tracee->tid, &parent), walk->tracee->tid);
  } else {
    ssize_t len = readlinkat(link, "", target, sizeof target - 1);
    if (len <= 0) return len < 0 ? -errno : -ENOENT;
    target[len] = 0;
  }
  return put_in_front(walk, target);
}

static int step(struct walk *walk, const char *name, bool last, bool follow) {
  int fd = open_path(walk->at, name, O_NOFOLLOW);
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
  struct walk walk = {.tracee = tracee, .links = 0, .len = strlen(path)};
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
  return walk.at;
}
