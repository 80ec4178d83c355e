// Makes calls that the recorder is told of, in many ways right and wrong, and prints what came of each: the same with the
// recorder and without.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const NAMES[] = {
    "file", "missing", "folder", "folder/", "file/", "missing/", "folder/inner", "./folder/../file", "link", "link/", "dangling",
    "loop", "to-folder", "to-folder/inner", "to-folder/", "/", ".", "..", "", "/dev/null", "/dev/tty", "/proc/self/status",
    "/proc/self/fd/9", "/proc/self/cwd/file", "/proc/self/nothing", "/dev/fd/9", "/proc/1/environ", "/proc/1/root", "locked",
    "read-only", "/usr/bin/env", "/usr/new", "pipe", "folder//inner", "file/below", "missing/below", "/etc/shadow", "/tmp/place/file",
};
#define NAMES_COUNT (sizeof NAMES / sizeof NAMES[0])

static const int FLAGS[] = {
    O_RDONLY, O_WRONLY, O_RDWR, O_RDONLY | O_NOFOLLOW, O_WRONLY | O_APPEND, O_RDONLY | O_DIRECTORY, O_RDWR | O_CREAT,
    O_WRONLY | O_CREAT | O_EXCL, O_WRONLY | O_CREAT | O_TRUNC, O_RDONLY | O_TRUNC, O_RDONLY | O_CREAT, O_RDWR | O_CREAT | O_NOFOLLOW,
    O_PATH, O_PATH | O_NOFOLLOW, O_WRONLY | O_NONBLOCK, O_RDONLY | O_CLOEXEC, O_RDONLY | O_NOATIME, O_RDWR | O_DSYNC, O_ACCMODE,
};

static const char *says(long result) { return result < 0 ? strerrorname_np(errno) : "ok"; }

static void clear(const char *folder) {
  DIR *entries = opendir(folder);
  for (struct dirent *entry = entries ? readdir(entries) : NULL; entry != NULL; entry = readdir(entries)) {
    char path[8192];
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (entry->d_type == DT_DIR) {
      clear(path);
      rmdir(path);
    } else {
      unlink(path);
    }
  }
  if (entries) closedir(entries);
}

static void list(const char *folder) {
  struct dirent **entries;
  int count = scandir(folder, &entries, NULL, alphasort);
  for (int i = 0; i < count; i++) {
    char path[8192], target[256] = "";
    snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
    if (strcmp(entries[i]->d_name, ".") == 0 || strcmp(entries[i]->d_name, "..") == 0) continue;
    struct stat st;
    if (lstat(path, &st) != 0) continue;
    if (readlink(path, target, sizeof target - 1) < 0) target[0] = 0;
    printf("  %o %lld %s %s\n", st.st_mode, S_ISDIR(st.st_mode) ? 0 : (long long)st.st_size, path, target);
    if (S_ISDIR(st.st_mode)) list(path);
    free(entries[i]);
  }
  if (count >= 0) free(entries);
}

static void make_file(const char *name, const char *text, mode_t mode) {
  int fd = open(name, O_CREAT | O_WRONLY, mode);
  if (fd < 0 || write(fd, text, strlen(text)) < 0 || close(fd) != 0) exit(2);
}

static void make_place(void) {
  clear("place");
  mkdir("place", 0755);
  if (chdir("place") != 0) exit(2);
  make_file("file", "content\n", 0644);
  mkdir("folder", 0755);
  make_file("folder/inner", "inner\n", 0644);
  make_file("locked", "x\n", 0);
  make_file("read-only", "x\n", 0444);
  if (symlink("file", "link") || symlink("nowhere", "dangling") || symlink("loop", "loop") || symlink("folder", "to-folder") ||
      mkfifo("pipe", 0644))
    exit(2);
}

static void leave_place(void) {
  if (chdir("..") != 0) exit(2);
}

