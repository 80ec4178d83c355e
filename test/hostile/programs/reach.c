// Reaches for paths: `reach read|write|make|list|dial PATH...`
#include "hostile.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

static void reading(int argc, char **argv) {
  for (int i = 0; i < argc; i++) {
    char byte;
    int fd = open(argv[i], O_RDONLY | O_NONBLOCK | O_NOCTTY);
    tried(argv[i], fd < 0 ? fd : read(fd, &byte, 1));
  }
}

static void writing(int argc, char **argv) {
  for (int i = 0; i < argc; i++) {
    int fd = open(argv[i], O_WRONLY | O_NONBLOCK | O_NOCTTY);
    tried(argv[i], fd < 0 ? fd : write(fd, "|/tmp/owned\n", 12));
  }
}

static void making(int argc, char **argv) {
  for (int i = 0; i < argc; i++) tried(argv[i], open(argv[i], O_CREAT | O_EXCL | O_WRONLY, 0666));
}

static void listing(int argc, char **argv) {
  for (int i = 0; i < argc; i++) tried(argv[i], open(argv[i], O_RDONLY | O_DIRECTORY));
}

static long dial(const char *path, int type) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(path);
  if (length >= sizeof address.sun_path) return errno = ENAMETOOLONG, -1;
  memcpy(address.sun_path, path, length);
  // A leading @ stands for the first byte of an abstract name.
  if (path[0] == '@') address.sun_path[0] = 0;
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (path[0] == '@' ? 0 : 1));
  return connect(socket(AF_UNIX, type, 0), (struct sockaddr *)&address, size);
}

static void dialling(int argc, char **argv) {
  for (int i = 0; i < argc; i++) {
    long stream = dial(argv[i], SOCK_STREAM);
    tried(argv[i], stream < 0 && errno == EPROTOTYPE ? dial(argv[i], SOCK_DGRAM) : stream);
  }
}

static void linking(int argc, char **argv) {
  for (int i = 0; i < argc; i++) {
    char name[32];
    snprintf(name, sizeof name, "hard-link-%d", i);
    tried(argv[i], link(argv[i], name));
  }
}

static void devices(int argc, char **argv) {
  (void)argc;
  (void)argv;
  const struct {
    const char *name;
    mode_t mode;
    unsigned major, minor;
  } nodes[] = {
      {"mem", S_IFCHR, 1, 1}, {"kmem", S_IFCHR, 1, 2},   {"port", S_IFCHR, 1, 4}, {"kmsg", S_IFCHR, 1, 11},
      {"sda", S_IFBLK, 8, 0}, {"vda", S_IFBLK, 254, 0},  {"nvme", S_IFBLK, 259, 0}, {"loop", S_IFBLK, 7, 0},
      {"fuse", S_IFCHR, 10, 229}, {"tun", S_IFCHR, 10, 200}, {"kvm", S_IFCHR, 10, 232}, {"vhost", S_IFCHR, 10, 238},
      {"tty1", S_IFCHR, 4, 1}, {"console", S_IFCHR, 5, 1},
  };
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
    unlink(nodes[i].name);
    tried(nodes[i].name, mknod(nodes[i].name, nodes[i].mode | 0666, makedev(nodes[i].major, nodes[i].minor)));
  }
}

int main(int argc, char **argv) {
  static const struct attempt attempts[] = {
      {"read", reading}, {"write", writing}, {"make", making}, {"list", listing},
      {"dial", dialling}, {"link", linking}, {"devices", devices}, {NULL, NULL},
  };
  return dispatch(attempts, argc, argv);
}
