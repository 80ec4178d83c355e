#include "frame.h"

#include <string.h>

static void put_number(struct writer *to, uint64_t value, size_t width) {
  uint8_t bytes[8];
  for (size_t i = 0; i < width; i++) bytes[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
  put_raw(to, bytes, width);
}

void put_u8(struct writer *to, uint8_t value) { put_number(to, value, 1); }
void put_u16(struct writer *to, uint16_t value) { put_number(to, value, 2); }
void put_u32(struct writer *to, uint32_t value) { put_number(to, value, 4); }
void put_u64(struct writer *to, uint64_t value) { put_number(to, value, 8); }

void put_raw(struct writer *to, const void *data, size_t len) {
  if (to->overflow || len > to->cap - to->len) {
    to->overflow = true;
    return;
  }
  if (len > 0) memcpy(to->data + to->len, data, len);
  to->len += len;
}

void put_bytes(struct writer *to, const void *data, size_t len) {
  if (len > FRAME_MAX) {
    to->overflow = true;
    return;
  }
  put_u32(to, (uint32_t)len);
  put_raw(to, data, len);
}

void put_text(struct writer *to, const char *text) { put_bytes(to, text, strlen(text)); }

static uint64_t take_number(struct reader *from, size_t width) {
  if (from->bad || (size_t)(from->end - from->at) < width) {
    from->bad = true;
    return 0;
  }
  uint64_t value = 0;
  for (size_t i = 0; i < width; i++) value = (value << 8) | from->at[i];
  from->at += width;
  return value;
}

uint8_t take_u8(struct reader *from) { return (uint8_t)take_number(from, 1); }
uint16_t take_u16(struct reader *from) { return (uint16_t)take_number(from, 2); }
uint32_t take_u32(struct reader *from) { return (uint32_t)take_number(from, 4); }
uint64_t take_u64(struct reader *from) { return take_number(from, 8); }

struct bytes take_bytes(struct reader *from, size_t max) {
  struct bytes taken = {NULL, 0};
  size_t len = take_u32(from);
  if (from->bad || len > max || len > (size_t)(from->end - from->at)) {
    from->bad = true;
    return taken;
  }
  taken.data = from->at;
  taken.len = len;
  from->at += len;
  return taken;
}

bool reader_done(const struct reader *from) { return !from->bad && from->at == from->end; }

void frame_header(uint8_t header[FRAME_HEADER], enum frame_type type, size_t payload) {
  for (size_t i = 0; i < 4; i++) header[i] = (uint8_t)(payload >> (8 * (3 - i)));
  header[4] = (uint8_t)type;
}
