/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * compare.c - sessions against an older one.
 */
#include "analysis/compare.h"

#include "analysis/groups.h"
#include "analysis/lines.h"
#include "stats/rule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

NAMES_OF(change_name, change, [CHANGE_NONE] = "no change", [CHANGE_IMPROVEMENT] = "improvement",
	 [CHANGE_REGRESSION] = "regression", [CHANGE_INCONCLUSIVE] = "inconclusive")

NAMES_OF(compare_figure_name,
	 compare_figure, [COMPARE_NS] = "ns", [COMPARE_TRANSFERS] = "transfers",
	 [COMPARE_UPGRADES] = "upgrades", [COMPARE_DRV_INSTRUCTIONS] = "driver instructions",
	 [COMPARE_DEV_INSTRUCTIONS] = "device instructions")

/* A cell of both sessions, and the row that is made of it. */
struct pair {
	struct comparison *c;
	const struct cell *before, *after;
};

static struct compare_row *add_row(const struct pair *p, enum compare_figure figure)
{
	struct compare_row *row = &p->c->rows[p->c->nrows++];

	*row = (struct compare_row){.in = p->c,
				    .cell = p->after,
				    .place = CLASS_COUNT,
				    .figure = figure,
				    .before = NAN,
				    .after = NAN,
				    .ratio = INTERVAL_NONE,
				    .error = NAN,
				    .change = CHANGE_INCONCLUSIVE};
	return row;
}

/* ---- exact figures ---- */

static void judge_exact(struct compare_row *row, int more)
{
	const double ratio = row->before > 0 ? row->after / row->before : more ? INFINITY : 1;

	row->ratio = interval_exactly(ratio);
	row->ratio.known = true; /* also of what was 0 before */
	row->change = more > 0 ? CHANGE_REGRESSION : more < 0 ? CHANGE_IMPROVEMENT : CHANGE_NONE;
}

static uint64_t whole(const struct cell_counts *c, lines_fn *what)
{
	return lines_of_side(&c->side[AGENT_DRIVER], what) +
	       lines_of_side(&c->side[AGENT_DEVICE], what);
}

/* Where most was added, or saved. */
static void put_where(struct compare_row *row, const struct cell_counts *before,
		      const struct cell_counts *after, lines_fn *what)
{
	const double sign = row->change == CHANGE_REGRESSION ? 1 : -1;
	unsigned most = 0;
	double by = 0;

	for (unsigned r = 0; r < REGION_KINDS; r++) {
		const double more = lines_in(after, what, r) - lines_in(before, what, r);

		if (sign * more > sign * by) {
			most = r;
			by = more;
		}
	}
	snprintf(row->why, sizeof(row->why), "%s %+.6g a buffer",
		 lines_region_words((enum ring_region)most), by);
}

#define WORDS_SHOWN 60

/* Of words with ", " between them: those from the first on that @other has not, too. */
static const char *words_from(const char *words, const char *other)
{
	const char *from = words;
	size_t i;

	for (i = 0; words[i] && words[i] == other[i]; i++)
		if (words[i] == ',' && words[i + 1] == ' ')
			from = words + i + 2;
	if (!words[i])
		return "-";
	return other[i] ? from : words + i + 2;
}

static int words_len(const char *words)
{
	const char *const end = strstr(words, ", ");
	const size_t len = end ? (size_t)(end - words) : strlen(words);

	return len < WORDS_SHOWN ? (int)len : WORDS_SHOWN;
}

