#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "selftest-checks.h"

bool read_small(const char *path, char *text, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return false;
  size_t len = 0;
  ssize_t got;
  while (len < size && (got = read(fd, text + len, size - len)) > 0) len += (size_t)got;
  close(fd);
  if (len == size) return false;
  text[len] = 0;
  return true;
}

static size_t count_lines(const char *text) {
  size_t lines = 0;
  for (; *text != 0; text++) lines += *text == '\n';
  return lines;
}

static bool is_up(const char *name, size_t len) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  if (len == 0 || len >= sizeof request.ifr_name) return true;
  memcpy(request.ifr_name, name, len);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return true;
  bool down = ioctl(fd, SIOCGIFFLAGS, &request) == 0 && !(request.ifr_flags & IFF_UP);
  close(fd);
  return !down;
}

bool check_only_loopback(char *detail, size_t size) {
  char text[8192];
  if (!read_small("/proc/net/dev", text, sizeof text)) {
    snprintf(detail, size, "/proc/net/dev can't be read");
    return false;
  }
  bool loopback = false;
  unsigned down = 0;
  // Two lines of headings, then one per interface. A kernel with tunnel modules puts some of theirs into every network
  // namespace, down; without CAP_NET_ADMIN they stay so.
  const char *line = text;
  for (int headings = 0; headings < 2 && line != NULL; headings++) line = strchr(line, '\n') == NULL ? NULL : strchr(line, '\n') + 1;
  for (; line != NULL && *line != 0; line = strchr(line, '\n') == NULL ? NULL : strchr(line, '\n') + 1) {
    const char *name = line + strspn(line, " ");
    size_t len = strcspn(name, ":\n");
    if (len == 2 && memcmp(name, "lo", 2) == 0) {
      loopback = true;
    } else if (is_up(name, len)) {
      snprintf(detail, size, "the interface %.*s is up", (int)len, name);
      return false;
    } else {
      down++;
    }
  }
  int len = snprintf(detail, size, loopback ? "lo" : "no lo");
  if (down > 0) snprintf(detail + len, size - (size_t)len, ", and %u that are down", down);
  return loopback;
}

bool check_no_route(char *detail, size_t size) {
  char text[4096];
  if (!read_small("/proc/net/route", text, sizeof text)) {
    snprintf(detail, size, "/proc/net/route can't be read");
    return false;
  }
  size_t routes = count_lines(text) == 0 ? 0 : count_lines(text) - 1;
  snprintf(detail, size, "%zu routes", routes);
  return routes == 0;
}

static bool is_refused(int family, const struct sockaddr *address, socklen_t len, const char *name, char *detail, size_t size) {
  int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) {
    snprintf(detail, size, "%s: %s", name, strerror(errno));
    return errno == EAFNOSUPPORT;
  }
  int result = connect(fd, address, len);
  int error = result == 0 ? 0 : errno;
  close(fd);
  // A connection in progress would mean that a route exists.
  bool refused = error == ENETUNREACH || error == EHOSTUNREACH || error == EADDRNOTAVAIL || error == EACCES || error == EPERM;
  snprintf(detail, size, "%s: %s", name, error == 0 ? "connected" : strerror(error));
  return refused;
}

bool check_no_connection(char *detail, size_t size) {
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(443)};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(443)};
  // Well-known public resolvers: addresses that any network with a way out can reach.
  inet_pton(AF_INET, "1.1.1.1", &v4.sin_addr);
  inet_pton(AF_INET6, "2606:4700:4700::1111", &v6.sin6_addr);
  if (!is_refused(AF_INET, (struct sockaddr *)&v4, sizeof v4, "1.1.1.1:443", detail, size)) return false;
  return is_refused(AF_INET6, (struct sockaddr *)&v6, sizeof v6, "[2606:4700:4700::1111]:443", detail, size);
}

bool check_no_resolver(char *detail, size_t size) {
  char text[8192];
  if (access("/etc/resolv.conf", F_OK) != 0) {
    snprintf(detail, size, "/etc/resolv.conf is absent");
    return errno == ENOENT || errno == ENOTDIR;
  }
  if (!read_small("/etc/resolv.conf", text, sizeof text)) {
    snprintf(detail, size, "/etc/resolv.conf can't be read");
    return false;
  }
  bool named = strstr(text, "nameserver") != NULL;
  snprintf(detail, size, named ? "/etc/resolv.conf names a server" : "/etc/resolv.conf names no server");
  return !named;
}
