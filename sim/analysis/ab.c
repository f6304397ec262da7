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

/* What the processes of a cell gave in one block, in one class: of each side. */
struct seen {
	double sum[AB_SIDES]; /* of the logarithms of their medians, each times its samples */
	double samples[AB_SIDES];
	unsigned slots[AB_SIDES]; /* a bit for each process */
};

struct block {
	struct seen in[CLASS_COUNT];
};

/* All blocks of a cell. */
struct blocks {
	struct block *v;
	unsigned n;
	double *d; /* room for n */
};

/* Bits: enum place_class. */
#define ALL_CLASSES ((1u << CLASS_COUNT) - 1)

/* What two sides have in the same classes of some blocks: means of logarithms, weighted alike. */
struct pair_means {
	double side, base, weight;
};

/*
 * Adds a block's. A class weighs by its samples, the same for both sides: mn / (m + n), as for a difference of
 * means of m and n of like spread.
 */
static void add_means(struct pair_means *to, const struct block *b, enum ab_side side,
		      enum ab_side base, unsigned classes)
{
	for (unsigned p = 0; p < CLASS_COUNT; p++) {
		const struct seen *in = &b->in[p];
		const double m = in->samples[side], n = in->samples[base];

		if (!(classes >> p & 1) || m <= 0 || n <= 0)
			continue;
		to->side += m * n / (m + n) * in->sum[side] / m;
		to->base += m * n / (m + n) * in->sum[base] / n;
		to->weight += m * n / (m + n);
	}
}

/* Of the first @upto blocks, in @classes: by what factor @side is above @base. */
static struct interval ratio_of(struct blocks *b, unsigned upto, enum ab_side side,
				enum ab_side base, unsigned classes, double level)
{
	size_t n = 0;

