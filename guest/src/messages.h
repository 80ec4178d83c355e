// Decodes requests of the host and encodes reports of the guest. The format is in PROTOCOL.md.
#ifndef GLOVEBOX_MESSAGES_H
#define GLOVEBOX_MESSAGES_H

#include "frame.h"

#define PROTOCOL_VERSION 3
#define GUEST_VERSION "0.1.0"

#define RUN_ARGS_MAX 4096
#define RUN_ENV_MAX 1024
#define PATH_BYTES_MAX 4096
#define READ_BYTES_MAX (64u << 20)
#define INPUT_WINDOW (256u << 10) // of a step's input, not taken yet

struct run_request {
  uint32_t step;
  bool record;
  bool input;
  uint64_t output_limit;
  // NUL-terminated strings in memory that run_request_free releases.
  char *cwd;
  char **argv;
  char **env;
};

struct read_request {
  uint32_t max;
  char path[PATH_BYTES_MAX + 1];
};

// Returns false if the payload breaks the protocol. On success the caller frees the request.
bool decode_run(struct bytes payload, struct run_request *request);
// What is known of a request whose whole is decoded later; false where there is none.
bool run_wants_input(struct bytes payload);
void run_request_free(struct run_request *request);
// Decodes KILL and MARK.
bool decode_step(struct bytes payload, uint32_t *step);
bool decode_input(struct bytes payload, uint32_t *step, struct bytes *data);
bool decode_read(struct bytes payload, struct read_request *request);

enum process_origin { ORIGIN_EXEC = 1, ORIGIN_FORK = 2 };
enum step_stream { STREAM_STDOUT = 1, STREAM_STDERR = 2 };
enum file_end { FILE_COMPLETE = 0, FILE_ABSENT = 1, FILE_TOO_LARGE = 2, FILE_NOT_REGULAR = 3, FILE_UNREADABLE = 4 };
enum net_family { NET_UNIX = 1, NET_INET = 2, NET_INET6 = 3, NET_OTHER = 4 };
enum access_kind { ACCESS_READ = 1, ACCESS_WRITTEN = 2, ACCESS_CREATED = 3, ACCESS_REMOVED = 4, ACCESS_RENAMED = 5, ACCESS_ATTEMPTED = 6, ACCESS_LINKED = 7 };

struct started_message {
  uint32_t step, pid, parent;
  enum process_origin origin;
  uint32_t argv_omitted;
  struct bytes argv, cwd, executable;
  struct bytes digest; // SHA-256 of the executable; empty: not known
};

struct exited_message {
  uint32_t step, pid;
  bool signalled;
  uint32_t status;
  uint64_t wall_us, cpu_us, max_rss;
};

struct net_message {
  uint32_t step, pid;
  enum net_family family;
  uint16_t port;
  uint32_t times;
  struct bytes address;
};

struct step_ended_message {
  uint32_t step;
  bool signalled;
  uint32_t status;
  uint64_t wall_us, stdout_bytes, stderr_bytes, omitted;
};

void encode_hello(struct writer *to);
void encode_output(struct writer *to, uint32_t step, enum step_stream stream, const void *data, size_t len);
void encode_started(struct writer *to, const struct started_message *message);
void encode_exited(struct writer *to, const struct exited_message *message);
// The entries follow: encode_path for each, or encode_pair (renamed, linked).
void encode_files(struct writer *to, uint32_t step, uint32_t pid, uint32_t omitted, uint32_t count);
void encode_path(struct writer *to, enum access_kind kind, struct bytes path);
void encode_pair(struct writer *to, enum access_kind kind, struct bytes from, struct bytes target);
// The entries follow: encode_digest for each.
void encode_digests(struct writer *to, uint32_t step, uint32_t pid, uint32_t omitted, uint32_t count);
void encode_digest(struct writer *to, struct bytes path, uint64_t size, const uint8_t sha256[32]);
void encode_net(struct writer *to, const struct net_message *message);
void encode_input_taken(struct writer *to, uint32_t step, uint32_t bytes, bool closed);
void encode_marked(struct writer *to, uint32_t step);
void encode_step_ended(struct writer *to, const struct step_ended_message *message);
void encode_step_failed(struct writer *to, uint32_t step, const char *message);

#endif