static void describe(int fd) {
  struct stat st;
  if (fstat(fd, &st) != 0) printf(" stat %s", strerrorname_np(errno));
  else printf(" mode %o size %lld links %lu", st.st_mode, S_ISDIR(st.st_mode) ? 0 : (long long)st.st_size, S_ISDIR(st.st_mode) ? 0 : st.st_nlink);
  printf(" fl %x fd %x", fcntl(fd, F_GETFL) & ~O_NOFOLLOW, fcntl(fd, F_GETFD));
  if (S_ISFIFO(st.st_mode)) return; // would wait for something to read
  char text[8];
  ssize_t got = read(fd, text, sizeof text);
  printf(" read %zd", S_ISREG(st.st_mode) || got < 0 ? got : 0);
}

static void open_each(int how) {
  for (size_t f = 0; f < sizeof FLAGS / sizeof FLAGS[0]; f++) {
    make_place();
    int given = open("file", O_RDONLY);
    if (dup2(given, 9) < 0) exit(2);
    close(given);
    for (size_t n = 0; n < NAMES_COUNT; n++) {
      // Waits for the other end, recorded or not.
      bool waits = strcmp(NAMES[n], "pipe") == 0 && !(FLAGS[f] & (O_NONBLOCK | O_PATH | O_DIRECTORY | O_EXCL)) && (FLAGS[f] & O_ACCMODE) != O_RDWR;
      if (waits) continue;
      struct open_how with = {.flags = (unsigned)FLAGS[f], .mode = FLAGS[f] & O_CREAT ? 0666 : 0, .resolve = how == 2 ? RESOLVE_BENEATH : 0};
      long fd = how == 0 ? openat(AT_FDCWD, NAMES[n], FLAGS[f], 0666) : syscall(SYS_openat2, AT_FDCWD, NAMES[n], &with, sizeof with);
      printf("open %d %x '%s': %s", how, (unsigned)FLAGS[f], NAMES[n], says(fd));
      if (fd >= 0) describe((int)fd);
      printf("\n");
      if (fd >= 0) close((int)fd);
    }
    close(9);
    leave_place();
  }
}

static void change_each(const char *what, long (*change)(const char *name)) {
  for (size_t n = 0; n < NAMES_COUNT; n++) {
    make_place();
    long result = change(NAMES[n]);
    printf("%s '%s': %s\n", what, NAMES[n], says(result));
    list(".");
    leave_place();
  }
}

static long do_unlink(const char *name) { return unlink(name); }
static long do_rmdir(const char *name) { return rmdir(name); }
static long do_mkdir(const char *name) { return mkdir(name, 0777); }
static long do_mkfifo(const char *name) { return mknod(name, S_IFIFO | 0666, 0); }
static long do_device(const char *name) { return mknod(name, S_IFCHR | 0666, 0x103); }
static long do_symlink(const char *name) { return symlink("target", name); }
static long do_empty_symlink(const char *name) { return symlink("", name); }
static long do_link_to(const char *name) { return link("file", name); }
static long do_link_from(const char *name) { return link(name, "new"); }
static long do_link_followed(const char *name) { return linkat(AT_FDCWD, name, AT_FDCWD, "new", AT_SYMLINK_FOLLOW); }
static long do_rename_to(const char *name) { return rename("file", name); }
static long do_rename_folder_to(const char *name) { return rename("folder", name); }
static long do_rename_from(const char *name) { return rename(name, "new"); }
static long do_exchange(const char *name) { return renameat2(AT_FDCWD, "file", AT_FDCWD, name, RENAME_EXCHANGE); }
static long do_noreplace(const char *name) { return renameat2(AT_FDCWD, "file", AT_FDCWD, name, RENAME_NOREPLACE); }
static long do_odd_rename(const char *name) { return renameat2(AT_FDCWD, "file", AT_FDCWD, name, 64); }
static long do_truncate(const char *name) { return truncate(name, 3); }
static long do_odd_unlink(const char *name) { return unlinkat(AT_FDCWD, name, 1); }
static long do_bad_folder(const char *name) { return unlinkat(77, name, 0); }
static long do_closed_folder(const char *name) { return openat(77, name, O_RDONLY); }
static long do_in_file(const char *name) {
  int fd = open("file", O_RDONLY);
  long result = mkdirat(fd, name, 0777);
  int error = errno;
  close(fd);
  errno = error;
  return result;
}
static long do_in_folder(const char *name) {
  int fd = open("folder", O_PATH | O_DIRECTORY);
  long result = openat(fd, name, O_CREAT | O_RDWR, 0640);
  int error = errno;
  close(fd);
  if (result >= 0) close((int)result);
  errno = error;
  return result;
}

