/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * loaded.c - a session file, read and summed up.
 */
#include "analysis/loaded.h"

#include "analysis/groups.h"

int loaded_open(const char *path, struct loaded *out, struct vrb_err *err)
{
	int rc = session_load(path, &out->session, err);

	if (rc)
		return rc;
	rc = summary_make(&out->session, &out->summary, err);
	if (rc)
		session_free(&out->session);
	return rc;
}

void loaded_close(struct loaded *l)
{
	summary_free(&l->summary);
	session_free(&l->session);
}
