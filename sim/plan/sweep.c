/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sweep.c - the points of a sweep, each the command line read again, and their cells together.
 */
#include "plan/sweep.h"

#include "plan/args.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * A round must be short against the 10 to 20 s after which a virtual machine's CPUs may stand
 * elsewhere; a sample below 2 ms is too short against what starting and probing it takes.
 */
#define ROUND_MS	3000.0
#define LEAST_SAMPLE_MS 2.0
#define LONG_ROUND_MS	8000.0
/* Probes before and after, setting up and handing over: what a sample takes besides. */
#define BESIDES_MS 1.0

#define OPTION_MAX 128

/* The sweep being put together. */
struct builder {
	const struct run_command *command;
	int argc;
	char **argv;
	struct request base; /* the line without any point */
	struct plan plan;    /* of the point at hand */
	struct plan *all;    /* that of the first point, and what the others add */
	struct prepared *cells;
	struct sweep *sweep;
	unsigned at[CELL_PARAMS];			/* the point at hand: values of the axes */
	bool legal[CELL_PARAMS][PLAN_LIST_MAX];		/* the value has a point */
	struct vrb_err why[CELL_PARAMS][PLAN_LIST_MAX]; /* else why not, of the last one */
};

static const char *const axis_options[CELL_PARAMS] = {"--over", "--by"};

/* "burst=8, ring-size=64" */
static void point_words(const struct builder *b, char *buf, size_t size)
{
	*buf = '\0';
	for (unsigned i = 0; i < CELL_PARAMS && b->sweep->axes[i].n; i++) {
		const struct sweep_axis *a = &b->sweep->axes[i];

		text_add(buf, size, "%s%s=%s", i ? ", " : "", a->name, a->values[b->at[i]]);
	}
}

/* A line of what was left out, and where. The same reason at several points is one line. */
static int leave_out(struct builder *b, const char *why, struct vrb_err *err)
{
	struct sweep *s = b->sweep;
	char where[2 * SWEEP_WORD_MAX + 64], *line, **more;
	const size_t len = strlen(why);
	unsigned i = 0;

	point_words(b, where, sizeof(where));
	while (i < s->nleft_out &&
	       (strncmp(s->left_out[i], why, len) || strncmp(s->left_out[i] + len, " (at ", 5)))
		i++;
	more = reallocarray(s->left_out, s->nleft_out + 1, sizeof(*more));
	if (!more)
		return vrb_fail(err, ENOMEM, "out of memory");
	s->left_out = more;
	if (i == s->nleft_out
		    ? asprintf(&line, "%s (at %s)", why, where) < 0
		    : asprintf(&line, "%.*s; %s)", (int)strlen(more[i]) - 1, more[i], where) < 0)
		return vrb_fail(err, ENOMEM, "out of memory");
	if (i == s->nleft_out)
		s->nleft_out++;
	else
		free(more[i]);
	more[i] = line;
	return 0;
}

/* ---- one point ---- */

/* The line with the values of the point behind it. */
static int read_point(struct builder *b, struct vrb_err *err)
{
	const struct sweep *s = b->sweep;
	char options[CELL_PARAMS][OPTION_MAX];
	char *argv[b->argc + CELL_PARAMS + 1];
	struct request r;
	int argc = b->argc, rc;

	memcpy(argv, b->argv, (size_t)argc * sizeof(*argv));
	for (unsigned i = 0; i < CELL_PARAMS && s->axes[i].n; i++) {
		snprintf(options[i], OPTION_MAX, "--%s=%s", s->axes[i].name,
			 s->axes[i].values[b->at[i]]);
		argv[argc++] = options[i];
	}
	argv[argc] = NULL;
	rc = run_options_read(b->command, argc, argv, &r, &b->plan, err);
	if (!rc)
		rc = request_complete(&r);
	/* where it runs is the same for all points, and is found out once */
	if (!rc && !s->points)
		rc = request_place(&r);
	return rc;
}

/* What the session's head says of the plan holds for all points. */
static void add_list(struct plan_list *all, const struct plan_list *one)
{
	for (unsigned i = 0; i < one->n; i++) {
		unsigned k = 0;

		while (k < all->n && all->v[k] != one->v[i])
			k++;
		if (k == all->n && all->n < PLAN_LIST_MAX)
			all->v[all->n++] = one->v[i];
	}
}

