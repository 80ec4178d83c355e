#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "see.h"

static void set_text(struct deed *deed, const char *text) {
  size_t len = strlen(text);
  memcpy(deed->address, text, len);
  deed->address_len = (uint16_t)len;
}

static void set_unix(struct deed *deed, const struct sockaddr_un *address, size_t len) {
  size_t path = len - offsetof(struct sockaddr_un, sun_path);
  if (path > sizeof address->sun_path) path = sizeof address->sun_path;
  // An abstract name starts with NUL and has its length; a path ends at its first NUL.
  if (path > 0 && address->sun_path[0] != 0) path = strnlen(address->sun_path, path);
  memcpy(deed->address, address->sun_path, path);
  deed->address_len = (uint16_t)path;
  deed->family = NET_UNIX;
}

void see_connect(struct tracee *tracee, uint64_t at, uint64_t len, struct deed *deed) {
  union {
    struct sockaddr any;
    struct sockaddr_un local;
    struct sockaddr_in inet;
    struct sockaddr_in6 inet6;
    uint8_t bytes[128];
  } address;
  memset(&address, 0, sizeof address);
  if (len < sizeof address.any.sa_family || len > sizeof address) return;
  if (!tracee_read(tracee, at, &address, (size_t)len)) return;
  char text[INET6_ADDRSTRLEN];
  deed->port = 0;
  deed->address_len = 0;
  if (address.any.sa_family == AF_UNIX) {
    set_unix(deed, &address.local, (size_t)len);
  } else if (address.any.sa_family == AF_INET && len >= sizeof address.inet) {
    set_text(deed, inet_ntop(AF_INET, &address.inet.sin_addr, text, sizeof text));
    deed->family = NET_INET;
    deed->port = ntohs(address.inet.sin_port);
  } else if (address.any.sa_family == AF_INET6 && len >= offsetof(struct sockaddr_in6, sin6_scope_id)) {
    set_text(deed, inet_ntop(AF_INET6, &address.inet6.sin6_addr, text, sizeof text));
    deed->family = NET_INET6;
    deed->port = ntohs(address.inet6.sin6_port);
  } else if (address.any.sa_family != AF_UNSPEC && address.any.sa_family != AF_NETLINK) {
    // AF_UNSPEC ends an association, and AF_NETLINK talks to the kernel: neither reaches another host.
    char family[32];
    snprintf(family, sizeof family, "family %u", address.any.sa_family);
    set_text(deed, family);
    deed->family = NET_OTHER;
  }
}