/* What was counted is the same on both sides, or the row says why it cannot be compared. */
static void compare_lines(const struct pair *p, enum compare_figure figure, lines_fn *what)
{
	const struct cell_counts *before = lines_of(p->c->before, p->before);
	const struct cell_counts *after = lines_of(p->c->after, p->after);
	char words[2][512];

	if (!before)
		return; /* there is nothing to fall behind */
	struct compare_row *row = add_row(p, figure);

	row->before = lines_in_all(before, what);
	if (!after) {
		snprintf(row->why, sizeof(row->why), "the newer session has no counts of it");
		return;
	}
	row->after = lines_in_all(after, what);
	alike_model(p->c->before, before, words[0], sizeof(words[0]));
	alike_model(p->c->after, after, words[1], sizeof(words[1]));
	if (strcmp(words[0], words[1]) != 0) {
		const char *const at[2] = {words_from(words[0], words[1]),
					   words_from(words[1], words[0])};

		snprintf(row->why, sizeof(row->why), "another model: %.*s | %.*s", words_len(at[0]),
			 at[0], words_len(at[1]), at[1]);
		return;
	}
	/* counts of parts of a lap are no closer than a line; equal shares need no such care */
	const unsigned __int128 a = (unsigned __int128)whole(before, what) * after->buffers;
	const unsigned __int128 b = (unsigned __int128)whole(after, what) * before->buffers;

	if (a != b && before->buffers != after->buffers) {
		snprintf(row->why, sizeof(row->why), "counted over %llu and over %llu buffers",
			 (unsigned long long)before->buffers, (unsigned long long)after->buffers);
		return;
	}
	judge_exact(row, (b > a) - (b < a));
	if (row->change != CHANGE_NONE)
		put_where(row, before, after, what);
}

/* Another compiler makes other instructions of the same source. */
static void compare_instructions(const struct pair *p)
{
	const struct cell_instructions *before = instructions_of(p->c->before, p->before);
	const struct cell_instructions *after = instructions_of(p->c->after, p->after);

	for (unsigned side = 0; before && side < 2; side++) {
		struct compare_row *row = add_row(p, COMPARE_DRV_INSTRUCTIONS + side);
		const char *differs = alike_build(p->c->before, p->c->after);

		row->before = side ? before->dev : before->drv;
		row->after = !after ? (double)NAN : side ? after->dev : after->drv;
		if (!after)
			snprintf(row->why, sizeof(row->why),
				 "the newer session has no counts of it");
		else if (differs)
			snprintf(row->why, sizeof(row->why), "the %s differs", differs);
		else if (strcmp(before->simd, after->simd) != 0)
			snprintf(row->why, sizeof(row->why), "another vector path: %s | %s",
				 before->simd, after->simd);
		else
			judge_exact(row, (row->after > row->before) - (row->after < row->before));
	}
}

/* ---- times ---- */

unsigned compare_launch_logs(const struct pairing *p, uint32_t cell, enum place_class place,
			     double *mid)
{
	size_t n = 0;

	for (size_t i = pairing_first(p, cell); i < p->n && p->samples[i]->cell == cell; i++) {
		if (p->samples[i]->place != place)
			continue;
		p->a[n] = log(sample_ns(p->samples[i]));
		p->launch[n++] = p->samples[i]->launch;
	}
	return (unsigned)stats_launch_medians(p->a, p->launch, n, mid, NULL);
}

static double geometric_mean(const double *logs, unsigned n)
{
	double sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += logs[i];
	return n ? exp(sum / n) : (double)NAN;
}

/* What copies of the same code differ by in a session: null rows. NAN: nothing says it. */
static double error_of(const struct summary *sum, const struct cell *cell, enum place_class place)
{
	const struct summary_group *g = group_of(sum, cell->group, place);

	return g && g->proven ? g->error : (double)NAN;
}

/* Why the times of a row are not judged, whatever its interval. */
static bool put_obstacle(struct compare_row *row)
{
	const struct comparison *c = row->in;
	const char *who = row->launches[0] < 2 ? "older" : "newer";
	const unsigned few = row->launches[0] < 2 ? row->launches[0] : row->launches[1];

	if (c->ndifferences)
		snprintf(row->why, sizeof(row->why), "the %s differs", c->differences[0].name);
	else if (!row->launches[0] && !row->launches[1])
		snprintf(row->why, sizeof(row->why), "no sample of it is used in either session");
	else if (!few)
		snprintf(row->why, sizeof(row->why), "no sample of the class in the %s session",
			 who);
	else if (few < 2)
		snprintf(row->why, sizeof(row->why), "one launch in the %s session; two are needed",
			 who);
	else if (isnan(row->error))
		snprintf(row->why, sizeof(row->why),
			 "a session has no null row, or one that is "
			 "grossly off");
	return *row->why;
}

