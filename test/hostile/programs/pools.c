// Takes from pools that the kernel keeps for the whole machine and that no cgroup counts. Each is bounded by itself, too: a
// wall that fails lets a little through, and says so.
#include "hostile.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define NONE int argc, char **argv
#define UNUSED (void)argc, (void)argv
#define MIB (1l << 20)

static struct sock_filter accept_all[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
static struct sock_fprog filter = {1, accept_all};

static void socket_filters(NONE) {
  UNUSED;
  int udp = socket(AF_INET, SOCK_DGRAM, 0), pair[2];
  socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
  tried("filter of a UDP socket", setsockopt(udp, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter));
  tried("filter of a unix socket", setsockopt(pair[0], SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter));
  tried("filter of a netlink socket", setsockopt(socket(AF_NETLINK, SOCK_RAW, 0), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter));
  tried("filter that spreads connections", setsockopt(udp, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &filter, sizeof filter));
  tried("program of a socket", setsockopt(udp, SOL_SOCKET, SO_ATTACH_BPF, &udp, sizeof udp));
  tried("program that spreads connections", setsockopt(udp, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &udp, sizeof udp));
}

static void own_filters(NONE) {
  UNUSED;
  tried("by seccomp", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter));
  tried("for all threads", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter));
  tried("by prctl", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
}

static void io_contexts(NONE) {
  UNUSED;
  unsigned long context = 0;
  tried("io_setup", syscall(SYS_io_setup, 128, &context));
}

static void flow_labels(NONE) {
  UNUSED;
  struct { struct in6_addr to; uint32_t label; uint8_t action, share; uint16_t flags, expires, linger; uint32_t pad; } ask = {
      .to = IN6ADDR_LOOPBACK_INIT, .action = 0, .share = 1, .flags = 1, .linger = 60};
  tried("flow label", setsockopt(socket(AF_INET6, SOCK_DGRAM, 0), IPPROTO_IPV6, 32, &ask, sizeof ask));
}

static void reserve(NONE) {
  UNUSED;
  int file = open("reserved", O_CREAT | O_RDWR, 0600);
  struct { int16_t type, whence; int64_t start, len; int32_t rest[6]; } space = {0, 0, 0, 4096, {0}};
  tried("blocks of a file", fallocate(file, 0, 0, 4096));
  tried("blocks past its end", fallocate(file, FALLOC_FL_KEEP_SIZE, 0, 4096));
  tried("zeros past its end", fallocate(file, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 0, 4096));
  tried("by the ioctl of XFS", ioctl(file, _IOW('X', 42, space), &space));
  tried("by its older one", ioctl(file, _IOW('X', 40, space), &space));
  tried("zeros by ioctl", ioctl(file, _IOW('X', 57, space), &space));
}

static void huge_pages(NONE) {
  UNUSED;
  void *at = mmap(NULL, 2 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
  tried("memory", at == MAP_FAILED ? -1 : 0);
  tried("memory file", memfd_create("huge", MFD_HUGETLB));
  tried("shared memory", shmget(IPC_PRIVATE, 2 * MIB, SHM_HUGETLB | IPC_CREAT | 0600));
}

// argv: how many at most.
static void terminals(int argc, char **argv) {
  int most = argc > 0 ? atoi(argv[0]) : 200, opened = 0;
  while (opened < most && open("/dev/ptmx", O_RDWR | O_NOCTTY) >= 0) opened++;
  printf("terminals: %d\n", opened);
  fflush(stdout);
  sleep(1);
}

static void watches(NONE) {
  UNUSED;
  int opened = 0;
  while (opened < 1000 && inotify_init() >= 0) opened++;
  printf("watches: %d\n", opened);
}

// The sum of a column of hexadecimal numbers behind a colon: what waits in the receiving queues.
static long waiting(const char *path) {
  FILE *file = fopen(path, "r");
  char line[512];
  long sum = 0;
  while (file != NULL && fgets(line, sizeof line, file) != NULL) {
    unsigned long sending, reading;
    char state[3] = "";
    if (sscanf(line, " %*s %*s %*s %2s %lx:%lx", state, &sending, &reading) == 3 && strcmp(state, "0A") != 0) {
      sum += (long)(sending + reading);
    }
  }
  return sum;
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  address.sin_port = htons((uint16_t)port);
  return address;
}

static struct sockaddr_in bound_address(int fd) {
  struct sockaddr_in address = loopback(0);
  socklen_t len = sizeof address;
  bind(fd, (struct sockaddr *)&address, len);
  getsockname(fd, (struct sockaddr *)&address, &len);
  return address;
}

static void widen(int fd) {
  int most = 1 << 30;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &most, sizeof most);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &most, sizeof most);
}

static void say_waiting(const char *what, const char *path, long allowed) {
  usleep(700000); // what is counted a moment later is hit then
  long mib = waiting(path) / MIB;
  printf("%s: %ld MiB wait%s\n", what, mib, mib > allowed ? ": GOT THROUGH" : "");
  fflush(stdout);
}

