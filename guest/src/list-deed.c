#include "list-deed.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "process-reports.h"

static void add_connect(struct processes *all, struct process *process, const struct deed *seen) {
  for (uint32_t i = 0; i < process->connects_used; i++) {
    struct connect_seen *old = &process->connects[i];
    bool same = old->family == seen->family && old->port == seen->port && old->len == seen->address_len;
    if (same && memcmp(old->address, seen->address, old->len) == 0) {
      old->times++;
      return;
    }
  }
  if (process->connects_total >= CONNECTS_TOTAL_MAX) {
    all->coverage->capped_connects++;
    return;
  }
  if (process->connects == NULL) process->connects = must_alloc(NULL, CONNECTS_MAX * sizeof *process->connects);
  if (process->connects_used == CONNECTS_MAX) report_gathered(all, process);
  struct connect_seen *entry = &process->connects[process->connects_used++];
  process->connects_total++;
  *entry = (struct connect_seen){.family = seen->family, .port = seen->port, .len = seen->address_len, .times = 1};
  memcpy(entry->address, seen->address, seen->address_len);
}

// The coverage says that an entry was lost because it is too long.
static enum access_added add_path(struct processes *all, struct process *process, enum access_kind kind, struct bytes path, struct bytes second) {
  enum access_added added = access_add(&process->files, &all->budget, kind, path, second);
  if (added == ACCESS_OMITTED) all->coverage->unread_calls++;
  return added;
}

static void add_files(struct processes *all, struct process *process, const struct deed *seen) {
  struct bytes path = {(const uint8_t *)seen->path, seen->path_len};
  struct bytes second = {(const uint8_t *)seen->second, seen->second_len};
  const struct bytes none = {NULL, 0};
  static const enum access_kind plain[] = {ACCESS_READ, ACCESS_WRITTEN, ACCESS_CREATED, ACCESS_REMOVED, ACCESS_ATTEMPTED};
  bool full = false;
  for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
    if (!(seen->kinds & KIND(plain[i]))) continue;
    enum access_added added = add_path(all, process, plain[i], path, none);
    if (plain[i] == ACCESS_WRITTEN && added == ACCESS_OMITTED) process->written.omitted++;
    else if (plain[i] == ACCESS_WRITTEN && added != ACCESS_KNOWN) written_add(&process->written, path);
    full |= added == ACCESS_NEW_AND_FULL;
  }
  if (seen->linked) {
    if (seen->second_len > 0) full |= add_path(all, process, ACCESS_LINKED, second, path) == ACCESS_NEW_AND_FULL;
    written_add(&process->written, path);
  }
  if (seen->kinds & KIND(ACCESS_RENAMED)) {
    full |= add_path(all, process, ACCESS_RENAMED, path, second) == ACCESS_NEW_AND_FULL;
    written_add(&process->written, second);
    if (seen->exchanged) {
      full |= add_path(all, process, ACCESS_RENAMED, second, path) == ACCESS_NEW_AND_FULL;
      written_add(&process->written, path);
    }
  }
  if (full) report_gathered(all, process);
}

static void add_inodes(struct processes *all, const struct deed *deed) {
  bool moved = deed->linked || deed->kinds & KIND(ACCESS_RENAMED);
  if (!moved && !(deed->kinds & (KIND(ACCESS_WRITTEN) | KIND(ACCESS_CREATED)))) return;
  bool renamed = deed->kinds & KIND(ACCESS_RENAMED);
  struct bytes path = renamed ? (struct bytes){(const uint8_t *)deed->second, deed->second_len} : (struct bytes){(const uint8_t *)deed->path, deed->path_len};
  if (!is_in_workspace(path)) return;
  if (deed->id.inode != 0) written_inodes_add(&all->left.inodes, deed->id);
  if (deed->exchanged && deed->second_id.inode != 0) written_inodes_add(&all->left.inodes, deed->second_id);
}

void list_deed(struct processes *all, struct process *process, struct tracee *tracee, const struct deed *deed) {
  bool listed = deed->kinds != 0 || deed->family != 0 || tracee->unsure;
  // If the thread is gone, the facts may belong to another thread that reuses its id.
  if (!listed || !(tracee->confirmed || tracee_confirm(tracee))) return;
  if (tracee->unsure || process == NULL) all->coverage->unread_calls++;
  if (deed->kinds & KIND(ACCESS_ATTEMPTED)) all->coverage->attempted_calls++;
  if (process == NULL) return;
  if (deed->family != 0) add_connect(all, process, deed);
  if (deed->kinds != 0) add_files(all, process, deed);
  if (deed->kinds != 0) add_inodes(all, deed);
}
