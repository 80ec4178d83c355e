#include "filter-lists.h"

#include <netinet/in.h>

#include "arch.h"

const uint32_t refused_calls[] = {
    // File access that the listener cannot see.
    __NR_io_uring_setup, __NR_io_uring_enter, __NR_io_uring_register, __NR_open_by_handle_at,
    // Other processes' memory and descriptors, and memory that the guest could not read (memfd_secret, userfaultfd).
    __NR_ptrace, __NR_process_vm_readv, __NR_process_vm_writev, __NR_pidfd_getfd, __NR_kcmp, __NR_memfd_secret,
    __NR_userfaultfd,
    // Namespaces, mounts and roots: paths must mean the same for the step and for the guest.
    __NR_setns, __NR_mount, __NR_umount2, __NR_pivot_root, __NR_chroot, __NR_move_mount, __NR_open_tree,
    __NR_open_tree_attr, __NR_fsopen, __NR_fsconfig, __NR_fsmount, __NR_fspick, __NR_mount_setattr,
    // The kernel itself.
    __NR_bpf, __NR_perf_event_open, __NR_keyctl, __NR_add_key, __NR_request_key, __NR_kexec_load,
    __NR_init_module, __NR_finit_module, __NR_delete_module, __NR_acct, __NR_swapon, __NR_swapoff,
    __NR_reboot, __NR_quotactl, __NR_quotactl_fd, __NR_syslog, __NR_vhangup, __NR_sethostname, __NR_setdomainname,
    __NR_settimeofday, __NR_clock_settime, __NR_adjtimex, __NR_clock_adjtime, __NR_nfsservctl,
#ifdef __NR_kexec_file_load
    __NR_kexec_file_load,
#endif
#if ARCH_HAS_LEGACY_CALLS
    __NR_iopl, __NR_ioperm, __NR_uselib,
#endif
};
const size_t refused_calls_count = sizeof refused_calls / sizeof refused_calls[0];

const uint32_t unknown_calls[] = {
    // fs.aio-max-nr is one limit for the whole machine. Databases work without asynchronous I/O.
    __NR_io_setup,
    // The guest opens files on behalf of processes, and a process's Landlock rules would not bind the guest. If the kernel
    // did these opens instead, the record could not say what was opened. So Landlock answers ENOSYS, as in older kernels.
    __NR_landlock_create_ruleset, __NR_landlock_add_rule, __NR_landlock_restrict_self,
};
const size_t unknown_calls_count = sizeof unknown_calls / sizeof unknown_calls[0];

// 0 is the default protocol of the type. Go's servers first ask for Multipath TCP (Linux 5.6).
const uint32_t plain_protocols[] = {0, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE, 262, IPPROTO_ICMP, IPPROTO_ICMPV6};
const size_t plain_protocols_count = sizeof plain_protocols / sizeof plain_protocols[0];

// The filter decides about open and openat by their flags.
const uint32_t told_calls[] = {
    __NR_openat2, __NR_connect, __NR_unlinkat, __NR_renameat2, __NR_mkdirat, __NR_linkat, __NR_symlinkat,
    __NR_mknodat, __NR_truncate, __NR_umask,
#ifdef __NR_renameat
    __NR_renameat,
#endif
#if ARCH_HAS_LEGACY_CALLS
    __NR_creat, __NR_unlink, __NR_rename, __NR_rmdir, __NR_mkdir, __NR_link, __NR_symlink, __NR_mknod,
#endif
};
const size_t told_calls_count = sizeof told_calls / sizeof told_calls[0];
