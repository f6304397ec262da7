/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * series.c - a session as series of values.
 */
#include "analysis/series.h"

#include "analysis/alike.h"
#include "analysis/groups.h"
#include "analysis/latency_rows.h"
#include "analysis/lines.h"
#include "session/head.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

/* What is being filled, and room for the figures of a launch or a series, and for a histogram. */
struct filling {
	struct series_set *set;
	double *v;
	struct hist *hist;
};

static void add_value(const struct filling *f, double v, uint64_t buffers)
{
	if (isfinite(v))
		f->set->values[f->set->nvalues++] = (struct series_value){v, buffers};
}

static void add_times(const struct filling *f, const struct series *x)
{
	const struct session *s = f->set->s;

	if (x->cell->pace == PACE_OPEN || session_kind(s) == SESSION_PREDICTED ||
	    (session_is_model(s) && !lines_timed(s)))
		return;
	for (unsigned i = 0; i < s->nsamples;) {
		const uint32_t launch = s->samples[i].launch;
		uint64_t buffers = 0;
		size_t n = 0;

		for (; i < s->nsamples && s->samples[i].launch == launch; i++) {
			if (!sample_in_row(&s->samples[i], x->cell, x->place))
				continue;
			f->v[n++] = sample_ns(&s->samples[i]);
			buffers += s->samples[i].buffers;
		}
		if (n)
			add_value(f, stats_median(f->v, n), buffers);
	}
}

static void add_latencies(const struct filling *f, const struct series *x)
{
	const double percent = latency_points[x->part];

	for (unsigned i = 0; i < f->set->s->ntimed; i++) {
		const struct timed *t = &f->set->s->timed[i];

		if (t->cell != x->cell->id || t->place != x->place ||
		    !hist_solid(t->count, percent))
			continue;
		memset(f->hist, 0, sizeof(*f->hist));
		latency_add(f->hist, t);
		add_value(f, (double)hist_percentile(f->hist, percent), t->count);
	}
}

static void add_predicted(const struct filling *f, const struct series *x)
{
	for (unsigned i = 0; i < f->set->s->npredictions; i++) {
		const struct prediction *p = &f->set->s->predictions[i];

		if (p->cell == x->cell->id && p->place == x->place)
			add_value(f, p->ns[x->part], 1);
	}
}

/* Of a session of `explore`; NULL: of another, or nothing was found of the cell. */
static const struct explored_ring *explored_of(const struct session *s, const struct cell *cell)
{
	for_each (r, s->explored, s->nexplored) {
		if (r->cell == cell->id)
			return r;
	}
	return NULL;
}

static void add_lines(const struct filling *f, const struct series *x)
{
	const struct cell_counts *c = lines_of(f->set->s, x->cell);
	const struct explored_ring *e = explored_of(f->set->s, x->cell);

	if (e)
		add_value(f, x->kind == SERIES_TRANSFERS ? explored_transfers(e) : e->upgrades, 1);
	else if (c)
		add_value(
			f,
			lines_in_all(c, x->kind == SERIES_TRANSFERS ? coh_transfers : coh_upgrades),
			c->buffers);
}

static void add_instructions(const struct filling *f, const struct series *x)
{
	const struct cell_instructions *c = instructions_of(f->set->s, x->cell);

	if (c)
		add_value(f, x->part ? c->dev : c->drv, 1);
}

/* How a kind is filled, for how many parts, and whether it has classes. */
static const struct {
	void (*add)(const struct filling *f, const struct series *x);
	unsigned parts, classes;
} kinds[SERIES_KINDS] = {
	[SERIES_NS] = {add_times, 1, CLASS_COUNT},
	[SERIES_LATENCY] = {add_latencies, LATENCY_POINTS, CLASS_COUNT},
	[SERIES_PREDICTED] = {add_predicted, MODEL_BOUNDS, CLASS_COUNT},
	[SERIES_TRANSFERS] = {add_lines, 1, 1},
	[SERIES_UPGRADES] = {add_lines, 1, 1},
	[SERIES_INSTRUCTIONS] = {add_instructions, 2, 1},
};

static void fill(const struct filling *f)
{
	struct series_set *set = f->set;

	for (unsigned k = 0; k < SERIES_KINDS; k++) {
		const unsigned each = kinds[k].parts * kinds[k].classes;

		for (unsigned i = 0; i < set->s->ncells * each; i++) {
			struct series *x = &set->v[set->n];

			*x = (struct series){
				.cell = &set->s->cells[i / each],
				.place = (enum place_class)(i % kinds[k].classes),
				.kind = (enum series_kind)k,
				.part = i % each / kinds[k].classes,
				.values = set->values + set->nvalues,
			};
			kinds[k].add(f, x);
			x->n = (unsigned)(set->values + set->nvalues - x->values);
			for (unsigned j = 0; j < x->n; j++)
				f->v[j] = x->values[j].v;
			x->median = stats_median(f->v, x->n);
			set->n += x->n > 0;
		}
	}
}

