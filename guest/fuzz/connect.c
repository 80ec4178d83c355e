// The address of a connect(2), out of a process's memory: any bytes, any length.
#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "give-up.h"
#include "see.h"

static struct bytes memory;

bool tracee_read(struct tracee *tracee, uint64_t address, void *data, size_t len) {
  (void)tracee;
  (void)address;
  if (len > memory.len) return false;
  if (len > 0) memcpy(data, memory.data, len);
  return true;
}

static void check_text(const struct deed *out, int family) {
  char text[INET6_ADDRSTRLEN + 1] = {0};
  uint8_t parsed[16];
  MUST(out->address_len < sizeof text);
  memcpy(text, out->address, out->address_len);
  MUST(inet_pton(family, text, parsed) == 1);
  size_t at = family == AF_INET ? 4 : 8;
  MUST(memcmp(parsed, memory.data + at, family == AF_INET ? 4 : 16) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  if (len < 2) return 0;
  uint64_t claimed = data[0] < 200 ? data[0] : (uint64_t)data[0] << 56;
  memory = (struct bytes){data + 1, len - 1};
  struct tracee tracee = {.tid = 1};
  struct deed out = {.kinds = 0};
  see_connect(&tracee, 0, claimed, &out);
  MUST(out.address_len <= sizeof out.address && out.family <= NET_OTHER);
  if (out.family == NET_INET) check_text(&out, AF_INET);
  if (out.family == NET_INET6) check_text(&out, AF_INET6);
  if (out.family == NET_INET || out.family == NET_INET6) MUST(out.port == memory.data[2] * 256 + memory.data[3]);
  if (out.family == NET_UNIX) {
    MUST(out.address_len <= claimed - offsetof(struct sockaddr_un, sun_path));
    MUST(memcmp(out.address, memory.data + 2, out.address_len) == 0);
    MUST(out.address_len == 0 || out.address[0] == 0 || memchr(out.address, 0, out.address_len) == NULL);
  }
  return 0;
}
