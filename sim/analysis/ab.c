/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ab.c - two programs that ran in turns.
 */
#include "analysis/ab.h"

#include "session/head.h"
#include "stats/rule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Rising by about a half: what is saved by stopping early outweighs what a look costs of the level. */
static const unsigned looks[] = {8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256};

unsigned ab_looks(void)
{
	return ARRAY_SIZE(looks) + 1;
}

bool ab_look_due(unsigned blocks)
{
	for (size_t i = 0; i < ARRAY_SIZE(looks); i++) {
		if (looks[i] == blocks)
			return true;
	}
	return false;
}

unsigned ab_most_blocks(void)
{
	return looks[ARRAY_SIZE(looks) - 1];
}

/* Logarithms of the processes of a cell in one block, by class and side. */
struct block {
	double sum[CLASS_COUNT][AB_SIDES];
	unsigned n[CLASS_COUNT][AB_SIDES];
};

/* All blocks of a cell. */
struct blocks {
	struct block *v;
	unsigned n;
	double *d; /* room for n */
};

/* False: no class saw both sides. */
static bool difference(const struct block *b, enum ab_side side, enum ab_side base, double *out)
{
	double sum = 0;
	unsigned n = 0;

	for (unsigned p = 0; p < CLASS_COUNT; p++) {
		if (!b->n[p][side] || !b->n[p][base])
			continue;
		sum += b->sum[p][side] / b->n[p][side] - b->sum[p][base] / b->n[p][base];
		n++;
	}
	*out = n ? sum / n : 0;
	return n;
}

/* Of the first @upto blocks: by what factor @side is above @base. */
static struct interval ratio_of(struct blocks *b, unsigned upto, enum ab_side side,
				enum ab_side base, double level)
{
	size_t n = 0;

	for (unsigned i = 0; i < upto; i++)
		n += difference(&b->v[i], side, base, &b->d[n]);
	return interval_exp(stats_trimmed_mean(b->d, n, level));
}

static enum change judge(const struct interval *r, double margin)
{
	if (!r->known)
		return CHANGE_INCONCLUSIVE;
	if (rule_within(r, margin))
		return CHANGE_NONE;
	if (r->lo > 1 && r->mid > 1 + margin)
		return CHANGE_REGRESSION;
	if (r->hi < 1 && r->mid < 1 / (1 + margin))
		return CHANGE_IMPROVEMENT;
	return CHANGE_INCONCLUSIVE;
}

static void look(struct compare_row *row, struct blocks *b, unsigned upto, double level,
		 double margin)
{
	const struct interval control = ratio_of(b, upto, AB_COPY, AB_OLD, level);
	const enum change off = judge(&control, margin);

	const struct interval against_copy = ratio_of(b, upto, AB_NEW, AB_COPY, level);

	row->ratio = ratio_of(b, upto, AB_NEW, AB_OLD, level);
	row->error = fabs(control.mid - 1);
	*row->why = '\0';
	if (off == CHANGE_REGRESSION || off == CHANGE_IMPROVEMENT)
		snprintf(row->why, sizeof(row->why),
			 "the control is off: the old program's copy is %.3f", control.mid);
	else if (!control.known || !row->ratio.known)
		snprintf(row->why, sizeof(row->why), "%zu blocks had both programs in one class",
			 row->ratio.n < control.n ? row->ratio.n : control.n);
	else if (judge(&row->ratio, margin) == judge(&against_copy, margin))
		row->change = judge(&row->ratio, margin);
	if (row->change == CHANGE_INCONCLUSIVE && !*row->why)
		snprintf(row->why, sizeof(row->why), "the interval reaches across the margin");
}

