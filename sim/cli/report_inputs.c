/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * report_inputs.c - folders as operands of `vringbench report`: their sessions, and what a fleet lost.
 */
#include "cli/report_inputs.h"

#include "input_file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RECORD	    "fleet.tsv"
#define RECORD_HEAD "task\tnode\ttries\toutcome\texit\tsessions"
#define RECORD_MOST (1u << 20) /* bytes */

static int is_session(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return e->d_name[0] != '.' && dot && !strcmp(dot, ".jsonl");
}

/* "Task n3 lost: node n3, tries 2, ...". false: the line is none of a record. */
static bool add_task(struct report_inputs *out, const char *dir, char *line)
{
	enum { TASK, NODE, TRIES, OUTCOME, EXIT, SESSIONS, FIELDS };
	char *v[FIELDS], *rest = line;
	unsigned n = 0;

	for (; n < FIELDS && rest; n++)
		v[n] = strsep(&rest, "\t");
	if (n < FIELDS || rest)
		return false;
	if (!strcmp(v[OUTCOME], "done"))
		return true;
	texts_add(&out->lost,
		  "Task %s %s: node %s, tries %s, exit %s; nothing of it is below (%s).", v[TASK],
		  v[OUTCOME], v[NODE], v[TRIES], v[EXIT], dir);
	return !strcmp(v[OUTCOME], "lost") || !strcmp(v[OUTCOME], "failed");
}

/* A folder needs no record. */
static int read_record(struct report_inputs *out, const char *dir, struct vrb_err *err)
{
	char path[PATH_MAX], *text, *rest;
	unsigned n = 0;
	bool good = true;
	size_t len;
	int rc;

	if (snprintf(path, sizeof(path), "%s/%s", dir, RECORD) >= (int)sizeof(path))
		return vrb_fail(err, ENAMETOOLONG, "%.200s: the name is too long", dir);
	rc = input_read("fleet record", path, RECORD_MOST, &text, &len, err);
	if (rc)
		return rc == -ENOENT ? 0 : rc;
	rest = text;
	for (char *line; good && (line = strsep(&rest, "\n")) && (*line || rest);)
		good = n++ ? add_task(out, dir, line) : !strcmp(line, RECORD_HEAD);
	free(text);
	return good && n ? 0
			 : vrb_fail(err, EBADMSG, "%.300s:%u: no line of a record of scripts/fleet",
				    path, n ? n : 1);
}

static int add_dir(struct report_inputs *out, const char *dir, struct vrb_err *err)
{
	struct dirent **found;
	const int n = scandir(dir, &found, is_session, alphasort);
	int rc = 0;

	if (n < 0)
		return vrb_fail(err, errno, "%.300s: %m", dir);
	for (int i = 0; i < n; i++) {
		texts_add(&out->sessions, "%s/%s", dir, found[i]->d_name);
		free(found[i]);
	}
	free(found);
	rc = read_record(out, dir, err);
	if (!rc && !n)
		rc = vrb_fail(err, ENODATA, "%.200s: no session (*.jsonl) in this folder%s%.200s",
			      dir, out->lost.n ? ": " : "", out->lost.n ? out->lost.v[0] : "");
	return rc;
}

int report_inputs_find(struct report_inputs *out, const char *const *v, unsigned n,
		       struct vrb_err *err)
{
	int rc = 0;

	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < n && !rc; i++) {
		struct stat st;

		if (!stat(v[i], &st) && S_ISDIR(st.st_mode))
			rc = add_dir(out, v[i], err);
		else
			texts_add(&out->sessions, "%s", v[i]);
	}
	if (!rc && (out->sessions.failed || out->lost.failed))
		rc = vrb_fail(err, ENOMEM, "out of memory");
	if (rc)
		report_inputs_free(out);
	return rc;
}

void report_inputs_free(struct report_inputs *x)
{
	texts_free(&x->sessions);
	texts_free(&x->lost);
}
