// Programs that are executed by descriptor: execveat, fexecve, a file in memory, a file without a name, a script.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void execute(int folder, const char *name, const char *what, int flags) {
  char *argv[] = {"echo", (char *)what, NULL};
  pid_t child = fork();
  if (child == 0) {
    syscall(SYS_execveat, folder, name, argv, environ, flags);
    perror(what);
    _exit(9);
  }
  int status;
  waitpid(child, &status, 0);
  if (status != 0) exit(1);
}

static void copy(int to) {
  int from = open("/bin/echo", O_RDONLY);
  struct stat st;
  fstat(from, &st);
  if (sendfile(to, from, NULL, (size_t)st.st_size) != st.st_size) exit(2);
  close(from);
}

int main(void) {
  int bin = open("/usr/bin", O_RDONLY | O_DIRECTORY);
  execute(bin, "echo", "relative to a folder", 0);
  execute(AT_FDCWD, "/usr/bin/echo", "absolute", 0);
  int echo = open("/usr/bin/echo", O_PATH | O_CLOEXEC);
  execute(echo, "", "by O_PATH", AT_EMPTY_PATH);
  int here = open(".", O_RDONLY | O_DIRECTORY);
  execute(here, "script.sh", "a script in a folder", 0);
  int script = open("script.sh", O_RDONLY);
  execute(script, "", "a script by descriptor", AT_EMPTY_PATH);

  int memory = memfd_create("in memory", MFD_CLOEXEC);
  copy(memory);
  execute(memory, "", "from memory", AT_EMPTY_PATH);

  int made = open("copy-of-echo", O_WRONLY | O_CREAT | O_EXCL, 0755);
  copy(made);
  close(made);
  made = open("copy-of-echo", O_RDONLY | O_CLOEXEC);
  execute(made, "", "a copy", AT_EMPTY_PATH);
  unlink("copy-of-echo");
  execute(made, "", "a copy without a name", AT_EMPTY_PATH);

  char name[64];
  snprintf(name, sizeof name, "/proc/self/fd/%d", echo);
  char *argv[] = {"echo", "by its name in /proc", NULL};
  pid_t child = fork();
  if (child == 0) {
    execve(name, argv, environ);
    _exit(9);
  }
  waitpid(child, NULL, 0);
  child = fork();
  if (child == 0) {
    char *const last[] = {"echo", "by fexecve", NULL};
    fexecve(echo, last, environ);
    _exit(9);
  }
  waitpid(child, NULL, 0);
  return 0;
}
