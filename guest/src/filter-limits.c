// Each call is answered as by a kernel, file system or machine that lacks the feature, so that programs work without it.
#include "filter-limits.h"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/falloc.h>
#include <linux/prctl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#ifndef SO_ATTACH_REUSEPORT_CBPF
#define SO_ATTACH_REUSEPORT_CBPF 51
#endif
#ifndef SO_ATTACH_REUSEPORT_EBPF
#define SO_ATTACH_REUSEPORT_EBPF 52
#endif
#ifndef IPV6_FLOWLABEL_MGR
#define IPV6_FLOWLABEL_MGR 32
#endif
#ifndef MFD_HUGETLB
#define MFD_HUGETLB 4u
#endif
#ifndef SHM_HUGETLB
#define SHM_HUGETLB 04000
#endif
// fcntl(2): delegations came with Linux 6.19.
#define SET_DELEGATION (F_SETLEASE + 16)

// As struct space_resv of linux/falloc.h, which older headers do not have, and of XFS: 48 bytes.
struct reservation {
  int16_t type, whence;
  int64_t start, len;
  int32_t system;
  uint32_t pid;
  int32_t reserved[4];
};

// The kernel compiles every BPF filter, in memory that is counted for the whole machine alone (net.core.bpf_jit_limit). Once
// that is used up, nobody gets a filter any more: neither other runs nor the services of the host.
static void check_socket_options(struct program *to) {
  unsigned short begin = begin_call(to, __NR_setsockopt);
  load_arg(to, 1, false);
  emit(to, BPF_JMP | BPF_JEQ | BPF_K, SOL_SOCKET, 0, 10);
  load_arg(to, 2, false);
  answer_if_equal(to, SO_ATTACH_FILTER, REFUSE);
  answer_if_equal(to, SO_ATTACH_BPF, REFUSE);
  answer_if_equal(to, SO_ATTACH_REUSEPORT_CBPF, REFUSE);
  answer_if_equal(to, SO_ATTACH_REUSEPORT_EBPF, REFUSE);
  answer(to, SECCOMP_RET_ALLOW);
  // There are 4,096 flow labels for all namespaces together (FL_MAX_SIZE in the kernel's net/ipv6/ip6_flowlabel.c).
  emit(to, BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_IPV6, 0, 3);
  load_arg(to, 2, false);
  answer_if_equal(to, IPV6_FLOWLABEL_MGR, REFUSE);
  end_call(to, begin);
}

// A process may have 32,768 instructions of filters, compiled for each process anew. EINVAL: what a kernel without
// CONFIG_SECCOMP_FILTER says; man and Firefox, among others, then go on without.
static void check_own_filters(struct program *to) {
  unsigned short begin = begin_call(to, __NR_seccomp);
  load_arg(to, 0, false);
  answer_if_equal(to, SECCOMP_SET_MODE_FILTER, FAIL_WITH(EINVAL));
  end_call(to, begin);
}

void check_pools_of_prctl(struct program *to) {
  load_arg(to, 0, false);
  emit(to, BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 3);
  load_arg(to, 1, false);
  answer_if_equal(to, SECCOMP_MODE_FILTER, FAIL_WITH(EINVAL));
}

// Blocks that are reserved and not written: 500 GiB take a second, and no file looks larger for them (FALLOC_FL_KEEP_SIZE).
// C libraries write zeros instead when they hear EOPNOTSUPP, but for musl: databases reserve shared memory, so that a guest
// that is told does it where the file is in memory. What gives blocks back, or moves them, is left.
static void check_reservations(struct program *to, bool told) {
  unsigned short begin = begin_call(to, __NR_fallocate);
  load_arg(to, 1, false);
  answer_if_any_bit(to, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE, SECCOMP_RET_ALLOW);
  answer(to, told ? SECCOMP_RET_USER_NOTIF : FAIL_WITH(EOPNOTSUPP));
  end_call(to, begin);
}

// The same by the ioctls that came from XFS and that every file system takes, and subvolumes of btrfs: files in one of those are on
// another device than the workspace that is counted.
void check_pools_of_ioctl(struct program *to) {
  static const unsigned long refused[] = {
      _IOW('X', 40, struct reservation), _IOW('X', 42, struct reservation), _IOW('X', 57, struct reservation),
      _IOW('X', 10, struct reservation), _IOW('X', 36, struct reservation), BTRFS_IOC_SUBVOL_CREATE,
      BTRFS_IOC_SUBVOL_CREATE_V2,        BTRFS_IOC_SNAP_CREATE,             BTRFS_IOC_SNAP_CREATE_V2,
  };
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    answer_if_equal(to, (uint32_t)refused[i], FAIL_WITH(EOPNOTSUPP));
  }
}

// Huge pages that an administrator set aside belong to the programs that they are for; a machine without any answers ENOMEM.
static void check_huge_pages(struct program *to) {
  static const struct { uint32_t nr; int arg; uint32_t flag; } askers[] = {
      {__NR_mmap, 3, MAP_HUGETLB}, {__NR_memfd_create, 1, MFD_HUGETLB}, {__NR_shmget, 2, SHM_HUGETLB}};
  for (size_t i = 0; i < sizeof askers / sizeof askers[0]; i++) {
    unsigned short begin = begin_call(to, askers[i].nr);
    load_arg(to, askers[i].arg, false);
    answer_if_any_bit(to, askers[i].flag, FAIL_WITH(ENOMEM));
    end_call(to, begin);
  }
}

// An open of a file with a lease of another process waits for fs.lease-break-time, 45 seconds. That would block the guest,
// which opens files for all processes.
static void check_leases(struct program *to) {
  unsigned short begin = begin_call(to, __NR_fcntl);
  load_arg(to, 1, false);
  answer_if_equal(to, SET_DELEGATION, REFUSE);
  emit(to, BPF_JMP | BPF_JEQ | BPF_K, F_SETLEASE, 0, 3);
  load_arg(to, 2, false);
  emit(to, BPF_JMP | BPF_JEQ | BPF_K, F_UNLCK, 1, 0);
  answer(to, REFUSE);
  end_call(to, begin);
}

void check_shared_pools(struct program *to, bool told) {
  check_socket_options(to);
  check_own_filters(to);
  check_reservations(to, told);
  check_huge_pages(to);
  check_leases(to);
}
