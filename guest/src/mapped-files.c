#include "mapped-files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES (4u * PATH_BYTES_MAX + 128u) // the kernel writes a line feed in a name as four bytes

// proc_pid_maps(5): the path is what follows five fields, and starts with a slash where there is a file.
static const char *path_in(char *line) {
  char *at = strchr(line, '/');
  if (at == NULL) return NULL;
  char *to = at;
  for (const char *from = at; *from != 0; to++) {
    bool feed = strncmp(from, "\\012", 4) == 0;
    *to = feed ? '\n' : *from;
    from += feed ? 4 : 1;
  }
  *to = 0;
  return at;
}

bool each_mapped_file(pid_t pid, void (*each)(void *state, const char *path), void *state) {
  char name[32];
  snprintf(name, sizeof name, "/proc/%d/maps", pid);
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  char text[LINE_MAX_BYTES];
  size_t len = 0;
  ssize_t got;
  while ((got = read(fd, text + len, sizeof text - 1 - len)) > 0) {
    len += (size_t)got;
    text[len] = 0;
    char *line = text;
    for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
      *end = 0;
      const char *path = path_in(line);
      if (path != NULL) each(state, path);
    }
    len -= (size_t)(line - text);
    memmove(text, line, len);
  }
  close(fd);
  return got == 0;
}
