/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * notes.c - what stands below the tables of a session: its samples, and measurement quality.
 */
#include "analysis/events.h"
#include "analysis/groups.h"
#include "analysis/latency_rows.h"
#include "analysis/lines.h"
#include "analysis/perf_stat.h"
#include "analysis/predictions.h"
#include "analysis/profile_rows.h"
#include "analysis/sweep_rows.h"
#include "present/answer.h"
#include "present/report.h"
#include "session/environment_rows.h"

#include <string.h>

/* Why a group is not ranked, with the figures. */
static void put_unproven(FILE *out, const struct session *s, const struct summary *sum,
			 const struct summary_group *g)
{
	fputs("unproven: ", out);
	answer_run_title(out, s, sum, g);
	fputs(": ", out);
	answer_why_unproven(out, sum, g, " .. ");
	fputc('\n', out);
}

#define BIT(flag) [__builtin_ctz(flag)]

static const char *const flag_words[SAMPLE_FLAG_BITS] = {
	BIT(SAMPLE_STEAL) = "the hypervisor took time away",
	BIT(SAMPLE_SWITCHED) = "a side was preempted",
	BIT(SAMPLE_MIGRATED) = "a side changed CPU: not used",
	BIT(SAMPLE_FAULTED) = "page faults while measuring",
	BIT(SAMPLE_CLASS_MOVED) = "the probes before and after disagree: not used",
	BIT(SAMPLE_STALLED) = "a thread stalled: not used",
	BIT(SAMPLE_CROWDED) = "queue pairs shared CPUs: no time is claimed",
	BIT(SAMPLE_CORE_SHARED) = "somebody else ran on a side's core: not used",
	BIT(SAMPLE_PART_COUNTED) = "counters did not run all the time: their figures are not used",
};

static void put_invisible(FILE *out, const struct session *s)
{
	const json_t *names = json_object_get(s->head, "invisible");
	size_t i;
	const json_t *name;

	if (!json_array_size(names))
		return;
	fputs("not visible on this machine:", out);
	json_array_foreach(names, i, name) fprintf(
		out, "%s %s", i ? "," : "", json_is_string(name) ? json_string_value(name) : "?");
	fputc('\n', out);
}

void report_unfinished(FILE *out, const struct session *s)
{
	if (s->status != SESSION_COMPLETE)
		fprintf(out, "%s: this session did not come to its end\n",
			session_status_name(s->status));
}

static void put_warnings(FILE *out, const struct session *s)
{
	for (unsigned i = 0; i < s->nwarnings; i++)
		fprintf(out, "warning: %s\n", s->warnings[i]);
}

static void put_disturbances(FILE *out, const struct session *s, const struct summary *sum)
{
	unsigned seen = 0;

	report_unfinished(out, s);
	if (session_kind(s) == SESSION_AB)
		fprintf(out, "medians of processes and cells: %u\n", s->nprocesses);
	else if (session_kind(s) != SESSION_DRIVEN)
		fprintf(out, "samples: %u used of %u; %u dropped; %u disturbed, but used\n",
			sum->used, sum->total, sum->dropped, sum->disturbed);
	for (unsigned bit = 0; bit < SAMPLE_FLAG_BITS; bit++)
		if (sum->by_flag[bit])
			fprintf(out, "  %s: %u (%s)\n", flag_name(bit), sum->by_flag[bit],
				flag_words[bit]);
	for (int c = CLASS_SMT; c < CLASS_COUNT; c++)
		seen += sum->by_class[c] != 0;
	if (seen > 1) {
		const char *sep = "";

		fputs("placement moved while measuring:", out);
		for (int c = CLASS_SMT; c < CLASS_COUNT; c++) {
			if (!sum->by_class[c])
				continue;
			fprintf(out, "%s %u %s", sep, sum->by_class[c],
				place_class_name((enum place_class)c));
			sep = ",";
		}
		fputs("; each class has tables of its own above\n", out);
	}
}

