/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ablation.c - from the samples of a session to what each optimization gives.
 */
#include "report/ablation.h"

#include "report/internal.h"
#include "report/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL 0.95

static const char *const factor_names[FACTORS] = {
	[FACTOR_SHADOW] = "shadow-avail",
	[FACTOR_FIXED] = "fixed-layout",
	[FACTOR_IN_ORDER] = "in-order",
	[FACTOR_VECTORIZED] = "vectorized",
};

/* What a name means beside itself: vectors work on a fixed layout. */
#define IMPLIED(f) ((f) == FACTOR_VECTORIZED ? 1u << FACTOR_FIXED : 0u)

const char *ablation_factor_name(enum ablation_factor f)
{
	return factor_names[f];
}

bool ablation_set_of(const char *variant, uint32_t *set)
{
	*set = 0;
	if (!strcmp(variant, "baseline"))
		return true;
	for (const char *at = variant;; at++) {
		size_t len = strcspn(at, "+");
		unsigned f = 0;

		while (f < FACTORS &&
		       (strlen(factor_names[f]) != len || strncmp(at, factor_names[f], len)))
			f++;
		if (f == FACTORS)
			return false;
		*set |= 1u << f | IMPLIED(f);
		at += len;
		if (!*at)
			return true;
	}
}

void ablation_set_name(uint32_t set, char *buf, size_t size)
{
	static const unsigned order[] = {FACTOR_SHADOW, FACTOR_FIXED, FACTOR_VECTORIZED,
					 FACTOR_IN_ORDER};
	size_t used = 0;

	snprintf(buf, size, "%s", set ? "" : "baseline");
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		if (set >> order[i] & 1 && used < size)
			used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? "+" : "",
						 factor_names[order[i]]);
	}
}

const char *together_name(enum together t)
{
	static const char *const names[] = {
		[TOGETHER_UNRESOLVED] = "unresolved",  [TOGETHER_INDEPENDENT] = "independent",
		[TOGETHER_MORE] = "more than the sum", [TOGETHER_OVERLAP] = "overlap",
		[TOGETHER_ONLY] = "only together",     [TOGETHER_NEVER] = "-",
		[TOGETHER_NESTED] = "nested",
	};

	return names[t];
}

/* ---- complete blocks ---- */

/* The cells of a group, as a design. Returns false if there is nothing to compare. */
static bool design_of(const struct session *s, struct ablation_block *b, uint32_t *ids)
{
	struct design *d = &b->design;
	uint32_t set;

	d->nfactors = FACTORS;
	for (unsigned i = 0; i < s->ncells; i++) {
		const struct cell *c = &s->cells[i];

		if (c->group != b->group || c->role == ROLE_NULL ||
		    !ablation_set_of(c->variant, &set) || design_find(d, set) >= 0)
			continue;
		if (!set)
			b->cell = c;
		ids[d->ncells] = c->id;
		d->sets[d->ncells++] = set;
	}
	return b->cell && d->ncells > 1;
}

static int index_of(const uint32_t *ids, unsigned n, uint32_t id)
{
	for (unsigned i = 0; i < n; i++) {
		if (ids[i] == id)
			return (int)i;
	}
	return -1;
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
			int at = index_of(ids, ncells, m->cell);

			if (at < 0 || m->place != b->place || !sample_used(m))
				continue;
			row[at] = sample_ns(m);
			have++;
		}
		b->rounds += have == ncells;
	}
}

/* The model has one value a cell. */
static void collect_lines(const struct session *s, struct ablation_block *b)
{
	uint32_t set;

	for (unsigned i = 0; i < s->ncells; i++) {
		const struct cell *c = &s->cells[i];
		const struct cell_counts *counts = lines_of(s, c);
		int at;

		if (c->group != b->group || !counts || !ablation_set_of(c->variant, &set))
			continue;
		at = design_find(&b->design, set);
		if (at >= 0)
			b->y[at] = lines_in_all(counts, coh_transfers);
	}
	b->rounds = 1;
}

/* ---- effects ---- */

static struct interval value_of(const struct ablation_block *b, const struct contrast *c)
{
	struct interval r;

	if (!b->exact)
		return effects_interval(&b->design, c, b->y, b->rounds, LEVEL);
	r.mid = r.lo = r.hi = effects_apply(&b->design, c, b->y);
	r.n = 1;
	r.known = true;
	return r;
}

typedef bool effect_fn(const struct design *d, unsigned factor, struct contrast *out);

static void fill_effects(const struct ablation_block *b, effect_fn *effect,
			 struct ablation_effect *out)
{
	struct contrast c;

	for (unsigned f = 0; f < FACTORS; f++) {
		out[f].defined = effect(&b->design, f, &c);
		if (out[f].defined)
			out[f].gain = value_of(b, &c);
	}
}

/* Counts are exact, but are sums of halves of them. */
static bool is_zero(const struct ablation *a, double v)
{
	return a->block.exact && fabs(v) < 1e-9 * a->baseline;
}

static enum together judge(const struct ablation *a, const struct ablation_pair *p)
{
	const struct interval *x = &p->excess.gain;
	const double negligible = ABLATION_NEGLIGIBLE * a->baseline;

