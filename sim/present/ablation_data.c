/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ablation_data.c - what each optimization gives, as data: tab-separated and JSON.
 */
#include "analysis/ablation.h"

#include "present/view.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

/* One line. */
struct figure {
	const char *metric, *kind, *verdict;
	char effect[160];
	struct interval value;
	double share;
};

/* Figures of a block at most. */
#define FIGURES_MAX (3 * FACTORS + 3 * ABLATION_PAIRS + ABLATION_SHARES * FACTORS + 2)

/* @value, @share: NULL, NAN: not known. */
__attribute__((format(printf, 7, 8))) static void add(struct view *w, const struct ablation *a,
						      const char *kind, const char *verdict,
						      const struct interval *value, double share,
						      const char *effect, ...)
{
	struct figure *f = (struct figure *)w->data + w->nrows;
	va_list ap;

	*f = (struct figure){.metric = ablation_metric_name(a->block.metric),
			     .kind = kind,
			     .verdict = verdict,
			     .value = value ? *value : INTERVAL_NONE,
			     .share = share};
	va_start(ap, effect);
	vsnprintf(f->effect, sizeof(f->effect), effect, ap);
	va_end(ap);
	view_add_row(w, a->block.cell, a->block.place, 0, f);
}

static void add_effects(struct view *w, const struct ablation *a, const char *kind,
			const struct ablation_effect *effects, bool shares)
{
	for (unsigned f = 0; f < FACTORS; f++) {
		if (effects[f].defined)
			add(w, a, kind, "", &effects[f].gain,
			    shares ? ablation_explained(a, 1u << f) : (double)NAN, "%s",
			    ablation_factor_name((enum ablation_factor)f));
	}
}

/* The difference with its verdict; then what both give, and the same as a ratio. */
static void add_pairs(struct view *w, const struct ablation *a)
{
	for_each (p, a->pair, a->npairs) {
		const char *first = ablation_factor_name((enum ablation_factor)p->a);
		const char *second = ablation_factor_name((enum ablation_factor)p->b);

		add(w, a, "pair", together_name(p->verdict),
		    p->excess.defined ? &p->excess.gain : NULL,
		    ablation_explained(a, 1u << p->a | 1u << p->b), "%s:%s", first, second);
		if (!p->excess.defined)
			continue;
		add(w, a, "together", "", &p->together.gain, (double)NAN, "%s:%s", first, second);
		add(w, a, "ratio", "", &p->ratio, (double)NAN, "%s:%s", first, second);
	}
}

static void add_shares(struct view *w, const struct ablation *a)
{
	for_each (share, a->share, a->nshares) {
		char full[96];

		ablation_set_name(share->full, full, sizeof(full));
		for (unsigned f = 0; f < FACTORS; f++) {
			if (share->of[f].defined)
				add(w, a, "shapley", "", &share->of[f].gain,
				    ablation_part(a, share, (enum ablation_factor)f), "%s/%s",
				    ablation_factor_name((enum ablation_factor)f), full);
		}
	}
}

static void add_figures(struct view *w, const struct ablation *a)
{
	const struct variation *v = &a->variation;

	add_effects(w, a, "alone", a->alone, false);
	add_effects(w, a, "last", a->last, false);
	add_effects(w, a, "average", a->average, true);
	add_pairs(w, a);
	add_shares(w, a);
	if (!ablation_has_variation(a))
		return;
	add(w, a, "variation", "", NULL, v->rounds / v->total, "between rounds");
	add(w, a, "variation", "", NULL, v->residual / v->total, "residual");
}

enum { METRIC, EFFECT, KIND, VERDICT };

static void words(struct value *v, const struct field *x)
{
	const struct figure *f = x->row->of;
	const char *const of[] = {f->metric, f->effect, f->kind, f->verdict};

	value_text(v, "%s", of[x->arg]);
}

#define MEMBER(k, name) COLUMN_MEMBER(k, NULL, NULL, struct figure, name, 0, VALUE_FIGURE, 0)

void ablation_data(FILE *out, const struct session *s, const struct ablation *a, unsigned n,
		   bool json)
{
	static const struct column head[] = {
		COMPUTED("metric", NULL, NULL, words, METRIC, 0),
		COMPUTED("effect", NULL, NULL, words, EFFECT, 0),
		COMPUTED("kind", NULL, NULL, words, KIND, 0),
		MEMBER("value", value.mid),
		MEMBER("lo", value.lo),
		MEMBER("hi", value.hi),
		MEMBER("share", share),
		COMPUTED("verdict", NULL, NULL, words, VERDICT, 0),
	};
	static const struct column class = COMPUTED("class", NULL, NULL, view_class, 0, 0);
	struct view w;

	view_open(&w, s, NULL);
	view_own(&w, (size_t)n * FIGURES_MAX * sizeof(struct figure), NULL);
	columns_add(&w.columns, head, ARRAY_SIZE(head));
	columns_add(&w.columns, &view_cell_columns[1], ARRAY_SIZE(view_cell_columns) - 1);
	columns_add(&w.columns, &class, 1);
	view_add_group(&w, NULL);
	for (unsigned i = 0; !w.failed && i < n; i++)
		add_figures(&w, &a[i]);
	if (json) {
		json_t *all = view_json_begin(&w, NULL);

		json_object_set_new(all, "effects", view_json(&w, 0, w.nrows));
		view_json_end(out, all, 6);
	} else {
		view_tsv(out, &w);
	}
	view_free(&w);
}
