/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_table.c - `vringbench table SESSION`: a session file on the screen or as data.
 */
#include "analysis/ab.h"
#include "analysis/latency_rows.h"
#include "analysis/lines.h"
#include "analysis/loaded.h"
#include "cli/cli.h"
#include "present/report.h"
#include "session/head.h"

#include <errno.h>
#include <sys/stat.h>

struct table_args {
	enum output_format format;
	bool effects, launches, partial;
	const char *hgrm_dir; /* NULL: no percentile distributions */
};

static const struct args_option options[] = {
	{"--effects", 'e', false, NULL, "What each optimization gives, as `ablate` prints it",
	 args_flag, offsetof(struct table_args, effects)},
	{"--launches", 'l', false, NULL,
	 "What launches, and sets of pages (--relocate), do to ns per buffer", args_flag,
	 offsetof(struct table_args, launches)},
	{"--partial", 0, false, NULL,
	 "Of a session that was never finished, as one under its temporary name: what there is",
	 args_flag, offsetof(struct table_args, partial)},
	ARGS_FORMAT(offsetof(struct table_args, format)),
	{"--hgrm", 0, false, "DIR",
	 "Of a session of latency: write percentile distributions there, too, a file a row",
	 args_path, offsetof(struct table_args, hgrm_dir)},
	{0},
};

/* Verdicts as `ab` gave them. */
static int present_ab(const struct session *s, enum output_format format, struct vrb_err *err)
{
	struct compared c;
	int rc = ab_again(&c, s, err);

	if (rc)
		return rc;
	rc = report_comparison(stdout, &c, format, err);
	compare_free(&c);
	return rc;
}

static enum vrb_exit show(const struct table_args *a, const struct loaded *l, struct vrb_err *err)
{
	const struct session *s = &l->session;
	const bool is_ab = session_kind(s) == SESSION_AB;
	if (a->format != FORMAT_TABLE)
		report_unfinished(stderr, s);
	present_fn *present = a->effects    ? report_effects
			      : a->launches ? report_launches
					    : report_rows;
	struct stat st;
	int rc = 0;

	if (a->hgrm_dir && !s->ntimed)
		rc = vrb_fail(err, EINVAL,
			      "--hgrm: %.300s has no times of buffers; legal: a session of latency",
			      s->path);
	else if (a->hgrm_dir && !stat(a->hgrm_dir, &st) && !S_ISDIR(st.st_mode))
		rc = vrb_fail(err, ENOTDIR, "--hgrm %.300s: it is not a folder", a->hgrm_dir);
	else if (a->launches && session_is_model(s) && !lines_timed(s))
		rc = vrb_fail(
			err, EINVAL,
			"--launches: %.300s is of the model in lockstep, where nothing is timed",
			s->path);
	else if (is_ab && (a->effects || a->launches))
		rc = vrb_fail(err, EINVAL,
			      "--%s: %.300s is a session of ab, which has none; legal: table",
			      a->effects ? "effects" : "launches", s->path);
	if (rc)
		return EXIT_USAGE;
	rc = is_ab ? present_ab(s, a->format, err)
		   : present(stdout, s, &l->summary, a->format, err);
	if (rc)
		return EXIT_INVALID;
	rc = a->hgrm_dir ? latency_hgrm(s, a->hgrm_dir, err) : 0;
	return rc ? not_written(rc) : EXIT_DONE;
}

static enum vrb_exit table(void *asked, const struct args_operands *session, struct vrb_err *err)
{
	const struct table_args *a = asked;
	enum vrb_exit code;
	struct loaded l;
	const int rc = a->partial ? loaded_open_partial(session->v[0], &l, err)
				  : loaded_open(session->v[0], &l, err);

	if (rc)
		return EXIT_USAGE;
	code = show(asked, &l, err);
	loaded_close(&l);
	return code;
}

const struct tool tool_table = {
	.args = {.name = "table",
		 .operands = "SESSION",
		 .options = options,
		 .doc = "Prints the tables of a session file."},
	.size = sizeof(struct table_args),
	.run = table,
};
