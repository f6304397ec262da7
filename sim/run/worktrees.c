/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * worktrees.c - two revisions of the repository at hand, built side by side.
 */
#include "run/worktrees.h"

#include "run/child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOT_HASH "^{commit}"

struct tool {
	char out[96], errors[96];
};

static struct tool tool_of(const struct worktrees *w)
{
	struct tool t;

	snprintf(t.out, sizeof(t.out), "%s/stdout", w->dir);
	snprintf(t.errors, sizeof(t.errors), "%s/stderr", w->dir);
	return t;
}

/* What a tool says went wrong: of make, the compiler's last error, not that there was one. */
static void failing_line(const char *path, char *line, size_t size)
{
	char buf[512];
	FILE *f;

	child_last_line(path, line, size);
	f = fopen(path, "re");
	while (f && fgets(buf, sizeof(buf), f)) {
		buf[strcspn(buf, "\n")] = '\0';
		if (strstr(buf, "error:"))
			snprintf(line, size, "%.250s", buf);
	}
	if (f)
		fclose(f);
}

/* @what: to say which of them failed. */
static int run_tool(const struct worktrees *w, const char *const *argv, const char *what,
		    struct vrb_err *err)
{
	const struct tool t = tool_of(w);
	const struct child c = {.argv = argv, .out = t.out, .errors = t.errors};
	char how[96], line[256];
	int status = 0, rc = child_run(&c, &status);

	if (rc == -EINTR || (!rc && !status))
		return rc;
	failing_line(t.errors, line, sizeof(line));
	child_how(&c, rc, status, how, sizeof(how));
	return vrb_fail(err, EINVAL, "--git %s: %s: %s%s%s", what, argv[0], how, *line ? ": " : "",
			line);
}

/* The commit that a revision names. */
static int resolve(const struct worktrees *w, const char *revision, char *commit, size_t size,
		   struct vrb_err *err)
{
	char asked[80 + sizeof(NOT_HASH)];
	const char *const argv[] = {"git", "rev-parse", "--verify", "--end-of-options",
				    asked, NULL};
	int rc;

	snprintf(asked, sizeof(asked), "%.79s" NOT_HASH, revision);
	rc = run_tool(w, argv, revision, err);
	if (!rc)
		child_last_line(tool_of(w).out, commit, size);
	return rc;
}

static int build(struct worktrees *w, unsigned side, const char *revision, bool quiet,
		 struct vrb_err *err)
{
	static const char *const names[] = {"old", "new"};
	char tree[80], commit[80] = "";
	const char *const add[] = {"git",     "worktree", "add",  "--detach",
				   "--force", tree,	  commit, NULL};
	const char *const make[] = {"make", "-C", tree, NULL};
	int rc = resolve(w, revision, commit, sizeof(commit), err);

	if (rc)
		return rc;
	snprintf(tree, sizeof(tree), "%s/%s", w->dir, names[side]);
	snprintf(w->program[side], sizeof(w->program[side]), "%s/vringbench", tree);
	snprintf(w->revision[side], sizeof(w->revision[side]), "%.60s (%.12s)", revision, commit);
	if (!quiet)
		fprintf(stderr, "ab: building %s\n", w->revision[side]);
	rc = run_tool(w, add, revision, err);
	return rc ? rc : run_tool(w, make, revision, err);
}

/* "OLD..NEW" taken apart. */
static void split_range(const char *range, char revision[2][80])
{
	const char *dots = strstr(range, "..");
	const size_t len = dots ? (size_t)(dots - range) : strlen(range);

	snprintf(revision[0], sizeof(revision[0]), "%.*s", (int)len, range);
	snprintf(revision[1], sizeof(revision[1]), "%s", dots ? dots + 2 : "");
	for (unsigned i = 0; i < 2; i++) {
		if (!*revision[i])
			snprintf(revision[i], sizeof(revision[i]), "HEAD");
	}
}

int worktrees_build(const char *range, bool quiet, struct worktrees *out, struct vrb_err *err)
{
	const char *tmp = getenv("TMPDIR");
	char revision[2][80];
	int rc = 0;

	memset(out, 0, sizeof(*out));
	if (strlen(range) > 150 || strstr(range, "..."))
		return vrb_fail(err, EINVAL, "--git %.160s: legal: OLD..NEW, two revisions", range);
	if (!tmp || strlen(tmp) > 32)
		tmp = "/tmp";
	snprintf(out->dir, sizeof(out->dir), "%s/vringbench-git-XXXXXX", tmp);
	if (!mkdtemp(out->dir)) {
		*out->dir = '\0';
		return vrb_fail(err, errno, "cannot make a folder in %s: %s", tmp, strerror(errno));
	}
	split_range(range, revision);
	/* make's own variables of a make that we run under are not for these */
	unsetenv("MAKEFLAGS");
	unsetenv("MAKELEVEL");
	for (unsigned side = 0; !rc && side < 2; side++)
		rc = build(out, side, revision[side], quiet, err);
	return rc;
}

void worktrees_remove(const struct worktrees *w)
{
	const struct tool t = tool_of(w);

	if (!*w->dir)
		return;
	for (unsigned side = 0; side < 2; side++) {
		char tree[96];
		const char *const argv[] = {"git", "worktree", "remove", "--force", tree, NULL};
		struct stat st;

		snprintf(tree, sizeof(tree), "%s/%s", w->dir, side ? "new" : "old");
		if (!stat(tree, &st)) {
			int status;

			child_run(&(struct child){.argv = argv}, &status);
		}
	}
	unlink(t.out);
	unlink(t.errors);
	rmdir(w->dir);
}
