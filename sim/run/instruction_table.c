/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * instruction_table.c - a file of instructions per buffer, as scripts/instructions writes it.
 */
#include "run/instruction_table.h"

#include "build_info.h"
#include "input_file.h"
#include "plan/options.h"
#include "run/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS	  "direction\tvariant\tsimd\tdriver\tdevice\t"
#define ROWS_MAX  1024
#define SIZE_MOST (1u << 20) /* bytes */

/* Per buffer, in one direction. */
struct row {
	char direction[8], variant[512], simd[16]; /* "-": no vector path */
	double drv, dev;
};

struct instruction_table {
	char *path;
	json_t *plan;
	char compiler[128];
	struct row rows[ROWS_MAX];
	unsigned nrows;
};

/* ---- reading ---- */

static int bad(const struct instruction_table *t, unsigned line, const char *what,
	       struct vrb_err *err)
{
	return vrb_fail(err, EINVAL,
			"--instructions %.200s: line %u %s; legal: a table of scripts/instructions",
			t->path, line, what);
}

static int read_row(struct instruction_table *t, unsigned line, const char *text,
		    struct vrb_err *err)
{
	struct row *row = &t->rows[t->nrows];

	if (t->nrows == ROWS_MAX)
		return bad(t, line, "is one too many", err);
	if (sscanf(text, "%7[^\t]\t%511[^\t]\t%15[^\t]\t%lf\t%lf\t", row->direction, row->variant,
		   row->simd, &row->drv, &row->dev) != 5 ||
	    !(row->drv > 0) || !(row->dev > 0) || !(row->drv + row->dev < 1e9))
		return bad(t, line, "does not hold direction, variant, simd, driver and device",
			   err);
	t->nrows++;
	return 0;
}

/* What stands behind a comment's name; NULL: it is another comment. */
static const char *comment(const char *text, const char *name)
{
	const size_t len = strlen(name);

	return strncmp(text, name, len) ? NULL : text + len;
}

static int read_line(struct instruction_table *t, unsigned line, char *text, bool *named,
		     struct vrb_err *err)
{
	const char *compiler = comment(text, "# compiler: "), *plan = comment(text, "# plan: ");

	if (compiler)
		snprintf(t->compiler, sizeof(t->compiler), "%s", compiler);
	if (plan) {
		json_decref(t->plan);
		t->plan = json_loads(plan, JSON_REJECT_DUPLICATES, NULL);
		if (!json_is_object(t->plan))
			return bad(t, line, "has no JSON object", err);
	}
	if (*text == '#' || !*text)
		return 0;
	if (*named)
		return read_row(t, line, text, err);
	*named = comment(text, COLUMNS) != NULL;
	return *named ? 0 : bad(t, line, "does not name the columns", err);
}

static int read_table(struct instruction_table *t, struct vrb_err *err)
{
	bool named = false;
	char *text, *rest;
	unsigned line = 0;
	size_t len;
	int ret = input_read("--instructions", t->path, SIZE_MOST, &text, &len, err);

	if (ret)
		return ret;
	rest = text;
	for (char *at; !ret && (at = strsep(&rest, "\n")) && (*at || rest);)
		ret = read_line(t, ++line, at, &named, err);
	free(text);
	if (!ret && (!t->plan || !*t->compiler || !t->nrows))
		ret = bad(t, line, "ends it without compiler, plan and rows", err);
	return ret;
}

/* ---- is it for this plan? ---- */

static int differs(const struct instruction_table *t, const char *what, const char *theirs,
		   const char *ours, struct vrb_err *err)
{
	return vrb_fail(err, EINVAL,
			"--instructions %.200s: it is for %s %.80s, not %.80s; legal: what "
			"scripts/instructions counts for this program and plan",
			t->path, what, theirs, ours);
}

static bool has(const json_t *list, uint32_t value)
{
	size_t i;
	const json_t *v;

	json_array_foreach(list, i, v)
	{
		if (json_integer_value(v) == (json_int_t)value)
			return true;
	}
	return false;
}

static int check_points(const struct instruction_table *t, const struct plan *plan,
			struct vrb_err *err)
{
	const struct {
		const char *member;
		const struct plan_list *values;
	} lists[] = {{"ring_sizes", &plan->ring_sizes},
		     {"bursts", &plan->bursts},
		     {"payloads", &plan->payloads}};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const json_t *theirs = json_object_get(t->plan, lists[i].member);
		const struct plan_list *values = lists[i].values;
		char *text, ours[16];
		unsigned k = 0;
		int ret;