int series_make(const struct session *s, struct series_set *out, struct vrb_err *err)
{
	const size_t room = (size_t)s->nsamples + s->ntimed + s->npredictions + 1;
	struct filling f = {.set = out};
	struct owned *a = &out->memory;
	size_t most = 0;

	for (unsigned k = 0; k < SERIES_KINDS; k++)
		most += (size_t)kinds[k].parts * kinds[k].classes;
	*out = (struct series_set){.s = s};
	f.v = owned_get(a, room, sizeof(*f.v));
	f.hist = owned_get(a, 1, sizeof(*f.hist));
	out->v = owned_get(a, s->ncells * most + 1, sizeof(*out->v));
	/* a sample is in one series, a histogram in one for each percentile; the rest has one value */
	out->values = owned_get(a,
				(size_t)s->nsamples + (size_t)s->ntimed * LATENCY_POINTS +
					(size_t)s->npredictions * MODEL_BOUNDS +
					(size_t)s->ncells * 4 + 1,
				sizeof(*out->values));
	if (a->failed) {
		series_free(out);
		return vrb_fail(err, ENOMEM, "no memory for the figures of %u cells", s->ncells);
	}
	fill(&f);
	return 0;
}

void series_free(struct series_set *set)
{
	owned_free(&set->memory);
	*set = (struct series_set){0};
}

/* ---- labels ---- */

struct labels {
	struct series_label *v;
	unsigned n;
};

/* One that is there already is not said twice: a sweep over bursts has them in its cells, too. */
static void __attribute__((format(printf, 3, 4)))
add(struct labels *l, const char *key, const char *fmt, ...)
{
	struct series_label *to = &l->v[l->n];
	va_list args;

	if (l->n == SERIES_LABELS)
		return;
	snprintf(to->key, sizeof(to->key), "%s", key);
	for (char *c = to->key; *c; c++)
		*c = *c == '-' ? '_' : *c;
	for (unsigned i = 0; i < l->n; i++) {
		if (!strcmp(l->v[i].key, to->key))
			return;
	}
	va_start(args, fmt);
	vsnprintf(to->value, sizeof(to->value), fmt, args);
	va_end(args);
	l->n++;
}

static void add_cell(struct labels *l, const struct session *s, const struct cell *c)
{
	char words[BURST_WORDS], value[32];
	const char *key;
	size_t at = 0;

	add(l, "variant", "%s", c->variant);
	add(l, "direction", "%s", direction_name(c->dir));
	add(l, "ring_size", "%u", c->ring_size);
	add(l, "burst", "%s", cell_burst_words(c, words));
	add(l, "payload", "%u", c->payload);
	if (c->pace != PACE_FULL)
		add(l, "pace", "%s", pace_name(c->pace));
	if (c->pace == PACE_OPEN)
		add(l, "rate", "%llu", (unsigned long long)c->rate);
	for (unsigned p = 0; p < CELL_PARAMS; p++) {
		if (c->params[p].name)
			add(l, c->params[p].name, "%s", c->params[p].value);
	}
	while (alike_unusual(s, &at, &key, value, sizeof(value)))
		add(l, key, "%s", value);
}

/* Of what a kind has beside its cell. */
static void add_kind(struct labels *l, const struct session *s, const struct series *x)
{
	char words[320];

	switch (x->kind) {
	case SERIES_LATENCY:
		add(l, "percentile", "%g", latency_points[x->part]);
		break;
	case SERIES_PREDICTED:
		add(l, "machine", "%s", head_string(s, "prediction", "machine"));
		add(l, "bound", "%s", model_bound_name(x->part));
		lines_prediction_words(s, words, sizeof(words));
		add(l, "model", "%s", words);
		break;
	case SERIES_INSTRUCTIONS:
		add(l, "side", "%s", side_name(x->part));
		if (*instructions_of(s, x->cell)->simd)
			add(l, "vector_path", "%s", instructions_of(s, x->cell)->simd);
		return;
	case SERIES_TRANSFERS:
	case SERIES_UPGRADES:
		alike_model(s, lines_of(s, x->cell), words, sizeof(words));
		add(l, "model", "%s", words);
		return;
	default:
		break;
	}
	if (session_is_model(s)) {
		lines_model_words(s, words, sizeof(words));
		add(l, "model", "%s", words);
	} else {
		add(l, "engine", "%s", head_string(s, NULL, "engine"));
	}
	if (x->place != CLASS_NONE)
		add(l, "class", "%s", place_class_name(x->place));
}

unsigned series_labels(const struct session *s, const struct series *x, struct series_label *out)
{
	struct labels l = {out, 0};

	add_cell(&l, s, x->cell);
	add_kind(&l, s, x);
	return l.n;
}