static void add_plan(struct builder *b)
{
	struct plan *all = b->all;

	if (!b->sweep->points) {
		*all = b->plan;
		/* as typed, not as it was read last */
		memcpy(all->command, b->base.plan->command, sizeof(all->command));
		all->nleft_out = 0;
		all->no_baseline = false;
		return;
	}
	add_list(&all->ring_sizes, &b->plan.ring_sizes);
	add_list(&all->bursts, &b->plan.bursts);
	add_list(&all->payloads, &b->plan.payloads);
	for (unsigned i = 0; i < b->plan.nvariants; i++) {
		unsigned k = 0;

		while (k < all->nvariants && all->variants[k] != b->plan.variants[i])
			k++;
		if (k == all->nvariants && all->nvariants < PLAN_VARIANTS_MAX)
			all->variants[all->nvariants++] = b->plan.variants[i];
	}
}

static uint32_t variant_number(const char *name)
{
	uint32_t v = 0;

	while (v < variants_total() && strcmp(variants_get(v)->name, name) != 0)
		v++;
	return v;
}

/* The cells of the point at hand know where they stand. */
static void mark_cells(struct builder *b, unsigned first)
{
	const struct sweep *s = b->sweep;
	const uint32_t group = b->cells->cells[first].group;

	for (unsigned i = first; i < b->cells->n; i++) {
		struct cell *c = &b->cells->cells[i];

		for (unsigned k = 0; k < CELL_PARAMS && s->axes[k].n; k++)
			c->params[k] =
				(struct cell_param){s->axes[k].name, s->axes[k].values[b->at[k]]};
		/* lists that are not swept give a point the same groups, in the same order */
		c->series =
			((c->group - group) * PLAN_LIST_MAX + b->at[1]) * (variants_total() + 1) +
			variant_number(c->variant);
	}
}

static int add_point(struct builder *b, struct vrb_err *err)
{
	const unsigned first = b->cells->n;
	const unsigned more = plan_cell_count(&b->plan);
	int rc;

	if (first + more > SWEEP_CELLS_MAX)
		return vrb_fail(err, EINVAL,
				"--over and --by give more than %d cells, too many for a round; "
				"legal: fewer values, variants (-v) or directions (-d)",
				SWEEP_CELLS_MAX);
	for (unsigned i = 0; i < b->plan.nleft_out; i++) {
		if (leave_out(b, b->plan.left_out[i], err))
			return -ENOMEM;
	}
	rc = prepare_cells(&b->plan, b->cells, err);
	if (rc)
		return rc;
	mark_cells(b, first);
	add_plan(b);
	b->sweep->points++;
	for (unsigned i = 0; i < CELL_PARAMS; i++)
		b->legal[i][b->at[i]] = true;
	return 0;
}

/* ---- all points ---- */

/* A value with no legal point is a mistake, not something to leave out. */
static int check_values(const struct builder *b, struct vrb_err *err)
{
	for (unsigned k = 0; k < CELL_PARAMS; k++) {
		const struct sweep_axis *a = &b->sweep->axes[k];

		for (unsigned i = 0; i < a->n; i++) {
			if (!b->legal[k][i])
				return vrb_fail(err, EINVAL, "%s %s=%s: %.400s", axis_options[k],
						a->name, a->values[i], b->why[k][i].msg);
		}
	}
	return 0;
}

static int add_points(struct builder *b, struct vrb_err *err)
{
	const unsigned over = b->sweep->axes[0].n, by = b->sweep->axes[1].n;

	for (unsigned point = 0; point < over * (by ? by : 1); point++) {
		struct vrb_err why;
		int rc;

		b->at[0] = point % over;
		b->at[1] = point / over;
		rc = read_point(b, &why);
		for (unsigned k = 0; rc && k < CELL_PARAMS; k++)
			b->why[k][b->at[k]] = why;
		rc = rc ? leave_out(b, why.msg, err) : add_point(b, err);
		if (rc)
			return rc;
	}
	return check_values(b, err);
}

