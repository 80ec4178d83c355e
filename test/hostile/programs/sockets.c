// Opens sockets of every family and other channels between two processes.
#include "hostile.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <arpa/inet.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define NONE int argc, char **argv
#define UNUSED (void)argc, (void)argv

static void families(NONE) {
  UNUSED;
  int open_families = 0;
  for (int family = 0; family < 64; family++) {
    if (family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK) continue;
    for (int type = 1; type < 7; type++) {
      for (int protocol = 0; protocol < 3; protocol++) {
        int fd = socket(family, type, protocol);
        int pair[2];
        if (fd >= 0 || socketpair(family, type, protocol, pair) == 0) open_families++;
        if (fd >= 0) printf("family %d type %d protocol %d opened\n", family, type, protocol), close(fd);
      }
    }
  }
  found("other families", open_families > 0);
  tried("vsock", socket(AF_VSOCK, SOCK_STREAM, 0));
  tried("packet", socket(AF_PACKET, SOCK_RAW, 0x300));
  tried("old packet", socket(AF_INET, SOCK_PACKET, 0x300));
  tried("raw icmp", socket(AF_INET, SOCK_RAW, 1));
  tried("raw ip", socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 255));
  tried("raw icmp6", socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK, 58));
  // Where the kernel lets everybody ping, there is still nobody to be pinged.
  const struct sockaddr_in far = {.sin_family = AF_INET, .sin_addr = {htonl(0x08080808)}};
  const char echo[8] = {8};
  tried("ping", sendto(socket(AF_INET, SOCK_DGRAM, 1), echo, sizeof echo, 0, (const struct sockaddr *)&far, sizeof far));
  tried("alg", socket(AF_ALG, SOCK_SEQPACKET, 0));
}

static long ask_netlink(int type, int flags, const void *body, size_t length) {
  int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  struct {
    struct nlmsghdr header;
    char body[256];
  } message = {.header = {.nlmsg_len = (unsigned)NLMSG_LENGTH(length), .nlmsg_type = (unsigned short)type, .nlmsg_flags = (unsigned short)(NLM_F_REQUEST | NLM_F_ACK | flags)}};
  memcpy(NLMSG_DATA(&message.header), body, length);
  if (send(fd, &message, message.header.nlmsg_len, 0) < 0) return -1;
  char answer[4096];
  struct pollfd waiting = {fd, POLLIN, 0};
  if (poll(&waiting, 1, 2000) != 1 || recv(fd, answer, sizeof answer, 0) < 0) return -1;
  const struct nlmsghdr *header = (void *)answer;
  if (header->nlmsg_type != NLMSG_ERROR) return 0;
  int error = ((struct nlmsgerr *)NLMSG_DATA(header))->error;
  close(fd);
  return error == 0 ? 0 : (errno = -error, -1);
}

static void netlink(NONE) {
  UNUSED;
  int opened = 0;
  for (int protocol = 1; protocol < 32; protocol++) {
    int fd = socket(AF_NETLINK, SOCK_RAW, protocol);
    if (fd >= 0) opened++, close(fd);
  }
  found("other protocols", opened > 0);
  struct ifinfomsg link = {.ifi_family = AF_UNSPEC, .ifi_index = 1, .ifi_change = IFF_UP};
  tried("link down", ask_netlink(RTM_NEWLINK, 0, &link, sizeof link));
  link.ifi_index = 0;
  tried("new link", ask_netlink(RTM_NEWLINK, NLM_F_CREATE, &link, sizeof link));
  struct rtmsg route = {.rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_BOOT, .rtm_scope = RT_SCOPE_LINK, .rtm_type = RTN_UNICAST};
  struct {
    struct rtmsg route;
    struct rtattr attribute;
    int index;
  } wanted = {route, {8, RTA_OIF}, 1};
  tried("new route", ask_netlink(RTM_NEWROUTE, NLM_F_CREATE, &wanted, sizeof wanted));
  struct ifaddrmsg address = {.ifa_family = AF_INET, .ifa_prefixlen = 8, .ifa_index = 1};
  tried("new address", ask_netlink(RTM_NEWADDR, NLM_F_CREATE, &address, sizeof address));
}

#define HOST_KEY 0x476c6f76

// On the host: what a sandbox must not meet.
static void plant(NONE) {
  UNUSED;
  int segment = shmget(HOST_KEY, 4096, IPC_CREAT | 0666);
  int queue = msgget(HOST_KEY, IPC_CREAT | 0666);
  int semaphore = semget(HOST_KEY, 1, IPC_CREAT | 0666);
  int file = shm_open("/glovebox-hostile", O_RDWR | O_CREAT, 0666);
  mqd_t named = mq_open("/glovebox-hostile", O_RDWR | O_CREAT, 0666, NULL);
  printf("%d\n", segment >= 0 && queue >= 0 && semaphore >= 0 && file >= 0 && named >= 0);
}

static void remove_planted(NONE) {
  UNUSED;
  shmctl(shmget(HOST_KEY, 0, 0), IPC_RMID, NULL);
  msgctl(msgget(HOST_KEY, 0), IPC_RMID, NULL);
  semctl(semget(HOST_KEY, 0, 0), 0, IPC_RMID);
  shm_unlink("/glovebox-hostile");
  mq_unlink("/glovebox-hostile");
}

static void shared_memory(NONE) {
  UNUSED;
  int seen = 0;
  for (int id = 0; id < 65536; id++) {
    struct shmid_ds segment;
    if (shmctl(id, IPC_STAT, &segment) == 0 || shmctl(id, 15, &segment) >= 0) seen++;
  }
  found("other segments", seen > 0);
  tried("the host's segment by key", shmget(HOST_KEY, 0, 0));
  tried("the host's queue by key", msgget(HOST_KEY, 0));
  tried("the host's semaphore by key", semget(HOST_KEY, 0, 0));
  tried("the host's /dev/shm", shm_open("/glovebox-hostile", O_RDWR, 0));
  tried("the host's message queue", mq_open("/glovebox-hostile", O_RDWR));
  // Its own stay in its namespaces.
  shmget(0x476c6f77, 4096, IPC_CREAT | 0666);
  msgget(0x476c6f77, IPC_CREAT | 0666);
  semget(0x476c6f77, 1, IPC_CREAT | 0666);
  shm_open("/glovebox-left", O_RDWR | O_CREAT, 0666);
  mq_open("/glovebox-left", O_RDWR | O_CREAT, 0666, NULL);
}

// Asks every descriptor for what it is; only standard input, output and error may be there.
static void descriptors(NONE) {
  UNUSED;
  int inherited = 0;
  for (int fd = 3; fd < 4096; fd++) {
    if (fcntl(fd, F_GETFD) < 0) continue;
    inherited++;
    printf("descriptor %d is open\n", fd);
  }
  found("inherited descriptors", inherited > 0);
  struct stat in, null;
  fstat(0, &in);
  stat("/dev/null", &null);
  found("a standard input", in.st_rdev != null.st_rdev);
  // Pipes are only for writing, and nothing can be sent back through them.
  char byte;
  tried("read of standard output", read(1, &byte, 1));
  tried("read of standard error", read(2, &byte, 1));
  tried("receive on standard output", recv(1, &byte, 1, MSG_DONTWAIT));
}

int main(int argc, char **argv) {
  static const struct attempt attempts[] = {
      {"families", families}, {"netlink", netlink}, {"shared-memory", shared_memory}, {"descriptors", descriptors}, {"plant", plant}, {"remove-planted", remove_planted}, {NULL, NULL},
  };
  return dispatch(attempts, argc, argv);
}
