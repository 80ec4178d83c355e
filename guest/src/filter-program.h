// Builds a seccomp filter, instruction by instruction. A filter sees the number and the registers of a call, but not the
// memory that they point to.
#ifndef GLOVEBOX_FILTER_PROGRAM_H
#define GLOVEBOX_FILTER_PROGRAM_H

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

#define PROGRAM_MAX 1024

#define FAIL_WITH(error) (SECCOMP_RET_ERRNO | (error))
#define REFUSE FAIL_WITH(EPERM)
#define UNKNOWN FAIL_WITH(ENOSYS)

struct program {
  struct sock_filter code[PROGRAM_MAX];
  unsigned short len;
  bool overflow; // it is too long, or a jump is: it must not be installed
};

void emit(struct program *to, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf);
void load_nr(struct program *to);
void load_arg(struct program *to, int arg, bool high);
void answer(struct program *to, uint32_t action);
void answer_if_equal(struct program *to, uint32_t value, uint32_t action);
void answer_if_any_bit(struct program *to, uint32_t bits, uint32_t action);

// Starts the checks of one call's arguments; end_call closes them. Between them nothing falls through to other calls.
unsigned short begin_call(struct program *to, uint32_t nr);
void end_call(struct program *to, unsigned short begin);

#endif