// argv: MiB to send, MiB that may wait.
static void udp(int argc, char **argv) {
  long most = argc > 0 ? atol(argv[0]) : 64, sent = 0;
  static char block[60000];
  int from = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  while (sent < most * MIB) {
    int to = socket(AF_INET, SOCK_DGRAM, 0);
    if (to < 0) break;
    widen(to);
    struct sockaddr_in address = bound_address(to);
    for (int i = 0; i < 16; i++, sent += (long)sizeof block) sendto(from, block, sizeof block, 0, (struct sockaddr *)&address, sizeof address);
  }
  say_waiting("udp", "/proc/net/udp", argc > 1 ? atol(argv[1]) : 0);
}

// argv: MiB to send, MiB that may wait.
static void tcp(int argc, char **argv) {
  long most = argc > 0 ? atol(argv[0]) : 64, sent = 0;
  static char block[MIB];
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  widen(listener);
  struct sockaddr_in address = bound_address(listener);
  listen(listener, 4096);
  for (int i = 0; i < 400 && sent < most * MIB; i++) {
    int from = socket(AF_INET, SOCK_STREAM, 0);
    widen(from);
    if (from < 0 || connect(from, (struct sockaddr *)&address, sizeof address) != 0 || accept(listener, NULL, NULL) < 0) break;
    for (int idle = 0; idle < 10 && sent < most * MIB;) {
      ssize_t got = send(from, block, sizeof block, MSG_DONTWAIT);
      if (got > 0) sent += got;
      else idle++, usleep(1000);
    }
  }
  say_waiting("tcp", "/proc/net/tcp", argc > 1 ? atol(argv[1]) : 0);
}

// Answers of the kernel that nobody reads. argv: MiB at most.
static void netlink(int argc, char **argv) {
  long most = argc > 0 ? atol(argv[0]) : 64;
  struct { struct nlmsghdr header; struct ifinfomsg about; } ask = {
      .header = {sizeof ask, RTM_GETLINK, NLM_F_REQUEST, 1, 0}, .about = {.ifi_index = 1}};
  // An answer takes a page, at the least.
  for (long asked = 0; asked < most * 256;) {
    int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    if (fd < 0) break;
    widen(fd);
    for (int i = 0; i < 1000 && send(fd, &ask, sizeof ask, MSG_DONTWAIT) > 0; i++) asked++;
  }
  sleep(2);
  printf("netlink: GOT THROUGH\n");
}

static int fails(const char *what) {
  printf("neighbour: %s: %s\n", what, strerror(errno));
  exit(3);
}

// What an honest run does of all this, for three seconds: nothing of it may fail because of another run.
static void neighbour(NONE) {
  UNUSED;
  char text[64] = "hello", heard[64];
  for (int round = 0; round < 30; round++, usleep(100000)) {
    int terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    if (terminal < 0) fails("terminal");
    int watch = inotify_init();
    if (watch < 0 || inotify_add_watch(watch, ".", IN_CREATE) < 0) fails("watch");
    int datagrams = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in address = bound_address(datagrams);
    if (sendto(datagrams, text, sizeof text, 0, (struct sockaddr *)&address, sizeof address) != sizeof text) fails("send");
    if (recv(datagrams, heard, sizeof heard, 0) != sizeof heard) fails("receive");
    int listener = socket(AF_INET, SOCK_STREAM, 0), from = socket(AF_INET, SOCK_STREAM, 0);
    address = bound_address(listener);
    if (listen(listener, 1) != 0 || connect(from, (struct sockaddr *)&address, sizeof address) != 0) fails("connect");
    int to = accept(listener, NULL, NULL);
    if (send(from, text, sizeof text, 0) != sizeof text || recv(to, heard, sizeof heard, MSG_WAITALL) != sizeof heard) fails("connection");
    int files[100];
    for (int i = 0; i < 100; i += 2) {
      if (pipe(files + i) != 0) fails("pipe");
    }
    int file = open("neighbour", O_CREAT | O_RDWR | O_TRUNC, 0600);
    if (file < 0 || write(file, text, sizeof text) != sizeof text || fsync(file) != 0) fails("file");
    for (int i = 0; i < 100; i++) close(files[i]);
    const int others[] = {terminal, watch, datagrams, listener, from, to, file};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) close(others[i]);
  }
  printf("neighbour: undisturbed\n");
}

int main(int argc, char **argv) {
  static const struct attempt attempts[] = {
      {"socket-filters", socket_filters}, {"own-filters", own_filters}, {"io-contexts", io_contexts}, {"flow-labels", flow_labels},
      {"reserve", reserve}, {"huge-pages", huge_pages}, {"terminals", terminals}, {"watches", watches}, {"udp", udp}, {"tcp", tcp},
      {"netlink", netlink}, {"neighbour", neighbour}, {NULL, NULL},
  };
  return dispatch(attempts, argc, argv);
}
