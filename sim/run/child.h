/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * child.h - run another program and wait for it.
 */
#ifndef VRB_CHILD_H
#define VRB_CHILD_H

#include "vrb.h"

#include <stdbool.h>

struct child {
	const char *const
		*argv; /* argv[0]: a path, or a name that is looked for in PATH; NULL at the end */
	const char *out, *errors; /* files, written anew; NULL: /dev/null */
	unsigned limit_s;	  /* it hangs if it takes longer; 0: there is no limit */
	bool again;		  /* append to the files */
};

/**
 * child_run - start it in a process group of its own, wait, and end what it left behind.
 * @status: out, as waitpid() has it.
 *
 * signals_ending() and SIGCHLD must be blocked (prepare_signals()); the child has none blocked.
 * Returns 0: it ended; -ETIMEDOUT: it was killed at the limit; -EINTR: it was killed since a signal
 * came; otherwise it could not be started.
 */
int child_run(const struct child *c, int *status);

/**
 * child_how - how it ended: "exit status 2", "signal 11 (Segmentation fault)", "no end after 60 s",
 * "cannot be started: ...". @rc, @status: of child_run(). Returns @buf.
 */
const char *child_how(const struct child *c, int rc, int status, char *buf, size_t size);

/** child_last_line - of a file that it wrote, the last line that is not empty; "" if there is none. */
void child_last_line(const char *path, char *line, size_t size);

#endif
