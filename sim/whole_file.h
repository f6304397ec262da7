/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * whole_file.h - a file that gets its name when it is whole.
 */
#ifndef VRB_WHOLE_FILE_H
#define VRB_WHOLE_FILE_H

#include "vrb.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * What is written. A plain file that is there is replaced if it is empty or of the same kind: a name that was mistyped
 * costs nobody's file.
 */
struct whole_kind {
	const char *what;   /* "session", for errors */
	const char *begins; /* each of its files does */
	const char *has; /* among the first WHOLE_KIND_BYTES; NULL: what it begins with is enough */
};

#define WHOLE_KIND_BYTES 2048

/* Written under a temporary name in its own folder, so that the rename stays on one file system. */
struct whole_file {
	const struct whole_kind *kind;
	int fd;
	char path[PATH_MAX], temp[PATH_MAX];
};

/**
 * whole_open - begin a file.
 * @path: a link is followed, so that the rename replaces what it points to; what is no plain file
 * (a folder, /dev/full) is refused, since the rename would replace that, too; and so is "-".
 *
 * Returns 0, f->fd is to be written; -EINVAL, -EISDIR, -ENAMETOOLONG or another -errno: the line
 * is "cannot write WHAT PATH: why". -EEXIST: a file of another kind is there.
 */
int whole_open(struct whole_file *f, const struct whole_kind *kind, const char *path,
	       struct vrb_err *err);

/**
 * whole_close - flush, close and rename.
 * @code: errno of what was written before; 0: nothing failed, and what was written is of its kind.
 * Returns 0; else -errno: nothing is left behind and what was there before is untouched.
 */
int whole_close(struct whole_file *f, int code, struct vrb_err *err);

/**
 * whole_keep - of a file that could not be written to its end: leave what there is under the temporary name.
 * @code: errno of what failed. @reader: what reads it.
 * Returns -@code; the line says where it is.
 */
int whole_keep(struct whole_file *f, int code, const char *reader, struct vrb_err *err);

/** whole_stream - of the same file; to be closed before whole_close(). NULL: see errno. */
FILE *whole_stream(const struct whole_file *f);

/** whole_may_write - could whole_open() and whole_close() do it? Nothing is left. Returns as whole_open(). */
int whole_may_write(const struct whole_kind *kind, const char *path, struct vrb_err *err);

/* Writes to @out. Returns 0 or -errno, and then @err has the line, or is empty: why is -errno. */
typedef int whole_fn(FILE *out, void *arg, struct vrb_err *err);

/**
 * whole_write - a file that a function writes, into memory: a signal leaves nothing under a temporary name.
 * @path: "-": standard output; what is there and is no plain file (a device, a pipe) is written as it is.
 * Returns 0; what @put gave, or as whole_open() and whole_close().
 */
int whole_write(const struct whole_kind *kind, const char *path, whole_fn *put, void *arg,
		struct vrb_err *err);

/**
 * whole_may_replace - of a file that something else writes, or that is written later: is there none, an empty one, or
 * one of this kind? Returns 0, also where it is no plain file, or "-"; -EEXIST, as of whole_open(), or another -errno.
 */
int whole_may_replace(const struct whole_kind *kind, const char *path, struct vrb_err *err);

/**
 * whole_apart - what is written may be nothing else that is written or read: that would be lost.
 * @option, @path: of the file that is written, as typed; NULL: none is.
 * @other, @others, @n: what is typed before the other files, and these; NULL among them: not given.
 *
 * A file, or folder, is the same one however it is spelled, and need not be there yet. Devices, pipes and
 * "-" are not: nothing is lost by writing these twice.
 * Returns 0; -EINVAL with a line.
 */
int whole_apart(const char *option, const char *path, const char *other, const char *const *others,
		size_t n, struct vrb_err *err);

/** whole_abandon - leave nothing behind. */
void whole_abandon(struct whole_file *f);

#endif