		while (k < values->n && !has(theirs, values->v[k]))
			k++;
		if (k < values->n)
			continue;
		text = theirs ? json_dumps(theirs, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
		snprintf(ours, sizeof(ours), "%u", values->v[0]);
		ret = differs(t, lists[i].member, text ? text : "[]", ours, err);
		free(text);
		return ret;
	}
	return 0;
}

/* A plan as `run` has it if nobody says anything; NULL: out of memory. */
static json_t *usual_plan(void)
{
	static const struct run_command usual = {.name = "run", .engine = ENGINE_ONE_CORE};
	char name[] = "vringbench";
	char *argv[] = {name, NULL};
	struct plan plan;
	struct vrb_err err;

	return run_options_parse(&usual, 1, argv, &plan, &err) ? NULL : record_plan(&plan);
}

static int check_policies(const struct instruction_table *t, const json_t *ours,
			  const json_t *usual, struct vrb_err *err)
{
	for (const struct policy *p = record_policies; p->member; p++) {
		const json_t *own = json_object_get(ours, p->member);
		const json_t *theirs = json_object_get(t->plan, p->member);
		char *text[2];
		int ret;

		if (!theirs)
			theirs = json_object_get(usual, p->member);
		if (own == theirs || json_equal(own, theirs)) /* or none has it */
			continue;
		text[0] = json_dumps(theirs, JSON_COMPACT | JSON_ENCODE_ANY);
		text[1] = json_dumps(own, JSON_COMPACT | JSON_ENCODE_ANY);
		ret = differs(t, p->member, text[0] ? text[0] : "none", text[1] ? text[1] : "none",
			      err);
		free(text[0]);
		free(text[1]);
		return ret;
	}
	return 0;
}

static int check(const struct instruction_table *t, const struct plan *plan, bool points,
		 struct vrb_err *err)
{
	json_t *ours = record_plan(plan), *usual = usual_plan();
	int ret = 0;

	if (!ours || !usual)
		ret = vrb_fail(err, ENOMEM, "out of memory");
	if (!ret && strcmp(t->compiler, BUILD_COMPILER) != 0)
		ret = differs(t, "compiler", t->compiler, BUILD_COMPILER, err);
	if (!ret && points)
		ret = check_points(t, plan, err);
	if (!ret)
		ret = check_policies(t, ours, usual, err);
	json_decref(ours);
	json_decref(usual);
	return ret;
}

int instruction_table_open(const struct plan *plan, const struct prepared *cells, bool points,
			   const char *usual, struct instruction_table **out, struct vrb_err *err)
{
	struct instruction_table *t;
	struct vrb_err ignored;
	int ret;

	*out = NULL;
	if (cells->sweep && plan->instructions_path)
		return vrb_fail(
			err, EINVAL,
			"--instructions %.200s: the points of a sweep differ in what a table "
			"is for; legal: with run and ablate",
			plan->instructions_path);
	if (cells->sweep)
		return 0;
	t = calloc(1, sizeof(*t));
	if (!t)
		return vrb_fail(err, ENOMEM, "out of memory");
	t->path = strdup(plan->instructions_path ? plan->instructions_path : usual);
	ret = t->path ? read_table(t, err) : vrb_fail(err, ENOMEM, "out of memory");
	/* nobody asked for the usual one: it may be of another place, or not be there */
	if (!ret)
		ret = check(t, plan, points, plan->instructions_path ? err : &ignored);
	if (ret)
		instruction_table_close(t);
	else
		*out = t;
	return plan->instructions_path ? ret : 0;
}

/* ---- rows ---- */

/* The path that the session takes; else whatever path was counted. */
static const struct row *find_row(const struct instruction_table *t, const struct cell *cell,
				  const char *simd)
{
	const struct row *found = NULL;

	for_each (row, t->rows, t->nrows) {
		if (strcmp(row->direction, direction_name(cell->dir)) != 0 ||
		    strcmp(row->variant, cell->variant) != 0)
			continue;
		if (!found || !strcmp(row->simd, simd))
			found = row;
	}
	return found;
}

void instruction_table_put(const struct instruction_table *t, const char *simd,
			   const struct cell *cells, unsigned n, struct session_writer *w)
{
	for_each (c, cells, n) {
		const struct row *row = find_row(t, c, simd);
		struct cell_instructions out = {.cell = c->id};

		if (!row || c->burst_least ||
		    !has(json_object_get(t->plan, "ring_sizes"), c->ring_size) ||
		    !has(json_object_get(t->plan, "bursts"), c->burst) ||
		    !has(json_object_get(t->plan, "payloads"), c->payload))
			continue;
		out.drv = row->drv;
		out.dev = row->dev;
		if (strcmp(row->simd, "-") != 0)
			snprintf(out.simd, sizeof(out.simd), "%s", row->simd);
		instruction_table_source(t, out.source, sizeof(out.source));
		session_put(w, ROW_INSTRUCTIONS, &out);
	}
}

