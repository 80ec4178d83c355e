// A process whose parent is gone before it does anything. Whoever waits for the end of its output waits for it.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

int main(void) {
  int ends[2];
  pipe(ends);
  if (fork() > 0) return 0;
  close(ends[1]);
  // The parent's end of the pipe closes when the parent is gone.
  struct pollfd end = {ends[0], 0, 0};
  poll(&end, 1, -1);
  close(open("orphan-was-here", O_WRONLY | O_CREAT, 0644));
  close(open("input", O_RDONLY));
  setsid();
  if (fork() > 0) return 0;
  execl("/bin/echo", "echo", "an orphan", (char *)0);
  return 9;
}