/* Figures of generic loops do not stand beside those of specialised ones. */
static void put_loops(FILE *out, const struct session *s)
{
	unsigned generic[DIRECTIONS] = {0};

	for (unsigned i = 0; i < s->ncells; i++)
		generic[s->cells[i].dir] += s->cells[i].loops == LOOPS_GENERIC;
	for (enum direction dir = DIR_RX; dir < DIRECTIONS; dir++) {
		if (generic[dir])
			fprintf(out,
				"loops: generic for %s: a policy needs loops that read their options at run "
				"time, so all variants ran them; ns are higher than in other sessions\n",
				direction_name(dir));
	}
}

/* What verdicts are beyond: of each class the smallest and the largest over its groups. */
static void put_errors(FILE *out, const struct summary *sum)
{
	const char *sep = "error, what copies of baseline differ by:";

	for (int c = CLASS_NONE; c < CLASS_COUNT; c++) {
		double least = (double)NAN, most = (double)NAN;

		for (unsigned i = 0; i < sum->ngroups; i++) {
			if (sum->groups[i].place != (enum place_class)c || !sum->groups[i].proven)
				continue;
			least = fmin(least, sum->groups[i].error);
			most = fmax(most, sum->groups[i].error);
		}
		if (isnan(most))
			continue;
		fprintf(out, "%s %.1f", sep, 100 * least);
		if (most > least)
			fprintf(out, " to %.1f", 100 * most);
		fprintf(out, " %%%s%s", c ? " " : "",
			c ? place_class_name((enum place_class)c) : "");
		sep = ",";
	}
	if (*sep == ',')
		fputs("; a verdict needs the whole interval beyond it\n", out);
}

/* On the model and of `predict` nothing was disturbed, and there is no null row. */
void report_notes(FILE *out, const struct session *s, const struct summary *sum)
{
	const bool ranked = session_kind(s) != SESSION_PROFILE &&
			    session_kind(s) != SESSION_PERF_STAT &&
			    session_kind(s) != SESSION_LATENCY;
	double margin = head_margin(s);

	if (session_is_model(s) || session_kind(s) == SESSION_PREDICTED) {
		report_unfinished(out, s);
		put_warnings(out, s);
		return;
	}
	put_disturbances(out, s, sum);
	put_loops(out, s);
	for_each (g, sum->groups, sum->ngroups) {
		if (session_kind(s) != SESSION_LATENCY && g->launch_spread > margin) {
			fputs("launches differ: ", out);
			answer_run_title(out, s, sum, g);
			fprintf(out, ": baseline's median moved by %.1f %% from launch to launch\n",
				100 * g->launch_spread);
		}
	}
	if (session_kind(s) == SESSION_RUN)
		fputs("drv empty, dev empty: empty polls per buffer of the driver, of the device\n",
		      out);
	for (unsigned i = 0; ranked && i < sum->ngroups; i++) {
		const struct summary_group *g = &sum->groups[i];

		if (g->launches != 1 || !g->proven)
			continue;
		fputs("one launch: ", out);
		answer_run_title(out, s, sum, g);
		fputs(": intervals and verdicts do not cover what other launches would give\n",
		      out);
	}
	if (ranked)
		put_errors(out, sum);
	for (unsigned i = 0; ranked && i < sum->nrows; i++) {
		if (sum->rows[i].verdict == VERDICT_SAME) {
			fputs("~: no difference from baseline beyond the error is resolved\n", out);
			break;
		}
	}
	lines_notes(out, s);
	put_invisible(out, s);
	environment_table(out, s);
	events_notes(out, s);
	perf_stat_notes(out, s);
	put_warnings(out, s);
	for (unsigned i = 0; ranked && i < sum->ngroups; i++) {
		const struct summary_group *g = &sum->groups[i];

		/* points of a sweep may be without baseline: then nothing could be ranked */
		if (!g->proven && group_known(sum, g) &&
		    (session_kind(s) != SESSION_SWEEP || group_row(sum, g, ROLE_BASELINE)))
			put_unproven(out, s, sum, g);
	}
}
