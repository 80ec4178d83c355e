#include "selftest-checks.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool say(char *detail, size_t size, const char *text, bool passed) {
  snprintf(detail, size, "%s", text);
  return passed;
}

static bool status_line(const char *label, char *detail, size_t size) {
  char text[8192];
  if (!read_small("/proc/self/status", text, sizeof text)) return false;
  const char *at = strstr(text, label);
  if (at == NULL) return false;
  snprintf(detail, size, "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
  return true;
}

static bool check_user(char *detail, size_t size) {
  snprintf(detail, size, "uid %u, gid %u", getuid(), getgid());
  return getuid() != 0 && geteuid() != 0 && getgid() != 0 && getegid() != 0;
}

static bool check_capabilities(char *detail, size_t size) {
  static const char *const SETS[] = {"\nCapInh:\t", "\nCapPrm:\t", "\nCapEff:\t", "\nCapAmb:\t"};
  for (size_t i = 0; i < sizeof SETS / sizeof SETS[0]; i++) {
    if (!status_line(SETS[i], detail, size) || strstr(detail, "0000000000000000") == NULL) return false;
  }
  return say(detail, size, "inheritable, permitted, effective and ambient sets are empty", true);
}

static bool check_no_new_privs(char *detail, size_t size) {
  int set = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
  snprintf(detail, size, "no_new_privs %d", set);
  return set == 1;
}

static bool check_filter(char *detail, size_t size) {
  return status_line("\nSeccomp:\t", detail, size) && strcmp(detail, "Seccomp:\t2") == 0;
}

static bool check_user_namespace(char *detail, size_t size) {
  long result = syscall(SYS_unshare, CLONE_NEWUSER);
  return say(detail, size, result == 0 ? "a new user namespace was made" : strerror(errno), result != 0 && errno == EPERM);
}

static bool check_processes(char *detail, size_t size) {
  DIR *folder = opendir("/proc");
  if (folder == NULL) return say(detail, size, "/proc can't be read", false);
  unsigned others = 0;
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    if (!isdigit((unsigned char)entry->d_name[0])) continue;
    long pid = strtol(entry->d_name, NULL, 10);
    if (pid != 1 && pid != getpid()) others++;
  }
  closedir(folder);
  char self[32] = "";
  ssize_t len = readlink("/proc/self", self, sizeof self - 1);
  bool own = len > 0 && strtol(self, NULL, 10) == getpid();
  snprintf(detail, size, "%u processes besides the guest; parent %d%s", others, getppid(), own ? "" : "; /proc is of another namespace");
  return others == 0 && own && getppid() == 1;
}

static bool check_root_read_only(char *detail, size_t size) {
  struct statvfs fs;
  if (statvfs("/", &fs) != 0) return say(detail, size, strerror(errno), false);
  int fd = open("/.glovebox-self-test", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  int error = errno;
  if (fd >= 0) {
    unlink("/.glovebox-self-test");
    close(fd);
    return say(detail, size, "/ can be written to", false);
  }
  snprintf(detail, size, "creating a file in /: %s", strerror(error));
  return (fs.f_flag & ST_RDONLY) != 0 || error == EACCES;
}

// Empty, absent or closed; `allowed` is a name that may be there.
static bool nothing_in(const char *path, const char *allowed, char *detail, size_t size) {
  DIR *folder = opendir(path);
  if (folder == NULL) {
    snprintf(detail, size, "%s: %s", path, strerror(errno));
    return errno == ENOENT || errno == EACCES;
  }
  bool clean = true;
  for (struct dirent *entry = readdir(folder); entry != NULL && clean; entry = readdir(folder)) {
    const char *name = entry->d_name;
    clean = strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (allowed != NULL && strcmp(name, allowed) == 0);
  }
  closedir(folder);
  if (!clean) snprintf(detail, size, "%s holds files", path);
  return clean;
}

static bool check_host_files(char *detail, size_t size) {
  static const char *const ABSENT[] = {"/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock",
                                       "/run/podman/podman.sock", "/run/dbus/system_bus_socket", "/run/systemd/private"};
  for (size_t i = 0; i < sizeof ABSENT / sizeof ABSENT[0]; i++) {
    if (access(ABSENT[i], F_OK) == 0) {
      snprintf(detail, size, "%s is there", ABSENT[i]);
      return false;
    }
  }
  if (!nothing_in("/root", NULL, detail, size) || !nothing_in("/home", "glovebox", detail, size)) return false;
  if (access("/etc/shadow", R_OK) == 0) return say(detail, size, "/etc/shadow can be read", false);
  return say(detail, size, "no home folder, service socket or password file of the host", true);
}

static bool check_guest_closed(char *detail, size_t size) {
  int fd = open("/proc/1/mem", O_RDONLY | O_CLOEXEC);
  int error = errno;
  if (fd >= 0) close(fd);
  return say(detail, size, fd >= 0 ? "the guest's memory can be opened" : strerror(error), fd < 0);
}

const struct selftest_check selftest_checks[] = {
    {"only the loopback interface", check_only_loopback},
    {"no route", check_no_route},
    {"no connection to the internet", check_no_connection},
    {"no resolver", check_no_resolver},
    {"not root", check_user},
    {"no capabilities", check_capabilities},
    {"no new privileges", check_no_new_privs},
    {"system call filter", check_filter},
    {"no new user namespace", check_user_namespace},
    {"only own processes", check_processes},
    {"guest out of reach", check_guest_closed},
    {"read-only root", check_root_read_only},
    {"no host files", check_host_files},
};
const size_t selftest_checks_count = sizeof selftest_checks / sizeof selftest_checks[0];
