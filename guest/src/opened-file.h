// What stands behind an O_PATH descriptor, and how it is opened in the place of a process.
#ifndef GLOVEBOX_OPENED_FILE_H
#define GLOVEBOX_OPENED_FILE_H

#include "deed.h"

// Its path. The kernel marks that of a file whose name is gone; the mark is not part of it. 0: it has none.
size_t file_path(int fd, const struct stat *st, char path[PATH_BYTES_MAX]);
// A file or folder of a file system that holds files, or a device of memory (null, zero, full, random, urandom).
bool is_plain_file(struct tracee *tracee, int fd, const struct stat *st);
// KIND(...) of an open with these flags, of a file that was there before.
unsigned kinds_of_open(uint64_t flags);
void take_opened(struct deed *deed, int fd, uint64_t flags);
bool ran_out(int error);

#endif