/* The first of a list of the table's plan. */
static uint32_t first_of(const struct instruction_table *t, const char *member)
{
	return (uint32_t)json_integer_value(json_array_get(json_object_get(t->plan, member), 0));
}

/* Buffers of a burst, on average. */
static double mean_burst(const struct ring_conf *ring)
{
	return ring->burst_least ? (ring->burst_least + ring->burst) / 2.0 : ring->burst;
}

/* What was counted at a burst. */
struct counted_at {
	double burst;
	const struct row *row;
};

/* What a burst takes once is shared by its buffers: so a side's instructions lie on a line over 1 / burst. */
static double at_burst(double burst, double few, double of_few, double many, double of_many)
{
	const double once = (of_few - of_many) / (1 / few - 1 / many);
	const double there = of_many + once * (1 / burst - 1 / many);

	return there > 0 ? there : of_many;
}

/* The two bursts that lie around one, or are nearest to it. Returns how many there are, at most 2. */
static unsigned around(struct instruction_table *const tables[], unsigned n, const char *simd,
		       const struct cell *cell, double burst, struct counted_at pair[2])
{
	unsigned found = 0;

	pair[0] = pair[1] = (struct counted_at){0};
	for (unsigned i = 0; i < n && !(found == 2 && pair[1].burst >= burst); i++) {
		const struct row *row = tables[i] ? find_row(tables[i], cell, simd) : NULL;
		const uint32_t its = row ? first_of(tables[i], "bursts") : 0;

		if (!row || its <= pair[1].burst)
			continue;
		pair[0] = pair[1];
		pair[1] = (struct counted_at){its, row};
		found += found < 2;
	}
	return found;
}

bool instruction_table_counted(struct instruction_table *const tables[], unsigned n,
			       const char *simd, const struct cell *cell,
			       const struct ring_conf *ring, struct predict_counted *out)
{
	const struct instruction_table *t = tables[n - 1];
	const struct row *row = find_row(t, cell, simd);
	const double burst = mean_burst(ring);
	struct counted_at pair[2];

	*out = (struct predict_counted){.ring = *ring};
	out->ring.ring_size = first_of(t, "ring_sizes");
	out->ring.payload = first_of(t, "payloads");
	if (!row)
		return false;
	if (out->ring.burst > out->ring.ring_size) /* the table's may be smaller than the cell's */
		out->ring.burst = out->ring.ring_size;
	if (around(tables, n, simd, cell, burst, pair) == 2) {
		const struct counted_at few = pair[0], many = pair[1];

		out->drv = at_burst(burst, few.burst, few.row->drv, many.burst, many.row->drv);
		out->dev = at_burst(burst, few.burst, few.row->dev, many.burst, many.row->dev);
	} else {
		out->drv = row->drv;
		out->dev = row->dev;
		out->ring.burst = first_of(t, "bursts");
		out->ring.burst_least = 0;
	}
	return !strcmp(row->simd, "-") || !strcmp(row->simd, simd);
}

/* Of the same rings as another one, but for their bursts. */
static bool like(const struct instruction_table *a, const struct instruction_table *b)
{
	static const char *const members[] = {"ring_sizes", "payloads"};

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		if (!json_equal(json_object_get(a->plan, members[i]),
				json_object_get(b->plan, members[i])))
			return false;
	}
	return true;
}

int instruction_table_open_bursts(const struct plan *plan, const struct prepared *cells,
				  struct instruction_table *tables[INSTRUCTION_BURSTS],
				  struct vrb_err *err)
{
	static const char *const names[INSTRUCTION_BURSTS] = {
		"results/instructions-1.tsv", "results/instructions-4.tsv",
		"results/instructions-8.tsv", INSTRUCTIONS_DEFAULT};
	struct instruction_table **usual = &tables[INSTRUCTION_BURSTS - 1];
	int ret = 0;

	for (unsigned i = INSTRUCTION_BURSTS; !ret && i--;) {
		ret = instruction_table_open(plan, cells, false, names[i], &tables[i], err);
		if (tables[i] && (!*usual || !like(tables[i], *usual))) {
			instruction_table_close(tables[i]);
			tables[i] = NULL;
		}
	}
	return ret;
}

void instruction_table_source(const struct instruction_table *t, char *out, size_t size)
{
	snprintf(out, size, "callgrind, %s", t->compiler);
}

void instruction_table_close(struct instruction_table *t)
{
	if (!t)
		return;
	json_decref(t->plan);
	free(t->path);
	free(t);
}
