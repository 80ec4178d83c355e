// A file is opened again by its descriptor when the name that it was opened by is gone and another one is left.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  char name[64];
  int linked = open("first-name", O_RDWR | O_CREAT, 0644);
  link("first-name", "second-name");
  unlink("first-name");
  snprintf(name, sizeof name, "/proc/self/fd/%d", linked);
  return open(name, O_RDONLY) < 0;
}
