/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * table.c - a session for a person: a table a group and class, then what disturbed it.
 */
#include "analysis/events.h"
#include "analysis/groups.h"
#include "analysis/latency_rows.h"
#include "analysis/lines.h"
#include "analysis/perf_stat.h"
#include "analysis/predictions.h"
#include "analysis/profile_rows.h"
#include "analysis/sweep_rows.h"
#include "present/report.h"
#include "session/environment_rows.h"

#include <string.h>

#define COLUMNS		 11
#define COLUMN_TRANSFERS 6

struct line {
	char text[COLUMNS][48];
};

static const char *const headings[COLUMNS] = {
	"variant",   "ns/buffer", "95 % interval", "ratio",   "95 % interval", "hand-offs/buffer",
	"transfers", "drv waits", "dev waits",	   "samples", "verdict",
};

/* Older sessions have no lines of the model. */
static bool shown(const struct session *s, unsigned column)
{
	return column != COLUMN_TRANSFERS || s->nmodelled;
}

/* Names stand left, figures right. */
static bool left_aligned(unsigned column)
{
	return column == 0 || column == COLUMNS - 1;
}

static void put_value(char *buf, size_t size, double v, int digits)
{
	if (isfinite(v))
		snprintf(buf, size, "%.*f", digits, v);
	else
		snprintf(buf, size, "-");
}

static void put_interval(char *buf, size_t size, const struct interval *v, int digits)
{
	if (v->known)
		snprintf(buf, size, "%.*f .. %.*f", digits, v->lo, digits, v->hi);
	else
		snprintf(buf, size, "-");
}

static void fill_line(struct line *line, const struct session *s, const struct summary_row *r)
{
	const struct cell_counts *lines = lines_of(s, r->cell);
	char(*t)[48] = line->text;
	const size_t size = sizeof(t[0]);
	int digits = r->ns.mid < 100 ? 2 : 1;

	snprintf(t[0], size, "%s", r->cell->variant);
	put_value(t[1], size, r->ns.mid, digits);
	put_interval(t[2], size, &r->ns, digits);
	put_value(t[3], size, r->ratio.mid, 3);
	put_interval(t[4], size, &r->ratio, 3);
	put_value(t[5], size, r->handoffs.mid, 2);
	put_value(t[COLUMN_TRANSFERS], size,
		  lines ? lines_in_all(lines, coh_transfers) : (double)NAN, 3);
	put_value(t[7], size, r->drv_waits, 2);
	put_value(t[8], size, r->dev_waits, 2);
	snprintf(t[9], size, "%u", r->used);
	snprintf(t[10], size, "%s", verdict_name(r->verdict));
}

static void put_line(FILE *out, const struct session *s, const char *const text[COLUMNS],
		     const int *widths)
{
	fputs(" ", out);
	for (unsigned c = 0; c < COLUMNS; c++) {
		bool last = c == COLUMNS - 1;

		if (last && !*text[c])
			break;
		if (!shown(s, c))
			continue;
		fprintf(out, "%s%*s", c ? "  " : " ",
			left_aligned(c) ? -(last ? 0 : widths[c]) : widths[c], text[c]);
	}
	fputc('\n', out);
}

/* Which rows stand where: "rx, ring 256, burst 32, payload 0 B, near". */
static void put_title(FILE *out, const struct session *s, const struct summary *sum,
		      const struct summary_group *g)
{
	const struct cell *c = sum->rows[g->first].cell;

	char pieces[48];

	fprintf(out, "%s, ring %u, burst %u, payload %u B%s, %s", direction_name(c->dir),
		c->ring_size, c->burst, c->payload, pieces_words(s, c, pieces, sizeof(pieces)),
		class_words(s, g->place));
}

/* Has any row enough samples for an interval? */
static bool any_interval(const struct summary *sum, const struct summary_group *g)
{
	for (unsigned i = g->first; i < g->first + g->count; i++)
		if (sum->rows[i].ns.known)
			return true;
	return false;
}

/* Points of a sweep may be without it: then there is nothing that could be ranked. */
static bool has_baseline(const struct summary *sum, const struct summary_group *g)
{
	for (unsigned i = g->first; i < g->first + g->count; i++)
		if (sum->rows[i].cell->role == ROLE_BASELINE)
			return true;
	return false;
}

static unsigned group_samples(const struct summary *sum, const struct summary_group *g)
{
	unsigned n = 0;

	for (unsigned i = g->first; i < g->first + g->count; i++)
		n += sum->rows[i].used;
	return n;
}

static void put_group(FILE *out, const struct session *s, const struct summary *sum,
		      const struct summary_group *g)
{
	double handoff = group_handoff_ns(s, g->group, g->place);
	int widths[COLUMNS];
	struct line line;
	const char *text[COLUMNS];

	put_title(out, s, sum, g);
	if (isfinite(handoff))
		fprintf(out, ": %.0f ns a hand-off", handoff);
	if (!any_interval(sum, g)) {
		unsigned n = group_samples(sum, g);

		fprintf(out,
			"\n  %u sample%s in all, too few to say anything (6 a row are needed)\n\n",
			n, n == 1 ? "" : "s");
		return;
	}
	fputc('\n', out);
	for (unsigned c = 0; c < COLUMNS; c++)
		widths[c] = (int)strlen(headings[c]);
	for (unsigned i = g->first; i < g->first + g->count; i++) {
		fill_line(&line, s, &sum->rows[i]);
		for (unsigned c = 0; c < COLUMNS; c++) {
			int len = (int)strlen(line.text[c]);

			if (len > widths[c])
				widths[c] = len;
		}
	}
	put_line(out, s, headings, widths);
	for (unsigned i = g->first; i < g->first + g->count; i++) {
		fill_line(&line, s, &sum->rows[i]);
		for (unsigned c = 0; c < COLUMNS; c++)
			text[c] = line.text[c];
		put_line(out, s, text, widths);
	}
	fputc('\n', out);
	events_block(out, s, sum, g);
}

