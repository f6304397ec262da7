/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ablation.c - from the samples of a session to what each optimization gives.
 */
#include "analysis/ablation.h"

#include "analysis/events.h"
#include "analysis/groups.h"
#include "analysis/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL 0.95

static const char *const factor_names[FACTORS] = {
	[FACTOR_SHADOW] = "shadow-avail",
	[FACTOR_FIXED] = "fixed-layout",
	[FACTOR_IN_ORDER] = "in-order",
	[FACTOR_VECTORIZED] = "vectorized",
	[FACTOR_PACKED] = "packed",
	[FACTOR_PACKED_IN_ORDER] = "packed+in-order",
	[FACTOR_PACKED_VECTORIZED] = "packed+vectorized",
};

/* What a name means beside itself: vectors work on a fixed layout, or on a packed ring. */
static const uint32_t implied[FACTORS] = {
	[FACTOR_VECTORIZED] = 1u << FACTOR_FIXED,
	[FACTOR_PACKED_IN_ORDER] = 1u << FACTOR_PACKED,
	[FACTOR_PACKED_VECTORIZED] = 1u << FACTOR_PACKED,
};

const char *ablation_factor_name(enum ablation_factor f)
{
	return factor_names[f];
}

const char *ablation_factor_part(enum ablation_factor f)
{
	const char *last = strrchr(factor_names[f], '+');

	return last ? last + 1 : factor_names[f];
}

/* The factor that a part of a name stands for, in a packed ring or not; FACTORS: none. */
static unsigned factor_of(const char *part, size_t len, bool packed)
{
	unsigned f = packed ? FACTOR_PACKED : 0;
	const unsigned end = packed ? FACTORS : FACTOR_PACKED;

	for (; f < end; f++) {
		const char *name = ablation_factor_part((enum ablation_factor)f);

		if (strlen(name) == len && !strncmp(part, name, len))
			return f;
	}
	return FACTORS;
}

bool ablation_set_of(const char *variant, uint32_t *set)
{
	const char *ring = factor_names[FACTOR_PACKED];
	const bool packed = !strncmp(variant, ring, strlen(ring));

	*set = 0;
	if (!strcmp(variant, "baseline"))
		return true;
	for (const char *at = variant;; at++) {
		size_t len = strcspn(at, "+");
		unsigned f = factor_of(at, len, packed);

		if (f == FACTORS)
			return false;
		*set |= 1u << f | implied[f];
		at += len;
		if (!*at)
			return true;
	}
}

void ablation_set_name(uint32_t set, char *buf, size_t size)
{
	static const enum ablation_factor order[FACTORS] = {
		FACTOR_SHADOW,	       FACTOR_FIXED,  FACTOR_VECTORIZED,
		FACTOR_IN_ORDER,       FACTOR_PACKED, FACTOR_PACKED_VECTORIZED,
		FACTOR_PACKED_IN_ORDER};

	snprintf(buf, size, "%s", set ? "" : "baseline");
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		if (set >> order[i] & 1)
			text_add(buf, size, "%s%s", *buf ? "+" : "",
				 ablation_factor_part(order[i]));
	}
}

NAMES_OF(together_name,
	 together, [TOGETHER_UNRESOLVED] = "unresolved", [TOGETHER_INDEPENDENT] = "independent",
	 [TOGETHER_MORE] = "more than the sum", [TOGETHER_OVERLAP] = "overlap",
	 [TOGETHER_ONLY] = "only together", [TOGETHER_NEVER] = "-", [TOGETHER_NESTED] = "nested")

NAMES_OF(ablation_metric_name, ablation_metric, [METRIC_NS] = "ns",
	 [METRIC_TRANSFERS] = "transfers", [METRIC_INSTRUCTIONS] = "instructions")

/* ---- complete blocks ---- */

/* Did both sides count their instructions, so that samples have them? */
static bool counts_instructions(const struct session *s)
{
	for_each (list, s->counted, EVENTS_SIDES) {
		if (list->n <= COUNTER_INSTRUCTIONS ||
		    !events_believed(&list->events[COUNTER_INSTRUCTIONS]))
			return false;
	}
	return true;
}

/* What is counted once a cell; NAN: the session does not have it. */
static double value_of_cell(const struct session *s, enum ablation_metric metric,
			    const struct cell *c)
{
	const struct cell_counts *lines = lines_of(s, c);
	const struct cell_instructions *n = instructions_of(s, c);

	if (metric == METRIC_TRANSFERS)
		return lines ? lines_in_all(lines, coh_transfers) : (double)NAN;
	return n ? n->drv + n->dev : (double)NAN;
}

