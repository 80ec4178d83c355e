// The one connection to the host. Any failure on it ends the guest, and with it the sandbox (invariant 7).
#ifndef GLOVEBOX_LINK_H
#define GLOVEBOX_LINK_H

#include <pthread.h>

#include "frame.h"

struct link {
  int socket;
  // Held for a whole frame, so that frames of several threads never mix. If the host does not read, the writer blocks here
  // on purpose: processes then wait instead of running unrecorded.
  pthread_mutex_t writing;
};

void link_connect(struct link *link, const char *path);
// Sends head and body as the payload of one frame. Either may be empty.
void link_send2(struct link *link, enum frame_type type, struct bytes head, struct bytes body);
void link_send(struct link *link, enum frame_type type, const struct writer *payload);
// Blocks until the next frame of the host. The payload points into `buffer`, which has FRAME_PAYLOAD_MAX bytes.
struct bytes link_receive(struct link *link, uint8_t *buffer, uint8_t *type);

#endif