	if (!x->known)
		return TOGETHER_UNRESOLVED;
	if (is_zero(a, x->mid) || (!a->block.exact && x->hi <= negligible && x->lo >= -negligible))
		return TOGETHER_INDEPENDENT;
	if (x->lo > 0)
		return p->first.gain.lo > 0 || p->second.gain.lo > 0 ? TOGETHER_MORE
								     : TOGETHER_ONLY;
	return x->hi < 0 ? TOGETHER_OVERLAP : TOGETHER_UNRESOLVED;
}

/* In a ratio an effect is a factor; two that are independent there multiply. */
static double ratio_of(const struct ablation *a, const struct ablation_pair *p)
{
	const double none = a->baseline;

	return (none - p->together.gain.mid) * none /
	       ((none - p->first.gain.mid) * (none - p->second.gain.mid));
}

static void fill_pair(struct ablation *a, unsigned f, unsigned g)
{
	const struct design *d = &a->block.design;
	struct ablation_pair *p = &a->pair[a->npairs++];
	struct pair_effects e;

	*p = (struct ablation_pair){.a = f, .b = g, .ratio = (double)NAN};
	if (!effects_pair(d, f, g, &e)) {
		bool nested = (effects_needs(d, f) >> g & 1) || (effects_needs(d, g) >> f & 1);

		p->verdict = nested ? TOGETHER_NESTED : TOGETHER_NEVER;
		return;
	}
	p->first = (struct ablation_effect){true, value_of(&a->block, &e.first)};
	p->second = (struct ablation_effect){true, value_of(&a->block, &e.second)};
	p->together = (struct ablation_effect){true, value_of(&a->block, &e.together)};
	p->excess = (struct ablation_effect){true, value_of(&a->block, &e.excess)};
	p->verdict = judge(a, p);
	/* within a set that both need, what they start from is not baseline */
	if (!effects_needs(d, f) && !effects_needs(d, g))
		p->ratio = ratio_of(a, p);
}

static bool contained(const struct design *d, uint32_t set)
{
	for (unsigned i = 0; i < d->ncells; i++) {
		if (d->sets[i] != set && (d->sets[i] & set) == set)
			return true;
	}
	return false;
}

static void fill_shares(struct ablation *a)
{
	const struct design *d = &a->block.design;
	struct contrast c;

	for (unsigned i = 0; i < d->ncells && a->nshares < ABLATION_SHARES; i++) {
		struct ablation_share *share = &a->share[a->nshares];
		uint32_t full = d->sets[i];

		if (!full || (full & (full - 1)) == 0 || contained(d, full))
			continue;
		*share = (struct ablation_share){.full = full};
		for (unsigned f = 0; f < FACTORS; f++) {
			share->of[f].defined = effects_shapley(d, full, f, &c);
			if (share->of[f].defined)
				share->of[f].gain = value_of(&a->block, &c);
		}
		memset(&c, 0, sizeof(c));
		c.weight[design_find(d, 0)] = 1;
		c.weight[i] = -1;
		share->total = value_of(&a->block, &c);
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
		for (unsigned g = f + 1; g < FACTORS; g++) {
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

/* One group in one class. Returns 1: it is there; 0: nothing to say; -ENOMEM. */
static int make_one(const struct session *s, uint32_t group, enum place_class place,
		    struct ablation *a)
{
	const bool model = head_is_model(s);
	uint32_t ids[EFFECTS_CELLS];
	struct ablation_block *b = &a->block;

	memset(a, 0, sizeof(*a));
	b->group = group;
	b->place = place;
	b->exact = model;
	b->metric = model ? "transfers" : "ns";
	if (!design_of(s, b, ids))
		return 0;
	b->y = calloc(((size_t)s->nsamples + 1) * b->design.ncells, sizeof(*b->y));
	if (!b->y)
		return -ENOMEM;
	if (model)
		collect_lines(s, b);
	else
		collect(s, ids, b);
	if (!b->rounds) {
		free(b->y);
		return 0;
	}
	fill(a);
	return 1;
}

int ablation_make(const struct session *s, struct ablation **out, unsigned *n, struct vrb_err *err)
{
	struct ablation *all = calloc((size_t)s->ncells * CLASS_COUNT + 1, sizeof(*all));
	uint32_t done = UINT32_MAX;

	*out = NULL;
	*n = 0;
	if (!all)
		return vrb_fail(err, ENOMEM, "out of memory");
	for (unsigned i = 0; i < s->ncells; i++) {
		if (s->cells[i].group == done)
			continue;
		done = s->cells[i].group;
		for (int c = CLASS_NONE; c < CLASS_COUNT; c++) {
			int rc = make_one(s, done, (enum place_class)c, &all[*n]);

			if (rc < 0) {
				ablation_free(all, *n);
				*n = 0;
				return vrb_fail(err, ENOMEM, "out of memory");
			}
			*n += (unsigned)rc;
			if (head_is_model(s))
				break; /* it has no classes */
		}
	}
	if (!*n) {
		free(all);
		return vrb_fail(
			err, ENODATA,
			"%.300s: no round in which baseline and all its optimizations ran in "
			"one placement class: nothing to take apart",
			s->path);
	}
	*out = all;
	return 0;
}

void ablation_free(struct ablation *a, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		free(a[i].block.y);
	free(a);
}
