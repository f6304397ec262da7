/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * input_file.h - a small file that somebody else wrote, read whole.
 */
#ifndef VRB_INPUT_FILE_H
#define VRB_INPUT_FILE_H

#include "vrb.h"

/**
 * input_read - a whole plain file, and a NUL behind it, from malloc().
 * @what: "plan file", for errors. @most: bytes. @text: NULL on error.
 *
 * A pipe or a device is refused: it may never come to an end, or have no writer, and signals may be blocked while
 * it is read. Returns 0; -EINVAL: no plain file; -EFBIG: larger; -ENOMEM or another -errno: the line is
 * "WHAT PATH: why".
 */
int input_read(const char *what, const char *path, size_t most, char **text, size_t *len,
	       struct vrb_err *err);

#endif
