// Frames of the guest link: bounded writing and reading of bytes. The format is in PROTOCOL.md.
#ifndef GLOVEBOX_FRAME_H
#define GLOVEBOX_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_HEADER 5u
#define FRAME_MAX (1u << 20)
#define FRAME_PAYLOAD_MAX (FRAME_MAX - FRAME_HEADER)

enum frame_type {
  FRAME_RUN = 0x10,
  FRAME_KILL = 0x11,
  FRAME_SELFTEST = 0x12,
  FRAME_READ = 0x13,
  FRAME_ASK_COVERAGE = 0x14,
  FRAME_INPUT = 0x15,
  FRAME_MARK = 0x16,
  FRAME_HELLO = 0x81,
  FRAME_OUTPUT = 0x82,
  FRAME_STARTED = 0x83,
  FRAME_EXITED = 0x84,
  FRAME_FILES = 0x85,
  FRAME_NET = 0x86,
  FRAME_STEP_ENDED = 0x87,
  FRAME_STEP_FAILED = 0x88,
  FRAME_CHECKS = 0x89,
  FRAME_FILE_DATA = 0x8a,
  FRAME_FILE_END = 0x8b,
  FRAME_COVERAGE = 0x8c,
  FRAME_DIGESTS = 0x8d,
  FRAME_INPUT_TAKEN = 0x8e,
  FRAME_MARKED = 0x8f,
};

struct bytes {
  const uint8_t *data;
  size_t len;
};

// Writes into memory of the caller. A value that does not fit sets `overflow` and is not written.
struct writer {
  uint8_t *data;
  size_t len;
  size_t cap;
  bool overflow;
};

void put_u8(struct writer *to, uint8_t value);
void put_u16(struct writer *to, uint16_t value);
void put_u32(struct writer *to, uint32_t value);
void put_u64(struct writer *to, uint64_t value);
void put_raw(struct writer *to, const void *data, size_t len);
// A u32 length and the bytes.
void put_bytes(struct writer *to, const void *data, size_t len);
void put_text(struct writer *to, const char *text);

// Reads bytes of the peer. After the first malformed value, `bad` stays set and all further values are zero or empty.
struct reader {
  const uint8_t *at;
  const uint8_t *end;
  bool bad;
};

uint8_t take_u8(struct reader *from);
uint16_t take_u16(struct reader *from);
uint32_t take_u32(struct reader *from);
uint64_t take_u64(struct reader *from);
struct bytes take_bytes(struct reader *from, size_t max);
// True if all bytes were read without an error.
bool reader_done(const struct reader *from);

void frame_header(uint8_t header[FRAME_HEADER], enum frame_type type, size_t payload);

#endif
