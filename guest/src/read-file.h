// Takes a file out of the sandbox, as the sandbox's own user would see it.
#ifndef GLOVEBOX_READ_FILE_H
#define GLOVEBOX_READ_FILE_H

#include "link.h"
#include "messages.h"

void send_file(struct link *link, const struct read_request *request);

#endif
