/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ablation_data.c - what each optimization gives, as data: tab-separated and JSON.
 */
#include "analysis/ablation.h"

#include "session/head.h"

/* One figure of either form. */
struct figure {
	const struct ablation *a;
	const char *effect, *kind, *verdict;
	struct interval value;
	double share;
};

typedef void figure_fn(void *arg, const struct figure *f);

static struct interval nothing(void)
{
	return (struct interval){.mid = (double)NAN, .lo = (double)NAN, .hi = (double)NAN};
}

static double column_share(const struct ablation *a, uint32_t column)
{
	if (a->block.exact || a->block.rounds < 2 || !(a->variation.total > 0))
		return (double)NAN;
	for (unsigned i = 0; i < a->variation.ncolumns; i++) {
		if (a->variation.column[i] == column)
			return a->variation.of[i] / a->variation.total;
	}
	return (double)NAN;
}

static void each_effect(const struct ablation *a, const char *kind,
			const struct ablation_effect *effects, bool shares, figure_fn *fn,
			void *arg)
{
	for (unsigned f = 0; f < FACTORS; f++) {
		struct figure figure = {
			.a = a,
			.effect = ablation_factor_name((enum ablation_factor)f),
			.kind = kind,
			.verdict = "",
			.value = effects[f].gain,
			.share = shares ? column_share(a, 1u << f) : (double)NAN,
		};

		if (effects[f].defined)
			fn(arg, &figure);
	}
}

/* The difference with its verdict; then what both give, and the same as a ratio. */
static void each_pair(const struct ablation *a, figure_fn *fn, void *arg)
{
	for (unsigned i = 0; i < a->npairs; i++) {
		const struct ablation_pair *p = &a->pair[i];
		char name[96];
		struct figure figure = {
			.a = a,
			.effect = name,
			.kind = "pair",
			.verdict = together_name(p->verdict),
			.value = p->excess.defined ? p->excess.gain : nothing(),
			.share = column_share(a, 1u << p->a | 1u << p->b),
		};

		snprintf(name, sizeof(name), "%s:%s",
			 ablation_factor_name((enum ablation_factor)p->a),
			 ablation_factor_name((enum ablation_factor)p->b));
		fn(arg, &figure);
		if (!p->excess.defined)
			continue;
		figure.verdict = "";
		figure.share = (double)NAN;
		figure.kind = "together";
		figure.value = p->together.gain;
		fn(arg, &figure);
		figure.kind = "ratio";
		figure.value = p->ratio;
		fn(arg, &figure);
	}
}

static void each_share(const struct ablation *a, figure_fn *fn, void *arg)
{
	for (unsigned i = 0; i < a->nshares; i++) {
		const struct ablation_share *share = &a->share[i];

		for (unsigned f = 0; f < FACTORS; f++) {
			char name[160], full[96];
			struct figure figure = {
				.a = a,
				.effect = name,
				.kind = "shapley",
				.verdict = "",
				.value = share->of[f].gain,
				.share = share->of[f].gain.mid / share->total.mid,
			};

			if (!share->of[f].defined)
				continue;
			ablation_set_name(share->full, full, sizeof(full));
			snprintf(name, sizeof(name), "%s/%s",
				 ablation_factor_name((enum ablation_factor)f), full);
			fn(arg, &figure);
		}
	}
}

static void each_rest(const struct ablation *a, figure_fn *fn, void *arg)
{
	const struct {
		const char *name;
		double of;
	} rest[] = {{"between rounds", a->variation.rounds}, {"residual", a->variation.residual}};

	if (a->block.exact || a->block.rounds < 2 || !(a->variation.total > 0))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rest); i++) {
		struct figure figure = {
			.a = a,
			.effect = rest[i].name,
			.kind = "variation",
			.verdict = "",
			.value = nothing(),
			.share = rest[i].of / a->variation.total,
		};

		fn(arg, &figure);
	}
}

static void each_figure(const struct ablation *a, unsigned n, figure_fn *fn, void *arg)
{
	for (unsigned i = 0; i < n; i++) {
		each_effect(&a[i], "alone", a[i].alone, false, fn, arg);
		each_effect(&a[i], "last", a[i].last, false, fn, arg);
		each_effect(&a[i], "average", a[i].average, true, fn, arg);
		each_pair(&a[i], fn, arg);
		each_share(&a[i], fn, arg);
		each_rest(&a[i], fn, arg);
	}
}

static void put_value(FILE *out, double v)
{
	if (isfinite(v))
		fprintf(out, "\t%.6g", v);
	else
		fputc('\t', out);
}

static void put_line(void *arg, const struct figure *f)
{
	const struct cell *c = f->a->block.cell;
	FILE *out = arg;

	fprintf(out, "%s\t%s\t%s", ablation_metric_name(f->a->block.metric), f->effect, f->kind);
	put_value(out, f->value.mid);
	put_value(out, f->value.lo);
	put_value(out, f->value.hi);
	put_value(out, f->share);
	fprintf(out, "\t%s\t%s\t%u\t%u\t%u\t%s\n", f->verdict, direction_name(c->dir), c->ring_size,
		c->burst, c->payload, place_class_name(f->a->block.place));
}

void ablation_tsv(FILE *out, const struct ablation *a, unsigned n)
{
	fputs("metric\teffect\tkind\tvalue\tlo\thi\tshare\tverdict\tdirection\tring_size\tburst\t"
	      "payload\tclass\n",
	      out);
	each_figure(a, n, put_line, out);
}

static json_t *number(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static void add_object(void *arg, const struct figure *f)
{
	const struct cell *c = f->a->block.cell;

	json_array_append_new(
		arg,
		json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:s, s:I, s:I, s:I, s:s}",
			  "metric", ablation_metric_name(f->a->block.metric), "effect", f->effect,
			  "kind", f->kind, "value", number(f->value.mid), "lo", number(f->value.lo),
			  "hi", number(f->value.hi), "share", number(f->share), "verdict",
			  f->verdict, "direction", direction_name(c->dir), "ring_size",
			  (json_int_t)c->ring_size, "burst", (json_int_t)c->burst, "payload",
			  (json_int_t)c->payload, "class", place_class_name(f->a->block.place)));
}

void ablation_json(FILE *out, const struct session *s, const struct ablation *a, unsigned n)
{
	json_t *rows = json_array();
	json_t *all;

	each_figure(a, n, add_object, rows);
	all = json_pack("{s:s, s:o}", "session", s->path, "effects", rows);
	if (all)
		json_dumpf(all, out, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	fputc('\n', out);
	json_decref(all);
}
