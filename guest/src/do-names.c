#include "do-names.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "opened-file.h"
#include "place.h"

// Finds the place of the name. Returns false if the deed already has its answer.
static bool find(struct tracee *tracee, struct name_at name, struct place *place, struct deed *deed) {
  char path[PATH_BYTES_MAX];
  place->folder = -1;
  int len = tracee_read_string(tracee, name.path, path);
  int error = len < 0 ? -len : len == 0 ? ENOENT : 0;
  if (error == 0) error = place_find(tracee, name.dirfd, path, 0, place);
  if (tracee->unsure) deed_unsure(tracee, deed);
  else if (error != 0) deed_fail(deed, error);
  else if ((deed->path_len = place_path(place, deed->path)) == 0) deed_fail(deed, ENAMETOOLONG); // what can't be named on the record is not done
  else return true;
  place_close(place);
  return false;
}

// Like find, for a name to be created: it refuses a name that could not be opened again.
static bool find_new(struct tracee *tracee, struct name_at name, struct place *place, struct deed *deed) {
  if (!find(tracee, name, place, deed)) return false;
  if (deed->path_len < PATH_BYTES_MAX) return true;
  deed_fail(deed, ENAMETOOLONG);
  place_close(place);
  return false;
}

// Sets the answer of the deed from the result of the call and its errno.
static bool done(struct deed *deed, const struct place *place, unsigned kinds, int result, int error) {
  if (result != 0) {
    deed_fail(deed, error);
    return false;
  }
  deed->answer = ANSWER_DONE;
  deed->path_len = place_path(place, deed->path);
  deed->kinds = kinds;
  return true;
}

static struct file_id id_at(const struct place *place) {
  struct stat st;
  memset(&st, 0, sizeof st);
  fstatat(place->folder, place_name(place), &st, AT_SYMLINK_NOFOLLOW);
  return file_id_of(&st);
}

void do_remove(struct tracee *tracee, struct name_at name, int flags, struct deed *deed) {
  struct place place;
  if (flags & ~AT_REMOVEDIR) return deed_fail(deed, EINVAL);
  if (!find(tracee, name, &place, deed)) return;
  if (tracee_confirm(tracee)) {
    int result = unlinkat(place.folder, place_name(&place), flags);
    done(deed, &place, KIND(ACCESS_REMOVED), result, errno);
  }
  place_close(&place);
}

struct making {
  mode_t mode;
  bool folder;
  unsigned device; // of what is no folder, where the mode asks for one
};

// Creates a file or folder with a mode, reduced by the process's umask.
static void make(struct tracee *tracee, struct name_at name, struct making what, struct deed *deed) {
  struct place place;
  if (!find_new(tracee, name, &place, deed)) return;
  mode_t own;
  if (!tracee_wear_umask(tracee, &own)) {
    deed_unsure(tracee, deed);
  } else {
    if (tracee_confirm(tracee)) {
      const char *made = place_name(&place);
      long result = what.folder ? mkdirat(place.folder, made, what.mode) : syscall(SYS_mknodat, place.folder, made, what.mode, what.device);
      done(deed, &place, KIND(ACCESS_CREATED), (int)result, errno);
    }
    umask(own);
  }
  place_close(&place);
}

void do_mkdir(struct tracee *tracee, struct name_at name, mode_t mode, struct deed *deed) {
  make(tracee, name, (struct making){.mode = mode, .folder = true}, deed);
}

void do_mknod(struct tracee *tracee, struct name_at name, mode_t mode, uint64_t device, struct deed *deed) {
  make(tracee, name, (struct making){.mode = mode, .device = (unsigned)device}, deed);
}

void do_symlink(struct tracee *tracee, uint64_t address, struct name_at name, struct deed *deed) {
  char target[PATH_BYTES_MAX];
  int len = tracee_read_string(tracee, address, target);
  if (tracee->unsure) return deed_unsure(tracee, deed);
  if (len <= 0) return deed_fail(deed, len == 0 ? ENOENT : -len);
  struct place place;
  if (!find_new(tracee, name, &place, deed)) return;
  if (tracee_confirm(tracee)) {
    int result = symlinkat(target, place.folder, place_name(&place));
    done(deed, &place, KIND(ACCESS_CREATED), result, errno);
  }
  place_close(&place);
}

