// Everything that differs between processor architectures.
#ifndef GLOVEBOX_ARCH_H
#define GLOVEBOX_ARCH_H

#include <linux/audit.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCH_AUDIT AUDIT_ARCH_X86_64
// x32 system calls carry this bit under the same audit architecture and would slip past a filter that compares numbers.
#define ARCH_FOREIGN_BIT 0x40000000u
#define ARCH_HAS_LEGACY_CALLS 1
// What open adds by itself on 64 bits, and openat2 does not; C libraries define O_LARGEFILE as 0 there.
#define ARCH_LARGEFILE 0100000u
#elif defined(__aarch64__)
#define ARCH_AUDIT AUDIT_ARCH_AARCH64
#define ARCH_FOREIGN_BIT 0u
#define ARCH_HAS_LEGACY_CALLS 0
#define ARCH_LARGEFILE 0400000u
#else
#error "the guest knows x86_64 and aarch64"
#endif

// Numbers that both architectures share and that older kernel headers do not name.
#ifndef __NR_memfd_secret
#define __NR_memfd_secret 447
#endif
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_add_rule 445
#define __NR_landlock_restrict_self 446
#endif
#ifndef __NR_open_tree_attr
#define __NR_open_tree_attr 467
#endif

// ioprio_set(2); linux/ioprio.h came with Linux 5.15.
#define IOPRIO_OF_GROUP 2
#define IOPRIO_OF_USER 3

// The newest system call that was looked at when the filter was written (file_setattr, Linux 6.17). What is newer could
// open files unseen, so programs are told that it does not exist and fall back.
#define ARCH_LAST_KNOWN_CALL 469

#endif
