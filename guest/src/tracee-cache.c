#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "die.h"
#include "tracee.h"

#define MQUEUE_MAGIC 0x19800202
#define SELINUX_MAGIC_NUMBER 0xf97cff8c
#define FUSECTL_MAGIC 0x65735543
#define CONFIGFS_MAGIC 0x62656570

// File systems whose files describe the kernel and its processes. Their content may depend on who opens them.
static const unsigned long TELLING[] = {
    PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC, TRACEFS_MAGIC,
    SECURITYFS_MAGIC, BPF_FS_MAGIC, DEVPTS_SUPER_MAGIC, ANON_INODE_FS_MAGIC, PIPEFS_MAGIC, SOCKFS_MAGIC, NSFS_MAGIC,
    MQUEUE_MAGIC, SELINUX_MAGIC_NUMBER, FUSECTL_MAGIC, CONFIGFS_MAGIC, BINFMTFS_MAGIC, EFIVARFS_MAGIC,
};

static int own_descriptors = -1;

void tracee_prepare(void) {
  own_descriptors = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (own_descriptors < 0) die_errno("/proc/self/fd");
}

void tracee_cache_init(struct tracee_cache *cache) {
  memset(cache, 0, sizeof *cache);
  for (unsigned i = 0; i < CACHED_PROCESSES; i++) cache->processes[i].folder = cache->processes[i].thread = -1;
}

void tracee_cache_free(struct tracee_cache *cache) {
  for (unsigned i = 0; i < CACHED_PROCESSES; i++) {
    if (cache->processes[i].folder >= 0) close(cache->processes[i].folder);
    if (cache->processes[i].thread >= 0) close(cache->processes[i].thread);
  }
  tracee_cache_init(cache);
}

static int renew(struct tracee *tracee, unsigned slot) {
  struct tracee_cache *cache = tracee->cache;
  if (cache->processes[slot].folder >= 0) close(cache->processes[slot].folder);
  if (cache->processes[slot].thread >= 0) close(cache->processes[slot].thread);
  cache->processes[slot].thread = -1;
  char path[32];
  snprintf(path, sizeof path, "/proc/%d", tracee->tid);
  cache->processes[slot].tid = tracee->tid;
  cache->processes[slot].folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  return cache->processes[slot].folder;
}

int tracee_open_fact(struct tracee *tracee, const char *name, int flags) {
  unsigned slot = (unsigned)tracee->tid % CACHED_PROCESSES;
  bool cached = tracee->cache->processes[slot].folder >= 0 && tracee->cache->processes[slot].tid == tracee->tid;
  int folder = cached ? tracee->cache->processes[slot].folder : renew(tracee, slot);
  if (folder < 0) return -1;
  int fd = openat(folder, name, flags | O_CLOEXEC);
  // The folder may belong to an ended process whose number was reused for this one.
  bool gone = fd < 0 && (errno == ENOENT || errno == ESRCH);
  if (!cached || !gone) return fd;
  folder = renew(tracee, slot);
  return folder < 0 ? -1 : openat(folder, name, flags | O_CLOEXEC);
}

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

int tracee_pidfd(struct tracee *tracee, bool renewed) {
  unsigned slot = (unsigned)tracee->tid % CACHED_PROCESSES;
  struct tracee_cache *cache = tracee->cache;
  bool cached = cache->processes[slot].tid == tracee->tid && cache->processes[slot].folder >= 0;
  if (!cached && renew(tracee, slot) < 0) return -1;
  if (cache->processes[slot].thread >= 0 && renewed) {
    close(cache->processes[slot].thread);
    cache->processes[slot].thread = -1;
  }
  if (cache->processes[slot].thread < 0) cache->processes[slot].thread = (int)syscall(SYS_pidfd_open, tracee->tid, PIDFD_THREAD);
  return cache->processes[slot].thread;
}

static bool read_umask(struct tracee *tracee, mode_t *mask) {
  char text[512];
  int fd = tracee_open_fact(tracee, "status", O_RDONLY);
  ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[len > 0 ? len : 0] = 0;
  // The process's name comes first. The attacker chooses it, but the kernel escapes line feeds in it.
  const char *at = strstr(text, "\nUmask:");
  if (at == NULL) {
    tracee->unsure = true;
    return false;
  }
  *mask = (mode_t)strtoul(at + 7, NULL, 8) & 0777;
  return true;
}

bool tracee_wear_umask(struct tracee *tracee, mode_t *own) {
  struct known_umask found = {.known = false, .mask = 0};
  struct known_umask *known = tracee->umask == NULL ? &found : tracee->umask;
  if (!known->known) {
    if (!read_umask(tracee, &known->mask)) return false;
    known->known = true;
  }
  *own = umask(known->mask);
  return true;
}

static bool holds_files(int fd) {
  struct statfs fs;
  if (fstatfs(fd, &fs) != 0) return false;
  for (size_t i = 0; i < sizeof TELLING / sizeof TELLING[0]; i++) {
    if ((unsigned long)fs.f_type == TELLING[i]) return false;
  }
  return true;
}

bool tracee_is_plain(struct tracee *tracee, int fd, dev_t device) {
  unsigned slot = (unsigned)(device ^ (device >> 8)) % CACHED_DEVICES;
  struct tracee_cache *cache = tracee->cache;
  if (!cache->devices[slot].known || cache->devices[slot].device != device) {
    cache->devices[slot].known = true;
    cache->devices[slot].device = device;
    cache->devices[slot].plain = holds_files(fd);
  }
  return cache->devices[slot].plain;
}

bool tracee_confirm(struct tracee *tracee) {
  int result;
  do result = ioctl(tracee->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &tracee->call);
  while (result != 0 && errno == EINTR);
  tracee->confirmed = result == 0;
  return tracee->confirmed;
}

static char *digits(int number, char text[16]) {
  char *at = text + 15;
  *at = 0;
  do {
    *--at = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  return at;
}

size_t path_of(int fd, char path[PATH_BYTES_MAX]) {
  char name[16];
  ssize_t len = readlinkat(own_descriptors, digits(fd, name), path, PATH_BYTES_MAX - 1);
  if (len <= 0 || path[0] != '/') return 0;
  path[len] = 0;
  return (size_t)len;
}

void own_descriptor_path(int fd, char path[64]) { snprintf(path, 64, "/proc/self/fd/%d", fd); }

int reopen(int fd, int flags) {
  char name[16];
  return openat(own_descriptors, digits(fd, name), flags | O_CLOEXEC | O_NOCTTY);
}