// A structure that is larger than any kernel's of today, as a program has it that was built for a later one.
static void larger_structures(void) {
  make_place();
  size_t page = (size_t)getpagesize();
  static const size_t sizes[] = {0, 8, 23, 24, 25, 31, 32, 100, 511, 512, 513, 1000, 4072, 4095, 4096, 4097, 65536, 65537};
  char *memory = mmap(NULL, 18 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || munmap(memory + 17 * page, page) != 0) exit(2);
  char *end = memory + 17 * page;
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    size_t size = sizes[i];
    // In the middle of the memory, across a page, up to its end and over it.
    char *const places[] = {memory, memory + page - 24, memory + page - 25, end - size, end - size + 1, end - 24, end - 23, (char *)8, (char *)-24};
    for (size_t p = 0; p < sizeof places / sizeof places[0]; p++) {
      // Nothing after what is known, something at once, in the middle, at the very end and right after that.
      const size_t marks[] = {0, 24, 24 + size / 2, size - 1, size};
      for (size_t m = 0; m < 5; m++) {
        memset(memory, 0, 17 * page);
        char *mark = places[p] + marks[m];
        if (m > 0 && mark >= memory && mark < end) *mark = 1;
        long fd = syscall(SYS_openat2, AT_FDCWD, "file", places[p], size);
        printf("structure of %zu, place %zu, mark %zu: %s\n", size, p, m, says(fd));
        if (fd >= 0) close((int)fd);
      }
    }
  }
  munmap(memory, 17 * page);
  leave_place();
}

// Whose pace may be set: everybody's but the guest's.
static void paces(void) {
  const struct sched_param none = {0};
  cpu_set_t all;
  sched_getaffinity(0, sizeof all, &all);
  pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  const struct { const char *what; pid_t who; } whom[] = {{"itself", 0}, {"its number", getpid()}, {"its child", child}, {"nobody", 1 << 30}, {"less than nobody", -7}};
  for (size_t i = 0; i < sizeof whom / sizeof whom[0]; i++) {
    pid_t who = whom[i].who;
    printf("%s: scheduler %s", whom[i].what, says(sched_setscheduler(who, SCHED_BATCH, &none)));
    printf(" parameters %s", says(sched_setparam(who, &none)));
    printf(" attributes %s", says(syscall(SYS_sched_setattr, who, &(uint32_t[12]){48, SCHED_BATCH}, 0)));
    printf(" processors %s", says(sched_setaffinity(who, sizeof all, &all)));
    printf(" priority %s", says(setpriority(PRIO_PROCESS, (id_t)who, 1)));
    printf(" of a group %s", says(setpriority(PRIO_PGRP, (id_t)(who == child ? getpgrp() : who), 1)));
    printf(" for files %s", says(syscall(SYS_ioprio_set, 1, who, 3 << 13)));
    printf(" of a group %s\n", says(syscall(SYS_ioprio_set, 2, who == child ? getpgrp() : who, 3 << 13)));
  }
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

static void memory_and_limits(void) {
  make_place();
  printf("no memory: %s\n", says(open((const char *)8, O_RDONLY)));
  char longest[5000];
  memset(longest, 'a', sizeof longest);
  longest[4999] = 0;
  printf("long path: %s\n", says(open(longest, O_RDONLY)));
  longest[256] = 0;
  printf("long name: %s, made: %s\n", says(open(longest, O_RDONLY)), says(open(longest, O_RDONLY | O_CREAT, 0600)));
  longest[255] = 0;
  printf("longest name: %s\n", says(open(longest, O_RDWR | O_CREAT, 0600)));
  struct open_how how = {.flags = O_RDONLY, .mode = 0600};
  printf("mode without creating: %s\n", says(syscall(SYS_openat2, AT_FDCWD, "file", &how, sizeof how)));
  how = (struct open_how){.flags = 1ull << 40};
  printf("unknown flags: %s\n", says(syscall(SYS_openat2, AT_FDCWD, "file", &how, sizeof how)));
  how = (struct open_how){.resolve = 1ull << 40};
  printf("unknown resolve: %s\n", says(syscall(SYS_openat2, AT_FDCWD, "file", &how, sizeof how)));
  printf("small structure: %s\n", says(syscall(SYS_openat2, AT_FDCWD, "file", &how, 8)));
  struct rlimit files = {20, 20};
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) exit(2);
  int last = -1;
  for (int fd = 0; fd >= 0; fd = open("file", O_RDONLY)) last = fd;
  printf("out of descriptors at %d: %s\n", last, strerrorname_np(errno));
}