// The file that a link is made of: through symlinks, or that of a descriptor. The caller closes `fd`; -1: the deed has its
// answer already.
static int find_linked(struct tracee *tracee, struct name_at name, int flags, struct deed *deed) {
  char path[PATH_BYTES_MAX];
  int len = tracee_read_string(tracee, name.path, path);
  int fd = len;
  // The kernel lets a process do this with a descriptor that it opened itself (Linux 6.10), and by way of /proc any.
  if (len == 0 && flags & AT_EMPTY_PATH) fd = tracee_base(tracee, name.dirfd), fd = fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 0);
  else if (len == 0) fd = -ENOENT;
  else if (len > 0) fd = tracee_lookup(tracee, name.dirfd, path, (struct lookup){.follow = true, .resolve = 0});
  if (fd >= 0 && !tracee->unsure) return fd;
  if (tracee->unsure || fd == -1) deed_unsure(tracee, deed);
  else deed_fail(deed, -fd);
  if (fd >= 0) close(fd);
  return -1;
}

static void link_file(struct tracee *tracee, struct name_at from, struct name_at to, int flags, struct deed *deed) {
  struct place target = {.folder = -1};
  int fd = find_linked(tracee, from, flags, deed);
  if (fd < 0) return;
  if (find_new(tracee, to, &target, deed) && tracee_confirm(tracee)) {
    char path[64];
    own_descriptor_path(fd, path);
    struct stat st;
    bool named = fstat(fd, &st) == 0 && st.st_nlink > 0;
    int result = linkat(AT_FDCWD, path, target.folder, place_name(&target), AT_SYMLINK_FOLLOW);
    deed->linked = done(deed, &target, KIND(ACCESS_CREATED), result, errno);
    if (deed->linked && named) deed->second_len = file_path(fd, &st, deed->second);
    deed->id = id_at(&target);
  }
  place_close(&target);
  close(fd);
}

static bool is_empty(struct tracee *tracee, struct name_at name) {
  char first = 1;
  return tracee_read(tracee, name.path, &first, 1) && first == 0;
}

void do_link(struct tracee *tracee, struct name_at from, struct name_at to, int flags, struct deed *deed) {
  struct place source = {.folder = -1};
  struct place target = {.folder = -1};
  if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) return deed_fail(deed, EINVAL);
  if (flags & AT_SYMLINK_FOLLOW || (flags & AT_EMPTY_PATH && is_empty(tracee, from))) return link_file(tracee, from, to, flags, deed);
  if (find(tracee, from, &source, deed) && find_new(tracee, to, &target, deed) && tracee_confirm(tracee)) {
    int result = linkat(source.folder, place_name(&source), target.folder, place_name(&target), 0);
    deed->linked = done(deed, &target, KIND(ACCESS_CREATED), result, errno);
    if (deed->linked) deed->second_len = place_path(&source, deed->second);
    deed->id = id_at(&target);
  }
  place_close(&source);
  place_close(&target);
}

static bool same_file(const struct place *one, const struct place *other) {
  struct stat a, b;
  return fstatat(one->folder, place_name(one), &a, AT_SYMLINK_NOFOLLOW) == 0 &&
         fstatat(other->folder, place_name(other), &b, AT_SYMLINK_NOFOLLOW) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

void do_rename(struct tracee *tracee, struct name_at from, struct name_at to, unsigned flags, struct deed *deed) {
  struct place source = {.folder = -1};
  struct place target = {.folder = -1};
  if (flags & ~(unsigned)(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) return deed_fail(deed, EINVAL);
  if (flags & RENAME_EXCHANGE && flags & (RENAME_NOREPLACE | RENAME_WHITEOUT)) return deed_fail(deed, EINVAL);
  if (find(tracee, from, &source, deed) && find_new(tracee, to, &target, deed)) {
    // If both names belong to the same file, the kernel reports success and does nothing.
    bool nothing = !(flags & RENAME_EXCHANGE) && same_file(&source, &target);
    if (tracee_confirm(tracee)) {
      long result = syscall(SYS_renameat2, source.folder, place_name(&source), target.folder, place_name(&target), flags);
      if (done(deed, &source, nothing ? 0 : KIND(ACCESS_RENAMED), (int)result, errno) && deed->kinds != 0) {
        deed->second_len = place_path(&target, deed->second);
        deed->id = id_at(&target);
        deed->second_id = id_at(&source);
        deed->exchanged = (flags & RENAME_EXCHANGE) != 0;
      }
    }
  }
  place_close(&source);
  place_close(&target);
}