/* Why a group is not ranked, with the figures. */
static void put_unproven(FILE *out, const struct session *s, const struct summary *sum,
			 const struct summary_group *g)
{
	const struct summary_row *null_row = group_null_row(sum, g);
	double margin = head_margin(s);

	fputs("unproven: ", out);
	put_title(out, s, sum, g);
	if (!null_row) {
		fputs(": the plan has no null row, so nothing is ranked\n", out);
		return;
	}
	const struct interval *r = &null_row->ratio;

	if (!r->known)
		fprintf(out,
			": the null row has %zu paired samples, too few for an interval, so nothing is "
			"ranked\n",
			r->n);
	else if (r->lo > 1 || r->hi < 1)
		fprintf(out,
			": baseline against itself gives %.3f .. %.3f, which excludes 1, so nothing is "
			"ranked\n",
			r->lo, r->hi);
	else
		fprintf(out,
			": baseline against itself gives %.3f .. %.3f, wider than the margin of 1 +- "
			"%g, so nothing is ranked\n",
			r->lo, r->hi, margin);
}

static const char *flag_words(unsigned bit)
{
	switch ((enum sample_flag)(1u << bit)) {
	case SAMPLE_STEAL:
		return "the hypervisor took time away";
	case SAMPLE_SWITCHED:
		return "a side was preempted";
	case SAMPLE_MIGRATED:
		return "a side changed CPU: not used";
	case SAMPLE_FAULTED:
		return "page faults while measuring";
	case SAMPLE_CLASS_MOVED:
		return "the probes before and after disagree: not used";
	case SAMPLE_STALLED:
		return "a side stood still for a while: not used";
	case SAMPLE_PART_COUNTED:
		return "counters did not run all the time: their figures are not used";
	}
	return "";
}

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

static void put_disturbances(FILE *out, const struct session *s, const struct summary *sum)
{
	unsigned seen = 0;

	if (s->status != SESSION_COMPLETE)
		fprintf(out, "%s: this session did not come to its end\n",
			session_status_name(s->status));
	fprintf(out, "samples: %u used of %u; %u dropped; %u disturbed, but used\n", sum->used,
		sum->total, sum->dropped, sum->disturbed);
	for (unsigned bit = 0; bit < SAMPLE_FLAG_BITS; bit++)
		if (sum->by_flag[bit])
			fprintf(out, "  %s: %u (%s)\n", flag_name(bit), sum->by_flag[bit],
				flag_words(bit));
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
		fputs("; each class stands by itself above\n", out);
	}
}

/* On the model and of `predict` nothing was disturbed, and there is no null row. */
void report_notes(FILE *out, const struct session *s, const struct summary *sum)
{
	const bool ranked = session_kind(s) != SESSION_PROFILE &&
			    session_kind(s) != SESSION_PERF_STAT &&
			    session_kind(s) != SESSION_LATENCY;
	double margin = head_margin(s);

	if (session_is_model(s) || session_kind(s) == SESSION_PREDICTED)
		return;
	put_disturbances(out, s, sum);
	for (unsigned i = 0; i < sum->ngroups; i++) {
		const struct summary_group *g = &sum->groups[i];

		if (session_kind(s) != SESSION_LATENCY && g->launch_spread > margin) {
			fputs("launches differ: ", out);
			put_title(out, s, sum, g);
			fprintf(out, ": baseline's median moved by %.1f %% from launch to launch\n",
				100 * g->launch_spread);
		}
	}
	lines_notes(out, s);
	put_invisible(out, s);
	environment_table(out, s);
	events_notes(out, s);
	perf_stat_notes(out, s);
	for (unsigned i = 0; i < s->nwarnings; i++)
		fprintf(out, "warning: %s\n", s->warnings[i]);
	for (unsigned i = 0; ranked && i < sum->ngroups; i++) {
		const struct summary_group *g = &sum->groups[i];

		if (!g->proven && any_interval(sum, g) &&
		    (session_kind(s) != SESSION_SWEEP || has_baseline(sum, g)))
			put_unproven(out, s, sum, g);
	}
}

void report_table(FILE *out, const struct session *s, const struct summary *sum)
{
	if (session_is_model(s))
		lines_table(out, s, sum);
	else if (session_kind(s) == SESSION_PREDICTED)
		predicted_table(out, s);
	else if (session_kind(s) == SESSION_PROFILE)
		profiled_table(out, s);
	else if (session_kind(s) == SESSION_PERF_STAT)
		perf_stat_table(out, s, sum);
	else if (session_kind(s) == SESSION_LATENCY)
		latency_table(out, s);
	else
		for (unsigned i = 0; i < sum->ngroups; i++)
			put_group(out, s, sum, &sum->groups[i]);
	report_notes(out, s, sum);
}
