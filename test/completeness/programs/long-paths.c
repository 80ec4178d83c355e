// Paths of exactly as many bytes as the kernel takes, and symlinks as long as they may be.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// `name` behind so many "./" that the whole has this length.
static char *path_of_length(size_t len, const char *name) {
  static char paths[4][8192];
  static int next;
  char *path = paths[next++ % 4];
  size_t tail = strlen(name);
  size_t at = 0;
  while (at + 2 + tail <= len) {
    memcpy(path + at, "./", 2);
    at += 2;
  }
  if (at + tail < len) path[at++] = '/'; // an odd byte: ".//"
  memcpy(path + at, name, tail + 1);
  return path;
}

static int dangling(void) {
  int wrong = symlink(path_of_length(4095, "not-yet"), "dangling") != 0;
  return wrong | (open("dangling", O_WRONLY | O_CREAT, 0644) < 0);
}

// With an argument: only the file made through a dangling symlink.
int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) return dangling();
  int wrong = 0;
  wrong |= open(path_of_length(4095, "input"), O_RDONLY) < 0;
  wrong |= open(path_of_length(4096, "input"), O_RDONLY) >= 0;
  wrong |= open(path_of_length(4094, "created"), O_WRONLY | O_CREAT, 0644) < 0;
  wrong |= mkdir(path_of_length(4095, "made"), 0755) != 0;
  wrong |= rename(path_of_length(4095, "created"), path_of_length(4095, "made/renamed")) != 0;
  wrong |= link(path_of_length(4095, "made/renamed"), path_of_length(4095, "linked")) != 0;
  wrong |= symlink(path_of_length(4095, "input"), path_of_length(4095, "long-link")) != 0;
  wrong |= open("long-link", O_WRONLY) < 0;
  wrong |= truncate(path_of_length(4095, "long-link"), 1) != 0;
  wrong |= unlink(path_of_length(4095, "linked")) != 0;
  char name[256];
  memset(name, 'n', 255);
  name[255] = 0;
  wrong |= open(name, O_WRONLY | O_CREAT, 0644) < 0;
  wrong |= rename(name, "short") != 0;
  if (wrong) perror("long paths");
  return wrong;
}