/* Of a sample; NAN: it does not have it. */
static double value_of_sample(enum ablation_metric metric, const struct sample *m)
{
	const uint64_t drv = m->drv.counters.value[COUNTER_INSTRUCTIONS];
	const uint64_t dev = m->dev.counters.value[COUNTER_INSTRUCTIONS];

	if (metric == METRIC_NS)
		return sample_ns(m);
	if (m->flags & SAMPLE_PART_COUNTED || !drv || drv == EVENT_NOT_COUNTED || !dev ||
	    dev == EVENT_NOT_COUNTED)
		return (double)NAN;
	return (double)(drv + dev) / (double)m->buffers;
}

/* The cells of a group, as a design. Returns false if there is nothing to compare. */
static bool design_of(const struct session *s, struct ablation_block *b, uint32_t *ids)
{
	struct design *d = &b->design;
	uint32_t set;

	d->nfactors = FACTORS;
	for_each (c, s->cells, s->ncells) {
		if (c->group != b->group || c->role == ROLE_NULL ||
		    !ablation_set_of(c->variant, &set) || design_find(d, set) >= 0)
			continue;
		if (b->exact && !isfinite(value_of_cell(s, b->metric, c)))
			continue;
		if (!set)
			b->cell = c;
		ids[d->ncells] = c->id;
		d->sets[d->ncells++] = set;
	}
	return b->cell && d->ncells > 1;
}

/* Samples of one launch and round come one after the other in a session. */
static bool same_round(const struct sample *a, const struct sample *b)
{
	return a->launch == b->launch && a->round == b->round;
}

/* Rounds in which every cell of the design has a sample of the class that is used. */
static void collect(const struct session *s, const uint32_t *ids, struct ablation_block *b)
{
	const unsigned ncells = b->design.ncells;

	for (unsigned first = 0, i; first < s->nsamples; first = i) {
		double *row = b->y + b->rounds * ncells;
		unsigned have = 0;

		for (i = first; i < s->nsamples && same_round(&s->samples[i], &s->samples[first]);
		     i++) {
			const struct sample *m = &s->samples[i];
			const double v = value_of_sample(b->metric, m);
			unsigned at = 0;

			while (at < ncells && ids[at] != m->cell)
				at++;
			if (at == ncells || m->place != b->place || !sample_used(m) || !isfinite(v))
				continue;
			row[at] = v;
			have++;
		}
		b->launch[b->rounds] = s->samples[first].launch;
		b->rounds += have == ncells;
	}
}

/* ---- effects ---- */

static struct interval value_of(const struct ablation_block *b, const struct contrast *c)
{
	return b->exact ? interval_exactly(effects_apply(&b->design, c, b->y))
			: effects_interval(&b->design, c, b->y, b->launch, b->rounds, LEVEL);
}

static struct ablation_effect effect_of(const struct ablation_block *b, const struct contrast *c)
{
	return (struct ablation_effect){true, value_of(b, c)};
}

typedef bool effect_fn(const struct design *d, unsigned factor, struct contrast *out);

static void fill_effects(const struct ablation_block *b, effect_fn *effect,
			 struct ablation_effect *out)
{
	struct contrast c;

	for (unsigned f = 0; f < FACTORS; f++) {
		if (effect(&b->design, f, &c))
			out[f] = effect_of(b, &c);
	}
}

static enum together judge(const struct ablation *a, const struct ablation_pair *p)
{
	const struct interval *x = &p->excess.gain;
	const double negligible = ABLATION_NEGLIGIBLE * a->baseline;
	/* what is exact is above 0 by the last digit of a sum, too */
	const double nothing = a->block.exact ? negligible : 0;

	if (!x->known)
		return TOGETHER_UNRESOLVED;
	if (x->hi <= negligible && x->lo >= -negligible)
		return TOGETHER_INDEPENDENT;
	if (x->lo > 0)
		return p->first.gain.lo > nothing || p->second.gain.lo > nothing ? TOGETHER_MORE
										 : TOGETHER_ONLY;
	return x->hi < 0 ? TOGETHER_OVERLAP : TOGETHER_UNRESOLVED;
}

/*
 * In a ratio an effect is a factor; two that are independent there multiply. ln y(both) + ln
 * y(none) - ln y(a) - ln y(b) is the excess of the logarithms, with the other sign.
 */
static struct interval ratio_of(const struct ablation_block *b, const struct contrast *excess)
{
	const size_t n = b->rounds * b->design.ncells;
	double *logs = malloc(n * sizeof(*logs));
	struct ablation_block as = *b;
	struct interval x;

