// Symlinks, hard links, renames: those that happen and those that the kernel refuses.
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void touch(const char *name) { close(open(name, O_WRONLY | O_CREAT, 0644)); }
static void look(const char *name) { close(open(name, O_RDONLY)); }
static long move(const char *from, const char *to, unsigned flags) {
  return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

static void symlinks(void) {
  mkdir("real", 0755);
  touch("real/file");
  symlink("real", "folder-link");
  symlink("/workspace/real/file", "absolute-link");
  symlink("folder-link/file", "link-through-a-link");
  symlink("real/not-yet", "dangling");
  symlink("loop-b", "loop-a");
  symlink("loop-a", "loop-b");
  look("folder-link/file");
  look("absolute-link");
  look("link-through-a-link");
  look("loop-a");
  look("dangling");
  touch("dangling");
  touch("folder-link/through");
  unlink("folder-link/through");
  unlink("absolute-link");
  mkdir("folder-link/inner", 0755);
  rename("folder-link/inner", "folder-link/renamed");
  symlink("x", "real"); // there already
}

static void hard_links(void) {
  touch("original");
  link("original", "second");
  link("folder-link/file", "third");
  link("original", "second"); // there already
  link("real", "of-a-folder"); // refused
  link("dangling", "of-a-link"); // the link itself, not what it points to
  rename("original", "second"); // two names of one file: nothing happens
  look("second");
  look("third");
  unlink("original");
  look("second");
}

static void renames(void) {
  mkdir("left", 0755);
  mkdir("left/deep", 0755);
  mkdir("right", 0755);
  touch("left/file");
  touch("left/deep/inside");
  touch("right/taken");
  rename("left/file", "right/file");
  rename("right/file", "right/taken"); // replaces
  rename("left/deep", "right/deep");   // a whole tree
  look("right/deep/inside");
  move("right/taken", "right/deep/inside", RENAME_NOREPLACE); // refused
  move("right/taken", "right/deep/inside", RENAME_EXCHANGE);
  move("right/taken", "left/quiet", RENAME_NOREPLACE);
  rename("absent", "left/absent");
  rename("right/deep", "left/quiet"); // a folder over a file: refused
  mkdir("empty", 0755);
  rename("right/deep", "empty"); // a folder over an empty one
  rename("empty", "right/deep");
  rename("right/deep", "right"); // over a full one that holds it: refused
  rename("right/deep/inside", "/tmp/elsewhere"); // another file system: refused
  rename("left/quiet", "left/quiet");
  rmdir("right"); // not empty
  rmdir("left/quiet"); // not a folder
  unlink("left"); // a folder
}

// Working directories and descriptors stay with a folder that is renamed under them.
static void moved_underneath(void) {
  mkdir("home", 0755);
  mkdir("home/inner", 0755);
  int inner = open("home/inner", O_RDONLY | O_DIRECTORY);
  chdir("home/inner");
  rename("/workspace/home", "/workspace/moved-home");
  touch("by-working-directory");
  close(openat(inner, "by-descriptor", O_WRONLY | O_CREAT, 0644));
  look("/workspace/moved-home/inner/by-descriptor");
  symlink("../outside", "link-out");
  touch("link-out");
  close(open("link-out", O_WRONLY | O_CREAT | O_EXCL, 0644)); // there already
  close(open("link-out", O_WRONLY | O_CREAT | O_NOFOLLOW, 0644)); // refused
  rename("../outside", "../../home");
  look("/workspace/home");
  chdir("/workspace");
}

int main(void) {
  symlinks();
  hard_links();
  renames();
  moved_underneath();
  return 0;
}
