// Forwards connections to 127.0.0.1:PORT to the gateway's unix socket, the only way out of the sandbox.
#ifndef GLOVEBOX_BRIDGE_H
#define GLOVEBOX_BRIDGE_H

#include <stdint.h>

// Listens and serves in its own thread, which shares no lock with the recorder. `path` must stay valid.
void bridge_start(uint16_t port, const char *path);

#endif