static void judge_time(struct compare_row *row, double margin)
{
	if (put_obstacle(row))
		return;
	const int beyond = rule_beyond(&row->ratio, margin);

	row->change = beyond > 0			 ? CHANGE_REGRESSION
		      : beyond < 0			 ? CHANGE_IMPROVEMENT
		      : rule_within(&row->ratio, margin) ? CHANGE_NONE
							 : CHANGE_INCONCLUSIVE;
	if (row->change != CHANGE_INCONCLUSIVE)
		return;
	if (row->error >= margin)
		snprintf(row->why, sizeof(row->why), "the sessions' own error is %.1f %%",
			 100 * row->error);
	else
		snprintf(row->why, sizeof(row->why), "the interval reaches across the margin");
}

bool compare_is_timed(const struct session *s, const struct cell *cell)
{
	return cell->pace != PACE_OPEN && !session_is_model(s);
}

/* Sessions with what is asked of their times. */
struct timing {
	struct pairing pairing[2];
	const struct summary *sum[2];
	double *logs[2];
	double level, margin;
};

/* Welch's interval, no narrower than the error. */
static void fill_time(const struct timing *t, const struct pair *p, struct compare_row *row)
{
	const struct session *const sessions[2] = {p->c->before, p->c->after};
	const struct cell *const cells[2] = {p->before, p->after};
	double error = 0;

	for (unsigned k = 0; k < 2; k++) {
		const double own = error_of(t->sum[k], cells[k], row->place);

		if (compare_is_timed(sessions[k], cells[k]))
			row->launches[k] = compare_launch_logs(&t->pairing[k], cells[k]->id,
							       row->place, t->logs[k]);
		error = isnan(own) || isnan(error) ? (double)NAN : fmax(error, own);
	}
	row->before = geometric_mean(t->logs[0], row->launches[0]);
	row->after = geometric_mean(t->logs[1], row->launches[1]);
	row->error = error;
	if (p->c->same) {
		row->ratio = (struct interval){1, 1, 1, row->launches[0], true};
		row->change = CHANGE_NONE;
		return;
	}
	row->ratio = stats_two_means(t->logs[1], row->launches[1], t->logs[0], row->launches[0],
				     t->level);
	const double floor = log1p(isnan(error) ? 0 : error);

	row->ratio.lo = fmin(row->ratio.lo, row->ratio.mid - floor);
	row->ratio.hi = fmax(row->ratio.hi, row->ratio.mid + floor);
	row->ratio = interval_exp(row->ratio);
	if (!row->ratio.known)
		row->ratio.lo = row->ratio.hi = (double)NAN;
	judge_time(row, t->margin);
}

/* How many launches have a sample of the cell in the class that is used. */
static unsigned launches_in(const struct session *s, const struct cell *cell,
			    enum place_class place)
{
	unsigned n = 0;
	uint32_t last = 0;

	for (unsigned i = 0; i < s->nsamples && compare_is_timed(s, cell); i++) {
		if (!sample_in_row(&s->samples[i], cell, place))
			continue;
		n += !n || s->samples[i].launch != last;
		last = s->samples[i].launch;
	}
	return n;
}

