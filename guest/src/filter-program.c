#include "filter-program.h"

#include <stddef.h>

void emit(struct program *to, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf) {
  if (to->len >= PROGRAM_MAX) {
    to->overflow = true;
    return;
  }
  to->code[to->len++] = (struct sock_filter){code, jt, jf, k};
}

void load_nr(struct program *to) { emit(to, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0); }

// Both architectures are little-endian: the low half of an argument comes first.
void load_arg(struct program *to, int arg, bool high) {
  emit(to, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offsetof(struct seccomp_data, args) + 8u * (unsigned)arg + (high ? 4u : 0u)), 0, 0);
}

void answer(struct program *to, uint32_t action) { emit(to, BPF_RET | BPF_K, action, 0, 0); }

void answer_if_equal(struct program *to, uint32_t value, uint32_t action) {
  emit(to, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
  answer(to, action);
}

void answer_if_any_bit(struct program *to, uint32_t bits, uint32_t action) {
  emit(to, BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
  answer(to, action);
}

unsigned short begin_call(struct program *to, uint32_t nr) {
  emit(to, BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 0);
  return (unsigned short)(to->len - 1);
}

void end_call(struct program *to, unsigned short begin) {
  answer(to, SECCOMP_RET_ALLOW);
  int distance = to->len - begin - 1;
  if (distance > UINT8_MAX) to->overflow = true;
  if (!to->overflow) to->code[begin].jf = (uint8_t)distance;
}
