// Reads a file of the sandbox for the host, with the rights of the sandbox's user.
#ifndef GLOVEBOX_READ_FILE_H
#define GLOVEBOX_READ_FILE_H

#include "link.h"
#include "messages.h"

void send_file(struct link *link, const struct read_request *request);

#endif