/* Bit i: class i can be compared; @seen: out; any launch of the two saw it. */
static unsigned classes_of(const struct pair *p, unsigned *seen)
{
	unsigned both = 0;

	*seen = 0;
	for (int place = CLASS_NONE; place < CLASS_COUNT; place++) {
		const unsigned before =
			launches_in(p->c->before, p->before, (enum place_class)place);
		const unsigned after = launches_in(p->c->after, p->after, (enum place_class)place);

		*seen |= (unsigned)(before || after) << place;
		both |= (unsigned)(before > 1 && after > 1) << place;
	}
	return both;
}

static void add_times(const struct pair *p, enum place_class place)
{
	unsigned seen, both;

	/* what is no longer timed has a row, too: a gate must not pass because something is not measured any more */
	if (!compare_is_timed(p->c->before, p->before))
		return;
	both = classes_of(p, &seen);
	p->c->classes_left |= both ? seen & ~both : 0;
	/* times that no sample is used for have a row all the same: else nobody saw that they were not compared */
	if (!seen && (p->c->before->nsamples || p->c->after->nsamples))
		seen = 1u << CLASS_NONE;
	if ((both ? both : seen) >> place & 1)
		add_row(p, COMPARE_NS)->place = place;
}

void compare_exact(struct comparison *c, const struct cell *before, const struct cell *after)
{
	const struct pair p = {c, before, after};

	compare_lines(&p, COMPARE_TRANSFERS, coh_transfers);
	compare_lines(&p, COMPARE_UPGRADES, coh_upgrades);
	compare_instructions(&p);
}

/* Times by class, then (CLASS_COUNT) what has none. */
static void add_rows(struct comparison *c, enum place_class place)
{
	for (unsigned i = 0; i < c->after->ncells; i++) {
		const struct pair p = {c, alike_cell(c->before, &c->after->cells[i]),
				       &c->after->cells[i]};

		if (p.before && place == CLASS_COUNT)
			compare_exact(c, p.before, p.after);
		else if (p.before)
			add_times(&p, place);
	}
}

/* ---- a comparison ---- */

static int timing_make(struct timing *t, const struct loaded *before, const struct loaded *after)
{
	const struct loaded *const both[2] = {before, after};
	int rc = 0;

	for (unsigned k = 0; !rc && k < 2; k++) {
		t->sum[k] = &both[k]->summary;
		rc = pairing_make(&both[k]->session, &t->pairing[k]);
		t->logs[k] = calloc((size_t)both[k]->session.nsamples + 1, sizeof(*t->logs[k]));
		if (!t->logs[k])
			rc = -ENOMEM;
	}
	return rc;
}

static void timing_free(struct timing *t)
{
	for (unsigned k = 0; k < 2; k++) {
		pairing_free(&t->pairing[k]);
		free(t->logs[k]);
	}
}

static int fill_times(struct comparison *c, struct timing t, const struct loaded *before,
		      const struct loaded *after)
{
	const int rc = timing_make(&t, before, after);

	for (unsigned i = 0; !rc && i < c->nrows; i++) {
		struct compare_row *row = &c->rows[i];
		const struct pair p = {c, alike_cell(c->before, row->cell), row->cell};

		if (row->figure == COMPARE_NS)
			fill_time(&t, &p, row);
	}
	timing_free(&t);
	return rc;
}

/* What the two have in common, and what not. */
static int match_sessions(struct comparison *c, struct vrb_err *err)
{
	const struct session *failed = c->before->status == SESSION_FAILED  ? c->before
				       : c->after->status == SESSION_FAILED ? c->after
									    : NULL;
	unsigned common = 0;

	if (failed)
		return vrb_fail(err, EBADMSG,
				"%.300s: a launch of it failed, so it is not compared",
				failed->path);
	if (alike_policies(c->before, c->after, err))
		return -ENODATA;
	c->same = alike_sessions(c->before, c->after);
	c->ndifferences = alike_machines(c->before, c->after, c->differences);
	for (unsigned i = 0; i < c->before->ncells; i++) {
		const struct cell *cell = &c->before->cells[i];

		if (cell->role != ROLE_NULL && !alike_cell(c->after, cell))
			c->only_before[c->nonly_before++] = cell;
	}
	for (unsigned i = 0; i < c->after->ncells; i++) {
		const struct cell *cell = &c->after->cells[i];

		if (cell->role == ROLE_NULL)
			continue;
		if (alike_cell(c->before, cell))
			common++;
		else
			c->only_after[c->nonly_after++] = cell;
	}
	if (!common)
		return vrb_fail(err, ENODATA,
				"%.200s and %.200s have no cell in common: other variants, "
				"directions, ring sizes, bursts or payloads",
				c->before->path, c->after->path);
	return 0;
}

