// Calls that create, remove and rename names.
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "place.h"

struct found {
  bool exists;
  bool directory;
  uint64_t inode;
};

static int get_statx(int fd, const char *name, unsigned mask, struct statx *st) {
  return (int)syscall(SYS_statx, fd, name, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT, mask, st);
}

static struct found look(const struct place *place) {
  struct statx st;
  if (get_statx(place->folder, place->name, STATX_TYPE | STATX_INO, &st) != 0) return (struct found){false, false, 0};
  return (struct found){true, (st.stx_mode & 0170000) == 0040000, st.stx_ino};
}

// Names can't be moved or linked between mounts, not even two mounts of one file system.
static bool same_mount(const struct place *a, const struct place *b) {
  struct statx one, two;
  if (get_statx(a->folder, "", STATX_MNT_ID, &one) != 0 || get_statx(b->folder, "", STATX_MNT_ID, &two) != 0) return false;
  return one.stx_mnt_id == two.stx_mnt_id;
}

struct directory_entry {
  uint64_t inode;
  int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[];
};

static bool is_empty(const struct place *place) {
  int fd = openat(place->folder, place->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return false;
  _Alignas(8) char entries[512];
  bool empty = true;
  long len;
  while (empty && (len = syscall(SYS_getdents64, fd, entries, sizeof entries)) > 0) {
    for (long at = 0; at < len;) {
      const struct directory_entry *entry = (const struct directory_entry *)(const void *)(entries + at);
      if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0) empty = false;
      at += entry->length;
    }
  }
  close(fd);
  return empty;
}

static bool find(struct tracee *tracee, int dirfd, uint64_t address, struct place *place) {
  char path[PATH_BYTES_MAX];
  place->folder = -1;
  return tracee_read_string(tracee, address, path) > 0 && place_find(tracee, dirfd, path, place);
}

static void set(struct prediction *out, const struct place *place, unsigned kinds) {
  out->path_len = place_path(place, out->path);
  if (out->path_len > 0) out->kinds = kinds;
}

void predict_remove(struct tracee *tracee, int dirfd, uint64_t path, bool directory, struct prediction *out) {
  struct place place;
  if (!find(tracee, dirfd, path, &place)) return;
  struct found found = look(&place);
  bool fits = found.exists && found.directory == directory && (directory || !place.trailing_slash);
  if (fits && place_is_changeable(&place) && (!directory || is_empty(&place))) set(out, &place, KIND(ACCESS_REMOVED));
  place_close(&place);
}

void predict_create(struct tracee *tracee, int dirfd, uint64_t path, bool directory, struct prediction *out) {
  struct place place;
  if (!find(tracee, dirfd, path, &place)) return;
  bool fits = !look(&place).exists && (directory || !place.trailing_slash);
  if (fits && place_is_changeable(&place)) set(out, &place, KIND(ACCESS_CREATED));
  place_close(&place);
}

void predict_link(struct tracee *tracee, const struct seccomp_data *call, bool at, struct prediction *out) {
  const __u64 *a = call->args;
  int old_dirfd = at ? (int)a[0] : AT_FDCWD;
  int flags = at ? (int)a[4] : 0;
  char old[PATH_BYTES_MAX];
  if (tracee_read_string(tracee, at ? a[1] : a[0], old) < 0) return;
  struct place place;
  if (!find(tracee, at ? (int)a[2] : AT_FDCWD, at ? a[3] : a[1], &place)) return;
  int fd = -1;
  if (old[0] != 0) {
    fd = tracee_lookup(tracee, old_dirfd, old, (struct lookup){.follow = (flags & AT_SYMLINK_FOLLOW) != 0, .resolve = 0});
  } else if (flags & AT_EMPTY_PATH) {
    fd = tracee_base(tracee, old_dirfd);
  }
  struct place source = {.folder = fd};
  struct statx st;
  bool linkable = fd >= 0 && get_statx(fd, "", STATX_TYPE, &st) == 0 && (st.stx_mode & 0170000) != 0040000;
  if (linkable && same_mount(&source, &place) && !look(&place).exists && place_is_changeable(&place)) {
    set(out, &place, KIND(ACCESS_CREATED));
  }
  place_close(&source);
  place_close(&place);
}

static bool rename_goes(const struct place *from, const struct place *to, unsigned flags) {
  struct found source = look(from);
  struct found target = look(to);
  if (!source.exists || !same_mount(from, to) || !place_is_changeable(from) || !place_is_changeable(to)) return false;
  if (flags & RENAME_EXCHANGE) return target.exists;
  if (!target.exists) return source.directory || (!from->trailing_slash && !to->trailing_slash);
  if (flags & RENAME_NOREPLACE || source.directory != target.directory) return false;
  if (source.inode == target.inode) return false; // two names of one file: the kernel does nothing
  return !target.directory || is_empty(to);
}

void predict_rename(struct tracee *tracee, struct name_at from, struct name_at to, unsigned flags, struct prediction *out) {
  struct place source = {.folder = -1};
  struct place target = {.folder = -1};
  if (find(tracee, from.dirfd, from.path, &source) && find(tracee, to.dirfd, to.path, &target) &&
      rename_goes(&source, &target, flags)) {
    out->path_len = place_path(&source, out->path);
    out->second_len = place_path(&target, out->second);
    out->exchanged = (flags & RENAME_EXCHANGE) != 0;
    if (out->path_len > 0 && out->second_len > 0) out->kinds = KIND(ACCESS_RENAMED);
  }
  place_close(&source);
  place_close(&target);
}