	if (!logs)
		return INTERVAL_NONE;
	for (size_t i = 0; i < n; i++)
		logs[i] = log(b->y[i]);
	as.y = logs;
	x = value_of(&as, excess);
	free(logs);
	return interval_exp((struct interval){-x.mid, -x.hi, -x.lo, x.n, x.known});
}

static void fill_pair(struct ablation *a, unsigned f, unsigned g)
{
	const struct design *d = &a->block.design;
	struct ablation_pair *p = &a->pair[a->npairs++];
	struct pair_effects e;

	*p = (struct ablation_pair){.a = f, .b = g};
	if (!effects_pair(d, f, g, &e)) {
		bool nested = (effects_needs(d, f) >> g & 1) || (effects_needs(d, g) >> f & 1);

		p->verdict = nested ? TOGETHER_NESTED : TOGETHER_NEVER;
		return;
	}
	p->first = effect_of(&a->block, &e.first);
	p->second = effect_of(&a->block, &e.second);
	p->together = effect_of(&a->block, &e.together);
	p->excess = effect_of(&a->block, &e.excess);
	p->verdict = judge(a, p);
	p->ratio = ratio_of(&a->block, &e.excess);
}

static bool contained(const struct design *d, uint32_t set)
{
	for (unsigned i = 0; i < d->ncells; i++) {
		if (d->sets[i] != set && (d->sets[i] & set) == set)
			return true;
	}
	return false;
}

bool ablation_resolved(const struct ablation *a, const struct interval *gain)
{
	return a->block.exact || (gain->known && (gain->lo > 0 || gain->hi < 0));
}

double ablation_part(const struct ablation *a, const struct ablation_share *share,
		     enum ablation_factor f)
{
	if (!share->of[f].defined || share->total.mid <= 0 || !ablation_resolved(a, &share->total))
		return (double)NAN;
	return share->of[f].gain.mid / share->total.mid;
}

/*
 * The medians of sums are not the sums of medians. So that shares add up, they are of one cost a
 * cell; their intervals are those of the rounds, and hold the share besides.
 */
static struct interval share_of(const struct ablation *a, const struct contrast *c,
				const double *cost)
{
	struct interval r = value_of(&a->block, c);

	r.mid = effects_apply(&a->block.design, c, cost);
	if (r.known) {
		r.lo = fmin(r.lo, r.mid);
		r.hi = fmax(r.hi, r.mid);
	}
	return r;
}

static void fill_shares(struct ablation *a)
{
	const struct design *d = &a->block.design;
	double cost[EFFECTS_CELLS];
	struct contrast c;

	effects_costs(d, a->block.y, a->block.rounds, cost);

	for (unsigned i = 0; i < d->ncells && a->nshares < ABLATION_SHARES; i++) {
		struct ablation_share *share = &a->share[a->nshares];
		uint32_t full = d->sets[i];

		if (!full || (full & (full - 1)) == 0 || contained(d, full))
			continue;
		*share = (struct ablation_share){.full = full};
		for (unsigned f = 0; f < FACTORS; f++) {
			share->of[f].defined = effects_shapley(d, full, f, &c);
			if (share->of[f].defined)
				share->of[f].gain = share_of(a, &c, cost);
		}
		memset(&c, 0, sizeof(c));
		c.weight[design_find(d, 0)] = 1;
		c.weight[i] = -1;
		share->total = share_of(a, &c, cost);
		a->nshares++;
	}
}

static void fill(struct ablation *a)
{
	const struct ablation_block *b = &a->block;
	struct contrast c = {{0}};

	c.weight[design_find(&b->design, 0)] = 1;
	a->baseline = value_of(b, &c).mid;
	fill_effects(b, effects_alone, a->alone);
	fill_effects(b, effects_last, a->last);
	fill_effects(b, effects_average, a->average);
	effects_variation(&b->design, b->y, b->rounds, &a->variation);
	for (unsigned f = 0; f < FACTORS; f++) {
		/* of one kind of ring: that none is of both goes without saying */
		const unsigned end = f < FACTOR_PACKED ? FACTOR_PACKED : FACTORS;

		for (unsigned g = f + 1; g < end; g++) {
			const uint32_t both = 1u << f | 1u << g;
			uint32_t any = 0;

			for (unsigned i = 0; i < b->design.ncells; i++)
				any |= b->design.sets[i];
			if ((any & both) == both)
				fill_pair(a, f, g);
		}
	}
	fill_shares(a);
}

static void free_values(struct ablation_block *b)
{
	free(b->y);
	free(b->launch);
}

