/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * loaded.h - a session file, read and summed up.
 */
#ifndef VRB_LOADED_H
#define VRB_LOADED_H

#include "analysis/summary.h"
#include "session/session.h"

struct loaded {
	struct session session;
	struct summary summary; /* points into session */
};

/**
 * loaded_open - read a session file and compute its rows, with the session's own margin.
 * @out: must not be moved while it is in use. Returns 0 or -errno, nothing to close then.
 */
int loaded_open(const char *path, struct loaded *out, struct vrb_err *err);
/** loaded_open_partial - the same by session_load_partial(). */
int loaded_open_partial(const char *path, struct loaded *out, struct vrb_err *err);
void loaded_close(struct loaded *l);

/**
 * loaded_open_all - the same of @n files. @out: an array; to be closed with loaded_close_all().
 * Returns as loaded_open().
 */
int loaded_open_all(char *const *paths, unsigned n, struct loaded **out, struct vrb_err *err);
void loaded_close_all(struct loaded *l, unsigned n);

#endif
