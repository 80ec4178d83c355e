#include "make-file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch.h"
#include "opened-file.h"
#include "place.h"

#define LINKS_MAX 40

// Finds the place where a missing name would be created: its own place, or the target of a dangling symlink.
static int find_missing(struct tracee *tracee, int dirfd, const char *path, bool follow, struct place *place) {
  int error = place_find(tracee, dirfd, path, 0, place);
  for (int links = 0; error == 0; links++) {
    char link[PATH_BYTES_MAX];
    ssize_t len = place->trailing_slash ? -1 : readlinkat(place->folder, place->name, link, sizeof link - 1);
    if (len < 0) return 0;
    link[len] = 0;
    int folder = place->folder;
    error = follow && links < LINKS_MAX ? place_find_from(tracee, folder, link, place) : ELOOP;
    if (error != 0) place->folder = -1;
    close(folder);
  }
  return error;
}

bool ends_as_folder(struct tracee *tracee, const struct open_request *request, const char *path, struct deed *deed) {
  size_t len = strlen(path);
  if (path[len - 1] != '/') return false;
  struct place place;
  int error = place_find(tracee, request->dirfd, path, request->resolve, &place);
  bool dots = error == 0 && (strcmp(place.name, "./") == 0 || strcmp(place.name, "../") == 0 || strcmp(place.name, "/") == 0);
  place_close(&place);
  if (dots) return false;
  if (tracee->unsure) deed_unsure(tracee, deed);
  else deed_fail(deed, error != 0 ? error : EISDIR);
  return true;
}

static void take_made(struct deed *deed, int fd, size_t len, uint64_t flags) {
  take_opened(deed, fd, flags);
  deed->made = true;
  struct stat st;
  if (fstat(fd, &st) == 0) deed->id = file_id_of(&st);
  bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);
  deed->path_len = len;
  deed->kinds = KIND(ACCESS_CREATED) | (writes ? KIND(ACCESS_WRITTEN) : 0);
}

static void fail_to_make(struct tracee *tracee, int error, struct deed *deed) {
  if (tracee->unsure || ran_out(error)) deed_unsure(tracee, deed);
  else if (error != 0) deed_fail(deed, error);
}

bool make_file(struct tracee *tracee, const struct open_request *request, const char *path, bool follow, struct deed *deed) {
  struct place place;
  int error = find_missing(tracee, request->dirfd, path, follow, &place);
  if (error != 0) {
    fail_to_make(tracee, error, deed);
    return true;
  }
  bool again = false;
  size_t len = place_path(&place, deed->path);
  if (len == 0 || len >= PATH_BYTES_MAX) {
    deed_fail(deed, ENAMETOOLONG); // what can't be named on the record, or opened again, is not made
  } else {
    uint64_t flags = (request->flags & ~(uint64_t)O_DIRECTORY) | O_CREAT | O_EXCL | O_NOFOLLOW;
    int opened = place_make(tracee, &place, (int)flags, (mode_t)request->mode, &error);
    again = opened < 0 && error == EEXIST && !(request->flags & O_EXCL);
    if (opened >= 0) take_made(deed, opened, len, request->flags);
    else if (!again) fail_to_make(tracee, error, deed);
  }
  place_close(&place);
  return !again;
}

// Below restrictions of the process's own the kernel finds the place, for the guest as it would for the process: where it may
// not leave a folder, or pass a link, it can't come to what differs between the two, which lies behind magic links.
static int open_restricted(struct tracee *tracee, const struct open_request *request, const char *path, uint64_t flags, int *error) {
  mode_t own;
  int base = path[0] != '/' || request->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT) ? tracee_base(tracee, request->dirfd) : AT_FDCWD;
  *error = base < 0 && base != AT_FDCWD ? -base : 0;
  if (*error != 0 || !tracee_wear_umask(tracee, &own)) return -1;
  struct open_how how = {
      .flags = flags | ARCH_LARGEFILE | O_NOCTTY | O_CLOEXEC, .mode = request->mode, .resolve = request->resolve | RESOLVE_NO_MAGICLINKS};
  int fd = tracee_confirm(tracee) ? (int)syscall(SYS_openat2, base, path, &how, sizeof how) : -1;
  *error = fd < 0 && tracee->confirmed ? errno : 0;
  umask(own);
  return fd;
}

bool make_restricted(struct tracee *tracee, const struct open_request *request, const char *path, struct deed *deed) {
  int error;
  uint64_t flags = request->flags & ~(uint64_t)O_TRUNC; // a new file has nothing to lose
  int opened = open_restricted(tracee, request, path, flags | O_EXCL, &error);
  bool exclusive = (flags & O_EXCL) != 0;
  struct stat st;
  // The name is a dangling symlink, or another process created it meanwhile.
  if (opened < 0 && error == EEXIST && !exclusive) {
    opened = open_restricted(tracee, request, path, flags | O_NONBLOCK, &error);
    bool regular = opened >= 0 && fstat(opened, &st) == 0 && S_ISREG(st.st_mode) && fcntl(opened, F_SETFL, (int)flags) == 0;
    if (opened >= 0 && !regular) {
      close(opened);
      return false;
    }
  }
  if (opened < 0) {
    fail_to_make(tracee, error, deed);
    return true;
  }
  size_t len = fstat(opened, &st) == 0 ? file_path(opened, &st, deed->path) : 0;
  take_made(deed, opened, len, request->flags);
  deed->made = false; // where it stands may be another name by now: it is left
  if (len == 0) tracee->unsure = true;
  if (!exclusive) deed->kinds |= kinds_of_open(request->flags);
  return true;
}

void make_unnamed(struct tracee *tracee, const struct open_request *request, const char *path, struct deed *deed) {
  struct lookup how = {.follow = !(request->flags & O_NOFOLLOW), .resolve = request->resolve};
  int folder = tracee_lookup(tracee, request->dirfd, path, how);
  mode_t own;
  if (folder < 0) return fail_to_make(tracee, -folder, deed);
  if (!tracee_wear_umask(tracee, &own)) {
    deed_unsure(tracee, deed);
  } else {
    char place[64];
    own_descriptor_path(folder, place);
    uint64_t flags = (request->flags & ~(uint64_t)O_NOFOLLOW) | O_CLOEXEC;
    int opened = tracee_confirm(tracee) ? open(place, (int)flags, (mode_t)request->mode) : -1;
    int error = tracee->confirmed ? errno : 0;
    umask(own);
    if (opened >= 0) take_opened(deed, opened, request->flags);
    else fail_to_make(tracee, error, deed);
  }
  close(folder);
}