static void modes(void) {
  static const mode_t masks[] = {0, 022, 077, 0777};
  for (size_t i = 0; i < 4; i++) {
    umask(masks[i]);
    mkdir("masked", 02777);
    int fd = open("masked-file", O_CREAT | O_EXCL | O_WRONLY, 06777);
    mknod("masked-pipe", S_IFIFO | 0666, 0);
    struct stat folder, file, pipe;
    if (stat("masked", &folder) || stat("masked-file", &file) || stat("masked-pipe", &pipe)) exit(2);
    printf("umask %o: %o %o %o own %d\n", masks[i], folder.st_mode, file.st_mode, pipe.st_mode, file.st_uid == getuid() && file.st_gid == getgid());
    close(fd);
    rmdir("masked");
    unlink("masked-file");
    unlink("masked-pipe");
  }
  umask(022);
}

// Neither a lock nor an open for writing may live on anywhere once it is closed here.
static void closes(void) {
  int kept = 0;
  for (int i = 0; i < 200; i++) {
    int fd = open("locked-file", O_CREAT | O_RDWR, 0600);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) kept++;
    close(fd);
    FILE *script = fopen("script", "w");
    fputs("#!/bin/true\n", script);
    fchmod(fileno(script), 0700);
    fclose(script);
    pid_t child = fork();
    if (child == 0) {
      execl("./script", "script", (char *)0);
      _exit(errno == ETXTBSY ? 9 : 8);
    }
    int status;
    waitpid(child, &status, 0);
    if (status != 0) kept++;
  }
  printf("kept open: %d\n", kept);
}

int main(void) {
  clear(".");
  setvbuf(stdout, NULL, _IOFBF, 1 << 16);
  for (int how = 0; how < 3; how++) open_each(how);
  fflush(stdout);
  modes();
  closes();
  static const struct {
    const char *what;
    long (*change)(const char *);
  } changes[] = {
      {"unlink", do_unlink}, {"rmdir", do_rmdir}, {"mkdir", do_mkdir}, {"mkfifo", do_mkfifo}, {"device", do_device},
      {"symlink", do_symlink}, {"empty symlink", do_empty_symlink}, {"link to", do_link_to}, {"link from", do_link_from},
      {"link followed", do_link_followed}, {"rename to", do_rename_to}, {"rename folder to", do_rename_folder_to},
      {"rename from", do_rename_from}, {"exchange", do_exchange}, {"noreplace", do_noreplace}, {"odd rename", do_odd_rename},
      {"truncate", do_truncate}, {"odd unlink", do_odd_unlink}, {"bad folder", do_bad_folder}, {"closed folder", do_closed_folder},
      {"in a file", do_in_file}, {"in a folder", do_in_folder},
  };
  for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) change_each(changes[i].what, changes[i].change);
  larger_structures();
  paces();
  memory_and_limits();
  return 0;
}