static int make_rows(struct owned *a, struct comparison *c, bool exact_only, struct vrb_err *err)
{
	const size_t most = (size_t)c->after->ncells * (CLASS_COUNT + COMPARE_FIGURES) + 1;
	int rc;

	c->rows = owned_get(a, most, sizeof(*c->rows));
	c->only_before = owned_get(a, (size_t)c->before->ncells + 1, sizeof(*c->only_before));
	c->only_after = owned_get(a, (size_t)c->after->ncells + 1, sizeof(*c->only_after));
	if (a->failed)
		return vrb_fail(err, ENOMEM, "out of memory");
	rc = match_sessions(c, err);
	for (int place = exact_only ? CLASS_COUNT : CLASS_NONE; !rc && place <= CLASS_COUNT;
	     place++)
		add_rows(c, (enum place_class)place);
	if (!rc && !c->nrows)
		rc = vrb_fail(
			err, ENODATA, "%.200s and %.200s have cells in common, but no %s of them",
			c->before->path, c->after->path, exact_only ? "exact figure" : "figure");
	return rc;
}

void compare_count(struct compared *out)
{
	static const enum change worst[] = {CHANGE_REGRESSION, CHANGE_INCONCLUSIVE,
					    CHANGE_IMPROVEMENT};
	unsigned all[CHANGES] = {0};

	for (unsigned i = 0; i < out->n; i++) {
		struct comparison *c = &out->v[i];

		for (unsigned k = 0; k < c->nrows; k++)
			c->tally[c->rows[k].figure != COMPARE_NS][c->rows[k].change]++;
		for (unsigned k = 0; k < CHANGES; k++)
			all[k] += c->tally[0][k] + c->tally[1][k];
		all[CHANGE_INCONCLUSIVE] += c->nonly_before;
	}
	out->change = CHANGE_NONE;
	for (size_t i = ARRAY_SIZE(worst); i-- > 0;)
		out->change = all[worst[i]] ? worst[i] : out->change;
}

int compare_make(struct compared *out, const struct loaded *all, unsigned n, double margin,
		 bool exact_only, struct vrb_err *err)
{
	struct timing t = {.margin = margin};
	int rc = 0;

	*out = (struct compared){.n = n, .margin = margin};
	out->v = owned_get(&out->memory, (size_t)n + 1, sizeof(*out->v));
	if (!out->v)
		return vrb_fail(err, ENOMEM, "out of memory");
	for (unsigned i = 0; !rc && i < n; i++) {
		struct comparison *c = &out->v[i];

		c->before = &all[0].session;
		c->after = &all[i + 1].session;
		rc = make_rows(&out->memory, c, exact_only, err);
		for (unsigned k = 0; k < c->nrows; k++)
			out->times += c->rows[k].figure == COMPARE_NS;
	}
	t.level = 1 - (1 - COMPARE_LEVEL) / (out->times ? out->times : 1);
	for (unsigned i = 0; !rc && i < n; i++) {
		if (fill_times(&out->v[i], t, &all[0], &all[i + 1]))
			rc = vrb_fail(err, ENOMEM, "out of memory");
	}
	if (rc)
		compare_free(out);
	else
		compare_count(out);
	return rc;
}

void compare_free(struct compared *c)
{
	owned_free(&c->memory);
	*c = (struct compared){0};
}
