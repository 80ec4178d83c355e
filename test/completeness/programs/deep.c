// A folder so deep that the kernel can't tell its path any more (over 4,096 bytes), and a file in it.
// With an argument it executes a program there.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char name[201];
  memset(name, 'd', 200);
  name[200] = 0;
  for (int i = 0; i < 30; i++) {
    if (mkdir(name, 0755) != 0 || chdir(name) != 0) return 1;
  }
  int file = open("created", O_WRONLY | O_CREAT, 0644);
  if (file < 0) return 2;
  close(file);
  if (open("created", O_RDONLY) < 0 || rename("created", "renamed") != 0 || link("renamed", "linked") != 0) return 3;
  if (unlink("renamed") != 0) return 4;
  (void)argv;
  if (argc < 2) return 0;
  execl("/bin/echo", "echo", "from below", (char *)0);
  return 5;
}