/* One group in one metric and class. Returns 1: it is there; 0: nothing to say; -ENOMEM. */
static int make_one(const struct session *s, const struct ablation_block *what, struct ablation *a)
{
	uint32_t ids[EFFECTS_CELLS];
	struct ablation_block *b = &a->block;

	memset(a, 0, sizeof(*a));
	*b = *what;
	if (!design_of(s, b, ids))
		return 0;
	b->y = calloc(((size_t)s->nsamples + 1) * b->design.ncells, sizeof(*b->y));
	b->launch = calloc((size_t)s->nsamples + 1, sizeof(*b->launch));
	if (!b->y || !b->launch) {
		free_values(b);
		return -ENOMEM;
	}
	/* what is exact has one value a cell */
	for (unsigned i = 0; b->exact && i < b->design.ncells; i++)
		b->y[i] = value_of_cell(s, b->metric, &s->cells[ids[i]]);
	b->rounds = b->exact;
	if (!b->exact)
		collect(s, ids, b);
	if (!b->rounds) {
		free_values(b);
		return 0;
	}
	fill(a);
	return 1;
}

/* All that is said of a group: ns by class, transfers, instructions. The same returns. */
#define BLOCKS_A_GROUP (2 * CLASS_COUNT + 1)
static int make_group(const struct session *s, uint32_t group, struct ablation *all, unsigned *n)
{
	const bool spread[METRICS] = {
		[METRIC_NS] = true, [METRIC_INSTRUCTIONS] = counts_instructions(s)};

	for (unsigned m = session_is_model(s) ? METRIC_TRANSFERS : METRIC_NS; m < METRICS; m++) {
		for (int c = CLASS_NONE; c < (spread[m] ? CLASS_COUNT : CLASS_NONE + 1); c++) {
			const struct ablation_block what = {.metric = (enum ablation_metric)m,
							    .group = group,
							    .place = (enum place_class)c,
							    .exact = !spread[m]};
			int rc = make_one(s, &what, &all[*n]);

			if (rc < 0)
				return rc;
			*n += (unsigned)rc;
		}
	}
	return 0;
}

/* Of the model lines are what there is to say; without a whole round of times nothing is decided. */
static bool decides(const struct session *s, const struct ablation *all, unsigned n)
{
	bool any = false;

	for (unsigned i = 0; i < n; i++)
		any |= session_is_model(s) || all[i].block.metric == METRIC_NS;
	return any;
}

int ablation_make(const struct session *s, struct ablation **out, unsigned *n, struct vrb_err *err)
{
	struct ablation *all;
	unsigned groups = 0;
	int rc = 0;

	*out = NULL;
	*n = 0;
	for (unsigned i = 0; i < s->ncells; i++)
		groups += first_of_group(s, i);
	all = calloc((size_t)groups * BLOCKS_A_GROUP + 1, sizeof(*all));
	if (!all)
		return vrb_fail(err, ENOMEM, "out of memory");
	for (unsigned i = 0; !rc && i < s->ncells; i++) {
		if (first_of_group(s, i))
			rc = make_group(s, s->cells[i].group, all, n);
	}
	if (rc)
		rc = vrb_fail(err, ENOMEM, "out of memory");
	else if (!decides(s, all, *n))
		rc = vrb_fail(err, ENODATA,
			      "%.300s: no round in which baseline and all its optimizations ran in "
			      "one placement class: nothing to decompose",
			      s->path);
	if (rc) {
		ablation_free(all, *n);
		*n = 0;
		return rc;
	}
	*out = all;
	return 0;
}

void ablation_free(struct ablation *a, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		free_values(&a[i].block);
	free(a);
}

/* ---- what is asked of a block ---- */

const struct ablation_share *ablation_best(const struct ablation *a)
{
	const struct ablation_share *best = NULL;

	for (unsigned i = 0; i < a->nshares; i++) {
		if (!best || a->share[i].total.mid > best->total.mid)
			best = &a->share[i];
	}
	return best;
}

int ablation_digits(const struct ablation *a)
{
	return a->block.metric == METRIC_TRANSFERS ? 3 : 2;
}

uint32_t ablation_pair_needs(const struct ablation *a, const struct ablation_pair *p)
{
	return effects_needs(&a->block.design, p->a) | effects_needs(&a->block.design, p->b);
}

bool ablation_has_variation(const struct ablation *a)
{
	return !a->block.exact && a->block.rounds > 1 && a->variation.total > 0;
}

double ablation_explained(const struct ablation *a, uint32_t set)
{
	for (unsigned i = 0; ablation_has_variation(a) && i < a->variation.ncolumns; i++) {
		if (a->variation.column[i] == set)
			return a->variation.of[i] / a->variation.total;
	}
	return (double)NAN;
}
