// Handles opens that create the file.
#ifndef GLOVEBOX_MAKE_FILE_H
#define GLOVEBOX_MAKE_FILE_H

#include "do-open.h"

// Names that end in a slash are never made, nor opened as if they could be (but for the root, `.` and `..`): true, and the
// deed has its answer.
bool ends_as_folder(struct tracee *tracee, const struct open_request *request, const char *path, struct deed *deed);
// For a name that is missing. Both return false when somebody made it meanwhile, so that the whole is looked at again.
bool make_file(struct tracee *tracee, const struct open_request *request, const char *path, bool follow, struct deed *deed);
// Like make_file, for an open with restrictions (RESOLVE_*).
bool make_restricted(struct tracee *tracee, const struct open_request *request, const char *path, struct deed *deed);
// Creates a file without a name in a folder (O_TMPFILE).
void make_unnamed(struct tracee *tracee, const struct open_request *request, const char *path, struct deed *deed);

#endif
