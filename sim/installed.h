/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * installed.h - where the files are that come with the program.
 */
#ifndef VRB_INSTALLED_H
#define VRB_INSTALLED_H

#include <limits.h>

/**
 * installed_dir - the folder of a file that comes with the program: in the source tree, from the top
 * or from a build folder; or installed.
 * @source: the folder in the source tree, "scripts/gnuplot".
 * @share: the folder where it is installed, below share/vringbench, "gnuplot".
 * @file: what must be in it, and readable.
 * @out: the folder, absolute.
 *
 * Returns 0 or -ENOENT.
 */
int installed_dir(const char *source, const char *share, const char *file, char out[PATH_MAX]);

#endif
