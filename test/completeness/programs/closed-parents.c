// Works in a folder whose parents were closed after it got there.
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
  mkdir("above", 0755);
  mkdir("above/here", 0755);
  int folder = open("above/here", O_RDONLY | O_DIRECTORY);
  chdir("above/here");
  chmod("/workspace/above", 0);
  close(open("created", O_WRONLY | O_CREAT, 0644));
  close(openat(folder, "created", O_RDONLY));
  renameat(folder, "created", folder, "renamed");
  mkdir("inner", 0755);
  chdir("inner");
  close(open("../second", O_WRONLY | O_CREAT, 0644));
  int refused = open("/workspace/above/here/renamed", O_RDONLY);
  chmod("..", 0); // and now this one, too
  int below = open("below", O_WRONLY | O_CREAT, 0644);
  int above = open("../renamed", O_RDONLY);
  return refused >= 0 || below < 0 || above >= 0;
}
