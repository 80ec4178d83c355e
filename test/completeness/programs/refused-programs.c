// Programs that the kernel does not execute: none of them ran.
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct { const char *file; int error; } ATTEMPTS[] = {
    {"absent", ENOENT},      {"/absent/folder/program", ENOENT}, {"input/program", ENOTDIR}, {"input", EACCES},
    {"not-executable.sh", EACCES}, {"folder", EACCES},            {"no-format", ENOEXEC},     {"no-interpreter.sh", ENOENT},
    {"loop", ELOOP},         {"", ENOENT},
};

int main(void) {
  symlink("loop", "loop");
  for (unsigned i = 0; i < sizeof ATTEMPTS / sizeof ATTEMPTS[0]; i++) {
    pid_t child = fork();
    if (child == 0) {
      execl(ATTEMPTS[i].file, "never", (char *)0);
      _exit(errno == ATTEMPTS[i].error ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    if (status != 0) {
      fprintf(stderr, "%s ended otherwise\n", ATTEMPTS[i].file);
      return 1;
    }
  }
  // The process goes on after attempts of its own, and then becomes something.
  execl("absent", "absent", (char *)0);
  execl("/bin/echo", "echo", "at last", (char *)0);
  return 9;
}
