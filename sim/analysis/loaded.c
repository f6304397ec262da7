/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * loaded.c - a session file, read and summed up.
 */
#include "analysis/loaded.h"

#include "analysis/groups.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int sum_up(int rc, struct loaded *out, struct vrb_err *err)
{
	if (rc)
		return rc;
	rc = summary_make(&out->session, &out->summary, err);
	if (rc)
		session_free(&out->session);
	return rc;
}

int loaded_open(const char *path, struct loaded *out, struct vrb_err *err)
{
	int rc = session_load(path, &out->session, err);

	/* on stderr, too: not every format and command has a place for warnings of a session */
	if (!rc && out->session.changed)
		fprintf(stderr, "vringbench: warning: %.300s: changed after it was written\n",
			path);
	return sum_up(rc, out, err);
}

int loaded_open_partial(const char *path, struct loaded *out, struct vrb_err *err)
{
	return sum_up(session_load_partial(path, &out->session, err), out, err);
}

void loaded_close(struct loaded *l)
{
	summary_free(&l->summary);
	session_free(&l->session);
}

int loaded_open_all(char *const *paths, unsigned n, struct loaded **out, struct vrb_err *err)
{
	struct loaded *l = calloc(n, sizeof(*l));
	unsigned i = 0;
	int rc = l ? 0 : vrb_fail(err, ENOMEM, "out of memory");

	for (; l && !rc && i < n; i++)
		rc = loaded_open(paths[i], &l[i], err);
	if (rc && l)
		loaded_close_all(l, i - 1);
	else
		*out = l;
	return rc;
}

void loaded_close_all(struct loaded *l, unsigned n)
{
	while (n)
		loaded_close(&l[--n]);
	free(l);
}