	for (unsigned i = 0; i < upto; i++) {
		struct pair_means means = {0};

		add_means(&means, &b->v[i], side, base, classes);
		if (means.weight > 0)
			b->d[n++] = (means.side - means.base) / means.weight;
	}
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

/* The interval of two spans many orders of magnitude. */
#define PART_BLOCKS 3

/*
 * A mean over classes may hide what happens in one: a gain in another makes up for its loss. A regression of the
 * whole is one whatever a class gained.
 */
static bool class_differs(struct blocks *b, unsigned upto, double level, double margin,
			  enum change whole)
{
	for (unsigned p = 0; p < CLASS_COUNT && whole != CHANGE_REGRESSION; p++) {
		const struct interval r = ratio_of(b, upto, AB_NEW, AB_OLD, 1u << p, level);
		const enum change in = r.n < PART_BLOCKS ? whole : judge(&r, margin);

		if (in != whole && (in == CHANGE_REGRESSION || in == CHANGE_IMPROVEMENT))
			return true;
	}
	return false;
}

static void look(struct compare_row *row, struct blocks *b, unsigned upto, double level,
		 double margin)
{
	const struct interval control = ratio_of(b, upto, AB_COPY, AB_OLD, ALL_CLASSES, level);
	const enum change off = judge(&control, margin);

	const struct interval against_copy = ratio_of(b, upto, AB_NEW, AB_COPY, ALL_CLASSES, level);

	row->ratio = ratio_of(b, upto, AB_NEW, AB_OLD, ALL_CLASSES, level);
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
	if (row->change != CHANGE_INCONCLUSIVE &&
	    class_differs(b, upto, level, margin, row->change)) {
		row->change = CHANGE_INCONCLUSIVE;
		snprintf(row->why, sizeof(row->why), "a class differs from the whole");
	}
	if (row->change == CHANGE_INCONCLUSIVE && !*row->why)
		snprintf(row->why, sizeof(row->why), "the interval reaches across the margin");
}

/* The row's other figures, of the same blocks. Returns the classes that it saw. */
static unsigned put_sides(struct compare_row *row, const struct blocks *b, unsigned upto,
			  unsigned classes)
{
	struct pair_means means = {0};
	unsigned seen = 0;

	row->launches[0] = row->launches[1] = 0;
	for (unsigned i = 0; i < upto; i++) {
		unsigned slots[AB_SIDES] = {0};

		add_means(&means, &b->v[i], AB_NEW, AB_OLD, classes);
		for (unsigned p = 0; p < CLASS_COUNT; p++) {
			for (unsigned k = 0; k < AB_SIDES && classes >> p & 1; k++) {
				slots[k] |= b->v[i].in[p].slots[k];
				seen |= b->v[i].in[p].slots[k] ? 1u << p : 0;
			}
		}
		row->launches[0] += (unsigned)__builtin_popcount(slots[AB_OLD]);
		row->launches[1] += (unsigned)__builtin_popcount(slots[AB_NEW]);
	}
	row->before = exp(means.base / means.weight);
	row->after = exp(means.side / means.weight);
	/* the class, if it is one */
	row->place = seen & (seen - 1) ? CLASS_COUNT
				       : (enum place_class)__builtin_ctz(seen | 1u << CLASS_COUNT);
	return seen;
}

/* Of several classes: the row of each, at the same blocks. */
static void put_parts(struct comparison *c, const struct compare_row *row, struct blocks *b,
		      unsigned upto, unsigned classes, double level)
{
	for (unsigned p = 0; p < CLASS_COUNT; p++) {
		struct compare_row *part = &c->parts[c->nparts];

		if (!(classes >> p & 1))
			continue;
		*part = *row;
		*part->why = '\0';
		part->change = CHANGES;
		part->ratio = ratio_of(b, upto, AB_NEW, AB_OLD, 1u << p, level);
		part->error = fabs(ratio_of(b, upto, AB_COPY, AB_OLD, 1u << p, level).mid - 1);
		part->ratio.known &= part->ratio.n >= PART_BLOCKS;
		if (!part->ratio.known)
			snprintf(part->why, sizeof(part->why), "%zu blocks had both programs in it",
				 part->ratio.n);
		(void)put_sides(part, b, upto, 1u << p);
		c->nparts++;
	}
}

static void fill(struct comparison *c, struct compare_row *row, struct blocks *b, double level,
		 double margin)
{
	const struct session *s = c->after;
	unsigned upto = 0, classes;

	memset(b->v, 0, b->n * sizeof(*b->v));
	for (unsigned i = 0; i < s->nprocesses; i++) {
		const struct ab_process *p = &s->processes[i];
		struct seen *in = &b->v[p->block].in[p->place];

		if (p->cell != row->cell->id)
			continue;
		in->sum[p->side] += p->samples * log(p->ns);
		in->samples[p->side] += p->samples;
		in->slots[p->side] |= 1u << p->slot;
	}
	for (unsigned i = 0; i <= ARRAY_SIZE(looks) && row->change == CHANGE_INCONCLUSIVE; i++) {
		if (upto == b->n)
			break;
		upto = i < ARRAY_SIZE(looks) && looks[i] < b->n ? looks[i] : b->n;
		look(row, b, upto, level, margin);
	}
	classes = put_sides(row, b, upto, ALL_CLASSES);
	if (row->place == CLASS_COUNT)
		put_parts(c, row, b, upto, classes, level);
}

int ab_make(struct compared *out, const struct session *s, double margin, struct vrb_err *err)
{
	struct blocks b = {0};
	struct compare_row *rows, *parts;
	struct comparison *c;
	double level;

	if (!s->ncells)
		return vrb_fail(err, ENODATA, "%.200s: it has no cell", s->path ? s->path : "ab");
	for (unsigned i = 0; i < s->nprocesses; i++) {
		const uint32_t block = s->processes[i].block, slot = s->processes[i].slot;

		if (block >= ab_most_blocks() || slot >= AB_SLOTS)
			return vrb_fail(err, ENODATA,
					"%.200s: block %u, slot %u; at most %u, %u are legal",
					s->path ? s->path : "ab", block, slot, ab_most_blocks() - 1,
					AB_SLOTS - 1);
		b.n = block >= b.n ? block + 1 : b.n;
	}
	*out = (struct compared){
		.n = 1, .times = s->ncells, .margin = margin, .ab = s, .blocks = b.n};
	b.v = owned_get(&out->memory, b.n + 1, sizeof(*b.v));
	b.d = owned_get(&out->memory, b.n + 1, sizeof(*b.d));
	out->v = c = owned_get(&out->memory, 1, sizeof(*c));
	rows = owned_get(&out->memory, s->ncells, sizeof(*rows));
	parts = owned_get(&out->memory, s->ncells, CLASS_COUNT * sizeof(*parts));
	if (out->memory.failed) {
		compare_free(out);
		return vrb_fail(err, ENOMEM, "out of memory");
	}
	*c = (struct comparison){.before = s, .after = s, .rows = rows, .parts = parts};
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
		fill(c, row, &b, level, margin);
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
