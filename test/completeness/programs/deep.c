// A folder so deep that the kernel can't tell its path any more (over 4,096 bytes), and a file in it.
// With an argument the depth comes from moving one deep folder into another, and a program is executed there.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEVELS 15

static char name[201];

static int go_down(int make, int levels) {
  for (int i = 0; i < levels; i++) {
    if ((make && mkdir(name, 0755) != 0) || chdir(name) != 0) return -1;
  }
  return 0;
}

static int work_there(void) {
  int file = open("created", O_WRONLY | O_CREAT, 0644);
  if (file < 0) return 2;
  close(file);
  if (open("created", O_RDONLY) < 0 || rename("created", "renamed") != 0 || link("renamed", "linked") != 0) return 3;
  return unlink("renamed") != 0 ? 4 : 0;
}

static int execute_there(void) {
  // Nothing there can be named on the record, so that nothing of this may work.
  if (mkdir("one", 0755) != 0 || chdir("one") != 0 || go_down(1, LEVELS) != 0 || chdir("/workspace") != 0) return 6;
  if (mkdir("other", 0755) != 0 || chdir("other") != 0 || go_down(1, LEVELS) != 0) return 7;
  if (rename("/workspace/one", "one") != 0 || chdir("one") != 0 || go_down(0, LEVELS) != 0) return 8;
  if (open("created", O_WRONLY | O_CREAT, 0644) >= 0 || mkdir("made", 0755) == 0 || symlink("x", "linked") == 0) return 9;
  execl("/bin/echo", "echo", "from below", (char *)0);
  return 5;
}

int main(int argc, char **argv) {
  (void)argv;
  memset(name, 'd', 200);
  if (argc > 1) return execute_there();
  if (go_down(1, 2 * LEVELS) != 0) return 1;
  return work_there();
}