/* The row's figures up to the block that it was decided at. */
static void put_sides(struct compare_row *row, const struct blocks *b, unsigned upto)
{
	double sum[AB_SIDES] = {0};
	unsigned n[AB_SIDES] = {0};
	bool seen[CLASS_COUNT] = {false};
	unsigned classes = 0;

	for (unsigned i = 0; i < upto; i++) {
		for (unsigned p = 0; p < CLASS_COUNT; p++) {
			for (unsigned k = 0; k < AB_SIDES; k++) {
				sum[k] += b->v[i].sum[p][k];
				n[k] += b->v[i].n[p][k];
				seen[p] |= b->v[i].n[p][k] > 0;
			}
		}
	}
	for (unsigned p = 0; p < CLASS_COUNT; p++) {
		classes += seen[p];
		row->place = seen[p] ? (enum place_class)p : row->place;
	}
	if (classes > 1)
		row->place = CLASS_COUNT;
	row->launches[0] = n[AB_OLD];
	row->launches[1] = n[AB_NEW];
	row->before = n[AB_OLD] ? exp(sum[AB_OLD] / n[AB_OLD]) : (double)NAN;
	row->after = n[AB_NEW] ? exp(sum[AB_NEW] / n[AB_NEW]) : (double)NAN;
}

static void fill(struct compare_row *row, const struct session *s, struct blocks *b, double level,
		 double margin)
{
	unsigned upto = 0;

	memset(b->v, 0, b->n * sizeof(*b->v));
	for (unsigned i = 0; i < s->nprocesses; i++) {
		const struct ab_process *p = &s->processes[i];

		if (p->cell != row->cell->id)
			continue;
		b->v[p->block].sum[p->place][p->side] += log(p->ns);
		b->v[p->block].n[p->place][p->side]++;
	}
	for (unsigned i = 0; i <= ARRAY_SIZE(looks) && row->change == CHANGE_INCONCLUSIVE; i++) {
		if (upto == b->n)
			break;
		upto = i < ARRAY_SIZE(looks) && looks[i] < b->n ? looks[i] : b->n;
		look(row, b, upto, level, margin);
	}
	put_sides(row, b, upto);
}

int ab_make(struct compared *out, const struct session *s, double margin, struct vrb_err *err)
{
	struct blocks b = {0};
	struct compare_row *rows;
	struct comparison *c;
	double level;

	if (!s->ncells)
		return vrb_fail(err, ENODATA, "%.200s: it has no cell", s->path ? s->path : "ab");
	for (unsigned i = 0; i < s->nprocesses; i++) {
		const uint32_t block = s->processes[i].block;

		if (block >= ab_most_blocks())
			return vrb_fail(err, ENODATA, "%.200s: block %u; at most %u are legal",
					s->path ? s->path : "ab", block, ab_most_blocks());
		b.n = block >= b.n ? block + 1 : b.n;
	}
	*out = (struct compared){
		.n = 1, .times = s->ncells, .margin = margin, .ab = s, .blocks = b.n};
	b.v = owned_get(&out->memory, b.n + 1, sizeof(*b.v));
	b.d = owned_get(&out->memory, b.n + 1, sizeof(*b.d));
	out->v = c = owned_get(&out->memory, 1, sizeof(*c));
	rows = owned_get(&out->memory, s->ncells, sizeof(*rows));
	if (out->memory.failed) {
		compare_free(out);
		return vrb_fail(err, ENOMEM, "out of memory");
	}
	*c = (struct comparison){.before = s, .after = s, .rows = rows};
	level = 1 - AB_ALPHA / (s->ncells * ab_looks());
	for (unsigned i = 0; i < s->ncells; i++) {
		struct compare_row *row = &c->rows[c->nrows++];

		*row = (struct compare_row){.in = c,
					    .cell = &s->cells[i],
					    .place = CLASS_COUNT,
					    .figure = COMPARE_NS,
					    .ratio = INTERVAL_NONE,
					    .error = NAN,
					    .change = CHANGE_INCONCLUSIVE,
					    .why = "no process"};
		fill(row, s, &b, level, margin);
	}
	compare_count(out);
	return 0;
}

int ab_again(struct compared *out, const struct session *s, struct vrb_err *err)
{
	const json_t *margin = json_object_get(json_object_get(s->head, "ab"), "margin");

	return ab_make(out, s, json_is_number(margin) ? json_number_value(margin) : DEFAULT_MARGIN,
		       err);
}

unsigned ab_undecided(const struct compared *c)
{
	return c->v[0].tally[0][CHANGE_INCONCLUSIVE];
}
