// Facts about the file behind an O_PATH descriptor, and how an open counts in the record.
#ifndef GLOVEBOX_OPENED_FILE_H
#define GLOVEBOX_OPENED_FILE_H

#include "deed.h"

// Returns the length of its path, without the kernel's mark for a removed file; 0 if it has no path.
size_t file_path(int fd, const struct stat *st, char path[PATH_BYTES_MAX]);
// Whether it is a file or folder of an ordinary file system, or a memory device (null, zero, full, random, urandom).
bool is_plain_file(struct tracee *tracee, int fd, const struct stat *st);
// The KIND(...) of an open of an existing file with these flags.
unsigned kinds_of_open(uint64_t flags);
void take_opened(struct deed *deed, int fd, uint64_t flags);
bool ran_out(int error);

#endif