/* How long a sample is where nobody said, so that a round is short; and what a round takes. */
static void choose_length(struct builder *b)
{
	struct plan *p = b->all;
	const double samples = p->launches * (double)p->rounds;
	double round_ms = ROUND_MS, sample_ms = p->sample_ms;

	if (p->engine == ENGINE_MODEL || p->buffers) {
		snprintf(b->sweep->told, sizeof(b->sweep->told), "%u points, %u cells",
			 b->sweep->points, b->cells->n);
		return;
	}
	if (p->time_limit_s > 0)
		round_ms = fmin(round_ms, p->time_limit_s * 1e3 / samples);
	if (b->base.plan->sample_ms == 0)
		sample_ms =
			fmax(LEAST_SAMPLE_MS, fmin(sample_ms, round_ms / b->cells->n - BESIDES_MS));
	p->sample_ms = round(sample_ms * 10) / 10;
	round_ms = (p->sample_ms + BESIDES_MS) * b->cells->n;
	snprintf(b->sweep->told, sizeof(b->sweep->told),
		 "%u points, %u cells, samples of %g ms: a round takes about %.1f s%s",
		 b->sweep->points, b->cells->n, p->sample_ms, round_ms / 1e3,
		 round_ms > LONG_ROUND_MS ? ", so long that the CPUs may move within it" : "");
}

static int read_axes(struct builder *b, struct vrb_err *err)
{
	const char *const values[CELL_PARAMS] = {b->base.over, b->base.by};
	struct sweep_axis *axes = b->sweep->axes;

	if (!values[0])
		return vrb_fail(
			err, EINVAL,
			"sweep: over what? legal: --over NAME=LIST, as --over burst=1:*2:64");
	for (unsigned i = 0; i < CELL_PARAMS && values[i]; i++) {
		int rc = sweep_axis_parse(axis_options[i], values[i], &axes[i], err);

		if (rc)
			return rc;
	}
	if (axes[1].n && !strcmp(axes[1].name, axes[0].name))
		return vrb_fail(err, EINVAL, "--by %s: --over has it; legal: another option",
				axes[1].name);
	for (unsigned i = 0; i < CELL_PARAMS && axes[i].n; i++) {
		if (run_options_given(&b->base, axes[i].name))
			return vrb_fail(err, EINVAL,
					"--%s: %s gives it its values; legal: without it",
					axes[i].name, axis_options[i]);
	}
	return 0;
}

static int build(struct builder *b, struct plan *base, struct vrb_err *err)
{
	int rc = run_options_read(b->command, b->argc, b->argv, &b->base, base, err);

	if (rc)
		return rc;
	rc = read_axes(b, err);
	if (!rc)
		rc = add_points(b, err);
	if (!rc)
		choose_length(b);
	return rc;
}

int sweep_plan(const struct run_command *command, int argc, char **argv, struct plan *plan,
	       struct prepared *cells, struct vrb_err *err)
{
	struct builder *b = calloc(1, sizeof(*b));
	struct plan *base = calloc(1, sizeof(*base));
	int rc;

	cells->sweep = calloc(1, sizeof(*cells->sweep));
	if (!b || !base || !cells->sweep) {
		rc = vrb_fail(err, ENOMEM, "out of memory");
	} else {
		b->command = command;
		b->argc = argc;
		b->argv = argv;
		b->all = plan;
		b->cells = cells;
		b->sweep = cells->sweep;
		rc = build(b, base, err);
	}
	free(base);
	free(b);
	return rc;
}

/* ---- what others ask ---- */

static json_t *axis_json(const struct sweep_axis *a)
{
	json_t *values;

	if (!a->n)
		return json_null();
	values = json_array();
	for (unsigned i = 0; i < a->n; i++)
		json_array_append_new(values, json_string(a->values[i]));
	return json_pack("{s:s, s:o}", "name", a->name, "values", values);
}

json_t *sweep_record(const struct sweep *s)
{
	return json_pack("{s:o, s:o}", "over", axis_json(&s->axes[0]), "by",
			 axis_json(&s->axes[1]));
}

void sweep_tell(const struct sweep *s, FILE *out)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->nleft_out; i++)
		fprintf(out, "left out: %s\n", s->left_out[i]);
	fprintf(out, "sweep: %s\n", s->told);
}
